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
