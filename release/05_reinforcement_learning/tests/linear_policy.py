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
    observations = np.asarray(normal(1, 9, 4))
    expect([run(linear_policy, weights, observation) for observation in observations])


@test_case(name="other weights: two, three or five of them", points=0)
def other_weights(linear_policy):
    pairs = ([-1, 0.5], [0.3, 1]), ([0.5, 2, -1], [1, 0.25, 3]), ([2, 0, 1, -1, 3], [0, 4, 1, 2, 1])
    expect([run(linear_policy, *np.array(pair, np.float32)) for pair in pairs])


@test_case(name="a product of 0, and one just above", points=0)
def border(linear_policy):
    w = np.array([1.0, -1.0, 0.5], np.float32)
    rows = np.array([[2, 3, 2], [0, 0, 0], [2, 2, 0.01], [2, 2, -0.01]], np.float32)
    expect([run(linear_policy, w, row) for row in rows])


@test_case(name="many observations at once, under jit and vmap", points=0)
def compiled(linear_policy):
    policies, observations = np.asarray(normal(7, 4, 3)), np.asarray(normal(8, 4, 3))
    expect(run(jax.jit(jax.vmap(linear_policy)), policies, observations))
