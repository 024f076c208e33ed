import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, run

OK_FORMAT = False
name = "select_random_action"

DRAWS = 20_000


def actions(select_random_action, count, *seeds):
    """For each seed one action for each of many keys."""

    def draw(key):
        return jax.vmap(lambda k: select_random_action(k, count))(jax.random.split(key, DRAWS))

    keys = jnp.stack([jax.random.key(seed) for seed in seeds])
    return np.asarray(run(jax.vmap(draw), keys))


def frequencies(drawn, count):
    """How often each action comes; the first and last entry are draws that are no action."""
    assert drawn.shape == (DRAWS,), f"one draw has the shape {drawn.shape[1:]}, not ()"
    assert drawn.dtype.kind == "i", f"an action is an integer, yours is {drawn.dtype}"
    return np.bincount(np.clip(drawn, -1, count) + 1, minlength=count + 2) / DRAWS


@test_case(name="five actions, a fifth each", points=0)
def five_actions(select_random_action):
    expect(frequencies(actions(select_random_action, 5, 1)[0], 5), rtol=0, atol=0.02)


# --- hidden: nothing below this line is released ---


@test_case(name="two actions, and three", points=0.5, hidden=True)
def two_and_three(select_random_action):
    for count in (2, 3):
        expect(
            frequencies(actions(select_random_action, count, count)[0], count), rtol=0, atol=0.02
        )


@test_case(name="the number of actions is known late", points=0.25, hidden=True)
def traced(select_random_action):
    def draw(key, count):
        return jax.vmap(lambda k: select_random_action(k, count))(jax.random.split(key, DRAWS))

    drawn = jax.jit(draw)(jax.random.key(4), jnp.asarray(5))
    expect(frequencies(np.asarray(drawn), 5), rtol=0, atol=0.02)


@test_case(name="the same key gives the same action, and is used once", points=0.25, hidden=True)
def same_key(select_random_action):
    once, again, other = actions(select_random_action, 3, 7, 7, 8)
    with jax.debug_key_reuse(True):
        select_random_action(jax.random.key(9), 3)
    pairs = [np.histogram2d(once, x, bins=3, range=[(0, 3)] * 2)[0] / DRAWS for x in (again, other)]
    expect(jnp.asarray(pairs), rtol=0, atol=0.02)
