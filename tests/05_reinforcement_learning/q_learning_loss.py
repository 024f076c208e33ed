import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, integers, normal, run

OK_FORMAT = False
name = "q_learning_loss"

values = np.array([1.0, 2.5, -0.5], np.float32)
next_values = np.array([0.5, -1.0, 3.0], np.float32)


def loss_and_slopes(
    loss, action, reward, done, values=values, next_values=next_values, discount=0.5
):
    """The loss, its gradient with respect to the values, and to those of the next state."""

    def of(q, q_next, action, reward, done):
        return loss(q, action, reward, done, q_next, discount)

    numbers = np.int32(action), np.float32(reward), np.float32(done)
    return run(jax.value_and_grad(of, argnums=(0, 1)), values, next_values, *numbers)


@test_case(name="values 1 and 2, target 2.5", points=0)
def worked_number(q_learning_loss):
    q, q_next = np.array([1.0, 2.0], np.float32), np.array([0.0, 3.0], np.float32)
    expect(loss_and_slopes(q_learning_loss, 0, 1.0, 0, q, q_next)[0])


@test_case(name="each action moves its own value only", points=0)
def each_action(q_learning_loss):
    expect([loss_and_slopes(q_learning_loss, a, 1.0, 0)[1][0] for a in range(3)])


@test_case(name="the last step of an episode, another discount, next values below zero", points=0)
def ended(q_learning_loss):
    cases = (1, 2.0, 1, 0.5), (0, -1.0, 0, 0.9), (2, 0.75, 1, 0.9)
    expect([loss_and_slopes(q_learning_loss, *c[:3], discount=c[3])[0] for c in cases])
    costs = np.array([-3.0, -1.5, -2.0], np.float32)  # nothing good can follow
    expect(loss_and_slopes(q_learning_loss, 1, 0.5, 0, values, costs)[0])


@test_case(name="no gradient flows through the target", points=0)
def data(q_learning_loss):
    expect([loss_and_slopes(q_learning_loss, a, 1.5, 0)[1] for a in (0, 2)])


@test_case(name="a batch under jit and vmap, with its slopes", points=0)
def batched(q_learning_loss):
    done = np.array([False, True, False, True])
    inputs = normal(7, 4, 5), integers(8, 0, 5, 4), normal(9, 4), done, normal(10, 4, 5)
    expect(run(jax.jit(jax.vmap(jax.value_and_grad(q_learning_loss))), *inputs))


# --- hidden: nothing below this line is released ---


@test_case(name="every action, with its slopes", points=0.5, hidden=True)
def slopes(q_learning_loss):
    expect([loss_and_slopes(q_learning_loss, a, -2.0, 0) for a in range(3)])


@test_case(name="the last step of an episode", points=0.5, hidden=True)
def last_step(q_learning_loss):
    expect([loss_and_slopes(q_learning_loss, a, 1.25, 1) for a in range(3)])


@test_case(name="five actions, values far from the target", points=0.5, hidden=True)
def five_values(q_learning_loss):
    q, q_next = 4 * np.asarray(normal(1, 5)), 4 * np.asarray(normal(2, 5))
    expect([loss_and_slopes(q_learning_loss, a, 0.5, 0, q, q_next, 0.8) for a in (1, 4)])
    expect(loss_and_slopes(q_learning_loss, 2, -0.5, 0, q, -1 - np.abs(q_next), 0.9))


@test_case(name="a batch under jit and vmap, without a discount", points=0.5, hidden=True)
def batch(q_learning_loss):
    done = np.array([True, False, False, True, False, False])
    inputs = normal(3, 6, 4), integers(4, 0, 4, 6), normal(5, 6), done, normal(6, 6, 4)
    expect(run(jax.jit(jax.vmap(q_learning_loss)), *inputs))
