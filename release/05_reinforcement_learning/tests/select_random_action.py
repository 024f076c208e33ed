import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, over_keys, run

OK_FORMAT = False
name = "select_random_action"

DRAWS = 20_000


def actions(select_random_action, count, seed):
    """One action for each of many keys."""
    return np.asarray(run(over_keys(select_random_action, DRAWS), jax.random.key(seed), count))


def frequencies(drawn, count):
    """How often each action comes; the first and last entry are draws that are no action."""
    assert drawn.shape == (DRAWS,), f"one draw has the shape {drawn.shape[1:]}, not ()"
    assert drawn.dtype.kind == "i", f"an action is an integer, yours is {drawn.dtype}"
    return np.bincount(np.clip(drawn, -1, count) + 1, minlength=count + 2) / DRAWS


@test_case(name="five actions, a fifth each", points=0)
def five_actions(select_random_action):
    expect(frequencies(actions(select_random_action, 5, 1), 5), rtol=0, atol=0.02)
