import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "linear_policy"

weights = np.array([1.0, -2.0, 2.0, -1.0], np.float32)


@test_case(name="the product 0.8 is positive, its opposite isn't", points=0)
def worked_number(linear_policy):
    observation = np.array([0.1, 0.0, 0.2, -0.3], np.float32)
    action = run(linear_policy, weights, observation)
    assert np.shape(action) == (), (
        f"an action is one number, yours has the shape {np.shape(action)}"
    )
    expect([action, run(linear_policy, weights, -observation)])


@test_case(name="all entries count, whatever their signs", points=0)
def mixed_signs(linear_policy):
    observations = np.asarray(normal(1, 6, 4))
    expect([run(linear_policy, weights, observation) for observation in observations])


# --- hidden: nothing below this line is released ---


@test_case(name="other weights, other observations", points=0.25, hidden=True)
def other_numbers(linear_policy):
    observations = np.asarray(normal(2, 7, 4))
    expect([run(linear_policy, np.asarray(normal(3, 4)), o) for o in observations])


@test_case(name="a product of exactly 0 gives 0", points=0.25, hidden=True)
def exactly_zero(linear_policy):
    observations = np.array([[1, 1, 1, 1], [2, 1, 0, 0], [3, 1, 0, 0], [0, 0, 0, 0]], np.float32)
    expect([run(linear_policy, weights, observation) for observation in observations])


@test_case(name="seven numbers in an observation", points=0.25, hidden=True)
def seven_numbers(linear_policy):
    observations = np.asarray(normal(4, 5, 7))
    expect([run(linear_policy, np.asarray(normal(5, 7)), o) for o in observations])


@test_case(name="a batch of observations under jit and vmap", points=0.25, hidden=True)
def batch(linear_policy):
    expect(jax.jit(jax.vmap(linear_policy, (None, 0)))(weights, normal(6, 9, 4)))
