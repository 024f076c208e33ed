from collections import namedtuple

import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "random_policy_search_learn"

Params = namedtuple("ParamsContainer", "current best")
current = np.array([0.5, -1.0, 1.5, 0.25], np.float32)
best = np.array([-0.75, 1.25, 0.5, -2.0], np.float32)


def kept(learn, state, memory, current=current, best=best):
    """What is kept of one step: the best weights and the best mean return."""
    params = Params(jnp.asarray(current), jnp.asarray(best))
    numbers = jnp.array(state, jnp.float32), jnp.array(memory, jnp.float32)
    pair = learn(jax.random.key(0), params, *numbers)
    assert isinstance(pair, tuple | list) and len(pair) == 2 and hasattr(pair[0], "best"), (
        "a ParamsContainer and a state should come back"
    )
    return {"best": pair[0].best, "state": pair[1]}


def spread_of_fresh(learn, memory, seed, shape=(500, 4)):
    """The quarters of the new candidate's entries, where 3 was tried and -3 was best; and how many differ."""

    def fresh(key, memory):
        params = Params(jnp.full(shape, 3.0), jnp.full(shape, -3.0))
        return learn(key, params, jnp.array(30.0), memory)[0].current

    weights = np.asarray(run(fresh, jax.random.key(seed), np.float32(memory)))
    quarters = np.quantile(weights, [0.0, 0.25, 0.5, 0.75, 1.0])
    return np.array([*quarters, len(np.unique(weights)) / weights.size])


@test_case(name="50 beats 30", points=0)
def better(random_policy_search_learn):
    expect(kept(random_policy_search_learn, 30, 50))


@test_case(name="20 doesn't", points=0)
def worse(random_policy_search_learn):
    expect(kept(random_policy_search_learn, 30, 20))


@test_case(name="the very first return, then a tie, then losses", points=0)
def other_returns(random_policy_search_learn):
    rows = np.asarray(normal(1, 2, 3))
    pairs = (-np.inf, 12), (12, 12), (-40, -39.5), (-40, -44)
    expect([kept(random_policy_search_learn, *pair, *rows) for pair in pairs])


@test_case(name="a new candidate each time, wherever the old ones are", points=0)
def fresh_candidates(random_policy_search_learn):
    returns = (50.0, 20.0, 30.0)
    expect(
        [spread_of_fresh(random_policy_search_learn, x, n) for n, x in enumerate(returns)],
        atol=0.2,
    )


@test_case(name="under jit, and the key decides", points=0)
def compiled(random_policy_search_learn):
    @jax.jit
    def step(keys, memory):
        params = Params(jnp.asarray(current), jnp.asarray(best))
        results = [random_policy_search_learn(k, params, jnp.array(30.0), memory) for k in keys]
        (one, state), (other, _) = results
        return {"best": one.best, "state": state, "differ": (one.current != other.current).sum()}

    expect([run(step, jax.random.split(jax.random.key(5)), np.float32(x)) for x in (31.5, 29.5)])
