import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "compute_advantages"

# three episodes of 5, 2 and 4 steps
mask = np.arange(5) < np.array([[5], [2], [4]])
to_go, baseline = 3 * np.asarray(normal(1, 3, 5)) + 4, 2 * np.asarray(normal(2, 3, 5))


@test_case(name="advantages 1, 3 and 5: mean 3, deviation 1.633", points=0)
def worked_number(compute_advantages):
    to_go = np.array([[2.0, 4.0, 0], [7.0, 0, 0], [0, 0, 0]], np.float32)
    baseline = np.array([[1.0, 1.0, 0], [2.0, 0, 0], [0, 0, 0]], np.float32)
    took_place = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0]], bool)
    result = run(compute_advantages, to_go, baseline, took_place)
    assert np.shape(result) == (3, 3), f"(3, 3) went in, {np.shape(result)} came out"
    expect(result)


@test_case(name="a batch in which every step took place", points=0)
def no_padding(compute_advantages):
    expect(run(compute_advantages, to_go, baseline, np.ones((3, 5), bool)))
