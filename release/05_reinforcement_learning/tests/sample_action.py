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
    assert drawn.shape == (DRAWS,), f"one draw has the shape {drawn.shape[1:]}, not ()"
    assert drawn.dtype.kind == "i", f"an action is an integer, yours is {drawn.dtype}"
    return np.bincount(np.clip(drawn, -1, len(logits)) + 1, minlength=len(logits) + 2) / DRAWS


@test_case(name="half of all draws are action 0", points=0)
def worked_number(sample_action):
    expect(frequencies(sample_action, [np.log(2), 0, 0], 1), rtol=0, atol=0.02)


@test_case(name="probabilities 0.2, 0.5 and 0.3", points=0)
def three_actions(sample_action):
    expect(frequencies(sample_action, three, 2), rtol=0, atol=0.02)
