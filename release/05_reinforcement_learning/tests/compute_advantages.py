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
    to_go = np.array([[2.0, 4.0, 9], [7.0, 8, 0], [5, 0, 0]], np.float32)
    baseline = np.array([[1.0, 1.0, 0], [2.0, 0, 6], [0, 3, 0]], np.float32)
    took_place = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0]], bool)
    result = run(compute_advantages, to_go, baseline, took_place)
    assert np.shape(result) == (3, 3), f"(3, 3) went in, {np.shape(result)} came out"
    expect(result)


@test_case(name="a batch in which every step took place", points=0)
def no_padding(compute_advantages):
    expect(run(compute_advantages, to_go, baseline, np.ones((3, 5), bool)))


@test_case(name="steps that are missing in between, and an epsilon of 2", points=0)
def other_epsilon(compute_advantages):
    holes = np.array([[0, 1, 1, 0], [1, 0, 1, 1]], bool)
    given = np.asarray(normal(4, 2, 4)), np.asarray(normal(5, 2, 4)), holes
    expect(run(lambda *x: compute_advantages(*x, eps=2.0), *given))
    tiny = 1e-6 * given[0], 1e-6 * given[1], holes  # where the usual epsilon shows, too
    expect(run(compute_advantages, *tiny))


@test_case(name="equal advantages, and a batch in which nothing took place", points=0)
def nothing_to_compare(compute_advantages):
    equal = run(compute_advantages, baseline * 0 + 5, baseline * 0 + 1.5, np.ones((3, 5), bool))
    nothing = run(compute_advantages, to_go, baseline, np.zeros((3, 5), bool))
    one = run(compute_advantages, to_go, baseline, np.eye(3, 5, dtype=bool)[:, ::-1])
    expect(jnp.stack([equal, nothing, one]), atol=1e-4)


@test_case(name="seven advantages of 0.1, eleven of 0.3", points=0)
def equal_to_rounding(compute_advantages):
    for count, value in ((7, 0.1), (11, 0.3)):
        to_go = np.full((1, count), value, np.float32)
        given = to_go, 0 * to_go, np.ones((1, count), bool)
        expect(run(compute_advantages, *given), atol=1e-3)
    held = np.full((3, 5), 57.3, np.float32), np.full((3, 5), 12.1, np.float32), mask
    expect(run(compute_advantages, *held), atol=1e-3)


@test_case(name="large numbers in the padding, and advantages near 1000", points=0)
def large_numbers(compute_advantages):
    filled = np.where(mask, to_go, 1e5).astype(np.float32)
    expect(run(compute_advantages, filled, np.where(mask, baseline, -1e4), mask))
    expect(run(compute_advantages, to_go[:2] + 1000, baseline[:2], mask[:2]), rtol=1e-3, atol=1e-3)


@test_case(name="under jit, with a mask of numbers, and no gradient for the baseline", points=0)
def compiled(compute_advantages):
    weights = np.asarray(normal(6, 3, 5))

    @jax.jit
    def score(baseline, mask):
        return (compute_advantages(to_go, baseline, mask) * weights).sum()

    for kind in (np.float32, np.int32):
        expect(run(jax.value_and_grad(score), baseline, mask.astype(kind)))
