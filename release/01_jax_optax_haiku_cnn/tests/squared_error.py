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
