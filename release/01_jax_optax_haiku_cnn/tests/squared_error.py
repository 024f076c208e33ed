import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "squared_error"

x, y = np.array([-1.5, 0.25, 2, 3], np.float32), np.array([2, -1, 0.5, 4], np.float32)


@test_case(name="one point", points=0)
def one_point(squared_error):
    expect(squared_error(0.5, 2.0, 3.0, 4.0))


@test_case(name="four points, four squares", points=0)
def four_points(squared_error):
    squares = run(squared_error, 0.5, 2.0, x, y)
    assert np.shape(squares) == (4,), (
        f"one number for each of the 4 points is wanted, yours has the shape {np.shape(squares)}"
    )
    expect(squares)


@test_case(name="two lines and four points", points=0)
def two_lines(squared_error):
    b, w = np.array([[0.5], [-2]], np.float32), np.array([[2], [0.25]], np.float32)
    squares = run(squared_error, b, w, x, y)
    assert np.shape(squares) == (2, 4), (
        f"2 lines and 4 points should give the shape (2, 4), yours is {np.shape(squares)}"
    )
    expect(squares)


@test_case(name="a line of its own for each point, and points in a table", points=0)
def own_lines(squared_error):
    b, w = np.array([1, -1, 0.5, 2], np.float32), np.array([3, 0.5, -2, 1], np.float32)
    expect(run(squared_error, b, w, x, y))
    expect(run(squared_error, 0.5, -2.0, x.reshape(2, 2), y.reshape(2, 2)))


@test_case(name="the derivatives by b and by w", points=0)
def slopes_of_total(squared_error):
    def total(b, w):
        return jnp.sum(squared_error(b, w, x, y))

    by_b, by_w = run(jax.grad(total, argnums=(0, 1)), jnp.float32(1), jnp.float32(0.75))
    expect({"by b": by_b, "by w": by_w})
