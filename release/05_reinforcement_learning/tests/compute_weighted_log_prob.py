import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, run

OK_FORMAT = False
name = "compute_weighted_log_prob"

probs = np.array([0.1, 0.9, 0.35, 0.62], np.float32)
returns = np.array([2.0, -3.0, 0.5, 10.0], np.float32)


@test_case(name="p = 0.5 and a return of 2", points=0)
def worked_number(compute_weighted_log_prob):
    expect(run(compute_weighted_log_prob, np.float32(0.5), np.float32(2.0)))


@test_case(name="four actions at once", points=0)
def entry_by_entry(compute_weighted_log_prob):
    expect(run(compute_weighted_log_prob, probs, returns))


@test_case(name="each of three probabilities with each of two returns", points=0)
def broadcasting(compute_weighted_log_prob):
    expect(run(compute_weighted_log_prob, probs[:3, None], np.array([4.0, -1.5], np.float32)))


@test_case(name="certain, and next to impossible", points=0)
def far_ends(compute_weighted_log_prob):
    ends, pay = np.array([1.0, 1e-20, 1e-20], np.float32), np.array([3.0, 4.0, -5.0], np.float32)
    expect(run(compute_weighted_log_prob, ends, pay))


@test_case(
    name="the slope with respect to a probability of 0.25 is four times the return", points=0
)
def slope_of_one(compute_weighted_log_prob):
    slopes = jax.jit(jax.vmap(jax.grad(compute_weighted_log_prob)))
    expect(run(slopes, np.array([0.25, 0.8], np.float32), np.array([3.0, -2.0], np.float32)))
