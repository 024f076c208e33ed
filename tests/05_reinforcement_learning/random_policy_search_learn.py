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


# --- hidden: nothing below this line is released ---


@test_case(name="a tie changes nothing", points=0.25, hidden=True)
def tie(random_policy_search_learn):
    expect(kept(random_policy_search_learn, 31, 31))


@test_case(name="the first return beats minus infinity", points=0.25, hidden=True)
def first(random_policy_search_learn):
    expect(kept(random_policy_search_learn, -np.inf, 9.5))


@test_case(name="returns below zero", points=0.25, hidden=True)
def negative(random_policy_search_learn):
    expect([kept(random_policy_search_learn, -70, x) for x in (-60, -80)])


@test_case(name="there is always something new to try", points=0.5, hidden=True)
def something_new(random_policy_search_learn):
    def fresh(key, memory):
        params = Params(jnp.zeros((500, 4)), jnp.zeros((500, 4)))
        return random_policy_search_learn(key, params, jnp.array(30.0), memory)[0].current

    for memory in (50.0, 20.0, 30.0):
        weights = run(fresh, jax.random.key(int(memory)), np.float32(memory))
        quarters = np.quantile(np.asarray(weights), [0.0, 0.25, 0.5, 0.75, 1.0])
        expect(quarters, atol=0.3)


@test_case(
    name="sixty candidates under jit, for a cart whose motor is wired the wrong way round",
    points=0.75,
    hidden=True,
)
def whole_search(random_policy_search_learn):
    import cartpole

    def one(carry, key):
        params, state = carry
        act = lambda _, obs: (jnp.dot(params.current, obs) < 0).astype(int)  # noqa: E731
        memory = cartpole.returns(act, jax.random.key(1), 4, steps=120).mean()
        learned, state = random_policy_search_learn(key, params, state, memory)
        return (Params(*learned), state), (params.current, memory)

    start = Params(jnp.zeros(4), jnp.zeros(4)), jnp.array(-jnp.inf)
    search = jax.jit(lambda keys: jax.lax.scan(one, start, keys))
    ((_, best), _), (tried, returns) = search(jax.random.split(jax.random.key(8), 60))
    expect({"tried": tried, "returns": returns, "best": best}, judge="search_found_balance")
