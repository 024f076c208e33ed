from collections import namedtuple

import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, run

OK_FORMAT = False
name = "random_policy_search_learn"

Params = namedtuple("ParamsContainer", "current best")
current = np.array([0.5, -1.0, 1.5, 0.25], np.float32)
best = np.array([-0.75, 1.25, 0.5, -2.0], np.float32)


def learned(learn, state, memory, seed=0):
    """The container and the state after one step."""
    params = Params(jnp.asarray(current), jnp.asarray(best))
    numbers = jnp.array(state, jnp.float32), jnp.array(memory, jnp.float32)
    return learn(jax.random.key(seed), params, *numbers)


def kept(learn, state, memory):
    """What is kept of it: the best weights and the best mean return."""
    params, state = learned(learn, state, memory)
    return {"best": params.best, "state": state}


@test_case(name="50 beats 30", points=0)
def better(random_policy_search_learn):
    expect(kept(random_policy_search_learn, 30, 50))


@test_case(name="20 doesn't", points=0)
def worse(random_policy_search_learn):
    expect(kept(random_policy_search_learn, 30, 20))
