import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, over_keys, run

OK_FORMAT = False
name = "select_random_action"

DRAWS = 20_000


def shares(select_random_action, counts, seed):
    """How often each action comes, for several numbers of actions, each of them a traced value."""
    each = DRAWS // 2
    keys = jax.random.split(jax.random.key(seed), len(counts) * each)
    drawn = run(jax.vmap(select_random_action), keys, np.repeat(np.array(counts, np.int32), each))
    rows = np.asarray(drawn).reshape(len(counts), each)
    return [frequencies(row, count, each) for row, count in zip(rows, counts)]


def actions(select_random_action, count, seed):
    """One action for each of many keys."""
    return np.asarray(run(over_keys(select_random_action, DRAWS), jax.random.key(seed), count))


def frequencies(drawn, count, draws=DRAWS):
    """How often each action comes; the first and last entry are draws that are no action."""
    assert drawn.dtype != object, "None came back: is there a return?"
    assert drawn.shape == (draws,), f"one draw has the shape {drawn.shape[1:]}, not ()"
    assert drawn.dtype.kind == "i", f"an action is an integer, yours is {drawn.dtype}"
    return np.bincount(np.clip(drawn, -1, count) + 1, minlength=count + 2) / draws


@test_case(name="five actions, a fifth each", points=0)
def five_actions(select_random_action):
    expect(frequencies(actions(select_random_action, 5, 1), 5), rtol=0, atol=0.02)


@test_case(name="one key, one action, and each key is used once", points=0)
def one_key_one_action(select_random_action):
    once, again, other = (actions(select_random_action, 4, seed) for seed in (11, 11, 12))
    with jax.debug_key_reuse(True):
        select_random_action(jax.random.key(13), 4)
    expect([np.mean(once == again), np.mean(once == other)], rtol=0, atol=0.02)


@test_case(name="two and six actions, and their number is known late", points=0)
def known_late(select_random_action):
    expect(shares(select_random_action, (2, 6), 14), rtol=0, atol=0.025)
