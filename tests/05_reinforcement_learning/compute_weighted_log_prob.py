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


# --- hidden: nothing below this line is released ---


@test_case(name="what is sure, and what is very unlikely", points=0.25, hidden=True)
def extremes(compute_weighted_log_prob):
    extreme = np.array([1.0, 1e-30, 1e-6, 0.999], np.float32)
    expect(run(compute_weighted_log_prob, extreme, returns))


@test_case(name="every probability with every return", points=0.25, hidden=True)
def broadcast(compute_weighted_log_prob):
    expect(run(compute_weighted_log_prob, probs[:3, None], returns))


@test_case(name="the slope is the return over the probability", points=0.5, hidden=True)
def slope(compute_weighted_log_prob):
    expect(run(jax.vmap(jax.value_and_grad(compute_weighted_log_prob)), probs, returns))
