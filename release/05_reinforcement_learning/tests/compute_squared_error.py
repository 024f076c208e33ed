import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, run

OK_FORMAT = False
name = "compute_squared_error"

pred = np.array([1.0, -2.0, 0.5, 4.0], np.float32)
target = np.array([4.0, 1.5, 0.25, -1.0], np.float32)


@test_case(name="1 and 4 are 9 apart, squared", points=0)
def worked_number(compute_squared_error):
    expect(run(compute_squared_error, np.float32(1), np.float32(4)))


@test_case(name="entry by entry, above and below the target", points=0)
def entries(compute_squared_error):
    expect(run(compute_squared_error, pred, target))


@test_case(name="large differences, and none at all", points=0)
def large(compute_squared_error):
    one, other = np.array([30.0, -2.0, 7.5], np.float32), np.array([-20.0, -2.0, 8.0], np.float32)
    expect(run(compute_squared_error, one, other))


@test_case(name="each of three predictions with each of two targets", points=0)
def broadcasting(compute_squared_error):
    expect(run(compute_squared_error, pred[:3, None], target[:2]))


@test_case(name="under jit and vmap, with the slope", points=0)
def compiled(compute_squared_error):
    slopes = jax.jit(jax.vmap(jax.value_and_grad(compute_squared_error)))
    expect(run(slopes, pred[1:], target[:3]))
