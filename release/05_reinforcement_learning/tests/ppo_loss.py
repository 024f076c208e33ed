import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "ppo_loss"

# ratios inside, below and above the clip, each with both signs of the advantage
ratios = np.array([0.5, 0.9, 1.5, 0.5, 0.9, 1.5, 1.1, 1.1], np.float32)
signs = np.array([1, 1, 1, -1, -1, -1, 1, -1], np.float32)
old = np.asarray(normal(1, 8)) - 1.5
new = old + np.log(ratios)
advantages = signs * np.abs(np.asarray(normal(2, 8)) + 0.3)


def losses(ppo_loss, ratio, advantage):
    one = [np.full(1, x, np.float32) for x in (np.log(ratio), 0.0, advantage)]
    return run(ppo_loss, *one)[0]


@test_case(name="ratio 1.5: it paid, it failed", points=0)
def worked_numbers(ppo_loss):
    expect([losses(ppo_loss, 1.5, 1), losses(ppo_loss, 1.5, -1)])


@test_case(name="eight actions, and how far the policy has moved", points=0)
def eight_actions(ppo_loss):
    result = run(ppo_loss, new, old, advantages)
    assert isinstance(result, tuple | list) and len(result) == 2, "a loss and aux should come back"
    loss, aux = result
    assert np.shape(loss) == (), f"a loss is one number, yours has the shape {np.shape(loss)}"
    expect({"loss": loss, "aux": aux})
