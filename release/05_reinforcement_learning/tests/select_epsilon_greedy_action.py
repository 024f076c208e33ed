import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, over_keys, run

OK_FORMAT = False
name = "select_epsilon_greedy_action"

DRAWS = 20_000
two, four = [-1.0, -0.5], [0.5, -2.0, 3.0, 1.0]
five = [1.0, 0.5, -1.0, 0.0, 0.75]


def actions(act, values, t, seed):
    """One action for each of many keys, at time step t, which is traced."""
    values, t = jnp.asarray(values, jnp.float32), jnp.asarray(t)
    return np.asarray(run(over_keys(act, DRAWS), jax.random.key(seed), values, t))


def frequencies(act, values, t, seed):
    """How often each action comes; the first and last entry are draws that are no action."""
    drawn, count = actions(act, values, t, seed), len(values)
    assert drawn.dtype != object, "None came back: is there a return?"
    assert drawn.shape == (DRAWS,), f"one draw has the shape {drawn.shape[1:]}, not ()"
    assert drawn.dtype.kind == "i", f"an action is an integer, yours is {drawn.dtype}"
    return np.bincount(np.clip(drawn, -1, count) + 1, minlength=count + 2) / DRAWS


@test_case(name="at step 1500 the better of two comes in 75 % of the draws", points=0)
def worked_number(select_epsilon_greedy_action):
    expect(frequencies(select_epsilon_greedy_action, two, 1500, 1), rtol=0, atol=0.02)


@test_case(name="late in training: 92.5 % greedy, 2.5 % for each other action", points=0)
def late(select_epsilon_greedy_action):
    expect(frequencies(select_epsilon_greedy_action, four, 100_000, 2), rtol=0, atol=0.015)


@test_case(name="each key is used once", points=0)
def one_key_one_use(select_epsilon_greedy_action):
    with jax.debug_key_reuse(True):
        select_epsilon_greedy_action(jax.random.key(3), jnp.array(four), 1500)
    expect(frequencies(select_epsilon_greedy_action, four, 1500, 4), rtol=0, atol=0.02)


@test_case(
    name="three actions of which the last is best, early, and the same for the same key", points=0
)
def three_actions(select_epsilon_greedy_action):
    values = [0.25, 0.5, 2.0]
    expect(frequencies(select_epsilon_greedy_action, values, 600, 15), rtol=0, atol=0.02)
    once, again, other = (
        actions(select_epsilon_greedy_action, values, 600, seed) for seed in (16, 16, 17)
    )
    expect([np.mean(once == again), np.mean(once == other)], rtol=0, atol=0.02)
