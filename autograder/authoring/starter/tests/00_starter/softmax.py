import jax.numpy as jnp
from otter.test_files import test_case
from workbook import expect, normal, run


@test_case(name="the weights of three rows", points=0)
def three_rows(softmax):
    weights = run(softmax, normal(1, 3, 5))
    assert weights.shape == (3, 5), f"three rows of five scores gave the shape {weights.shape}"
    expect(weights)


@test_case(name="large scores", points=0)
def large_scores(softmax):
    expect(run(softmax, jnp.array([[1000.0, 1001.0], [-1000.0, -1003.0]])))


# --- hidden: nothing below this line is released ---


@test_case(name="more rows than columns", points=1, hidden=True)
def tall(softmax):
    expect(run(softmax, normal(2, 4, 2)))


@test_case(name="scores of ten thousand", points=1, hidden=True)
def very_large_scores(softmax):
    expect(run(softmax, 1e4 * normal(3, 2, 6)), atol=1e-6)
