import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, integers, normal, run

OK_FORMAT = False
name = "policy_gradient_loss"

logits = np.array([0.5, -1.0, 2.0], np.float32)


def value_and_slope(loss, action, logits, reward):
    """The loss, and its gradient with respect to the logits."""
    return run(jax.value_and_grad(loss, argnums=1), np.int32(action), logits, np.float32(reward))


@test_case(name="two equal logits and a reward of 3", points=0)
def worked_number(policy_gradient_loss):
    zeros = np.zeros(2, np.float32)
    loss = run(policy_gradient_loss, np.int32(0), zeros, np.float32(3.0))
    assert np.shape(loss) == (), f"a loss is one number, yours has the shape {np.shape(loss)}"
    expect([loss, *value_and_slope(policy_gradient_loss, 0, zeros, 3.0)])


@test_case(name="three actions, each taken once", points=0)
def three_actions(policy_gradient_loss):
    expect([run(policy_gradient_loss, np.int32(a), logits, np.float32(1.5)) for a in range(3)])


@test_case(name="a reward below zero, and four actions", points=0)
def below_zero(policy_gradient_loss):
    four = np.array([1.0, -0.5, 0.0, 0.25], np.float32)
    expect([value_and_slope(policy_gradient_loss, a, four, -2.0) for a in (0, 3)])


@test_case(name="logits that are 400 apart", points=0)
def hardly_possible(policy_gradient_loss):
    far = np.array([0.0, 400.0, 150.0], np.float32)
    expect([value_and_slope(policy_gradient_loss, a, far, 0.5) for a in range(3)])


@test_case(name="a batch of actions under vmap, with its slopes", points=0)
def batched(policy_gradient_loss):
    slopes = jax.vmap(jax.value_and_grad(policy_gradient_loss, argnums=1))
    expect(run(jax.jit(slopes), integers(4, 0, 5, 3), normal(5, 3, 5), normal(6, 3)))
