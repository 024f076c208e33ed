import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, over_keys, run

OK_FORMAT = False
name = "sample_action"

DRAWS = 20_000
three, five = np.log([0.2, 0.5, 0.3]), np.array([1.5, -0.5, 0.3, -2.0, 1.0])


def actions(sample_action, logits, seed):
    """One action for each of many keys."""
    logits = np.asarray(logits, np.float32)
    return np.asarray(run(over_keys(sample_action, DRAWS), jax.random.key(seed), logits))


def frequencies(sample_action, logits, seed):
    """How often each action comes; entries beyond are draws that are no action."""
    drawn = actions(sample_action, logits, seed)
    assert drawn.dtype != object, "None came back: is there a return?"
    assert drawn.shape == (DRAWS,), f"one draw has the shape {drawn.shape[1:]}, not ()"
    assert drawn.dtype.kind == "i", f"an action is an integer, yours is {drawn.dtype}"
    return np.bincount(np.clip(drawn, -1, len(logits)) + 1, minlength=len(logits) + 2) / DRAWS


@test_case(name="half of all draws are action 0", points=0)
def worked_number(sample_action):
    expect(frequencies(sample_action, [np.log(2), 0, 0], 1), rtol=0, atol=0.02)


@test_case(name="probabilities 0.2, 0.5 and 0.3", points=0)
def three_actions(sample_action):
    expect(frequencies(sample_action, three, 2), rtol=0, atol=0.02)


@test_case(name="two actions, one that never comes, and large logits", points=0)
def other_logits(sample_action):
    for seed, logits in enumerate(([1.0, 0.0], [-np.inf, 0.0, 0.5, 1.0], [120.0, 119.0, 121.0])):
        expect(frequencies(sample_action, logits, 20 + seed), rtol=0, atol=0.02)


@test_case(name="one key, one action, and each key is used once", points=0)
def one_key_one_action(sample_action):
    once, again, other = (actions(sample_action, [0.5, 0.0], seed) for seed in (17, 17, 18))
    with jax.debug_key_reuse(True):
        run(sample_action, jax.random.key(19), np.array([0.5, 0.0, 1.0], np.float32))
    expect([np.mean(once == again), np.mean(once == other)], rtol=0, atol=0.02)


@test_case(name="logits that differ from draw to draw, under jit and vmap", points=0)
def batched(sample_action):
    logits = np.repeat(np.log([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]]).astype(np.float32), 5000, axis=0)
    keys = jax.random.split(jax.random.key(16), len(logits))
    drawn = np.asarray(run(jax.jit(jax.vmap(sample_action)), keys, logits)).reshape(2, -1)
    expect([(drawn == a).mean(axis=1) for a in range(3)], rtol=0, atol=0.03)
