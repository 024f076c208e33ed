import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "compute_bellman_target"

next_values = np.array([2.0, 5.0, 3.0], np.float32)


def target(f, reward, done, values, discount):
    return run(lambda r, q, d: f(r, d, q, discount), np.float32(reward), np.float32(values), done)


@test_case(name="reward 1, best next value 5, discount 0.9", points=0)
def worked_number(compute_bellman_target):
    expect(target(compute_bellman_target, 1, np.bool_(False), next_values, 0.9))


@test_case(name="nothing follows the end", points=0)
def terminated(compute_bellman_target):
    expect(target(compute_bellman_target, 1.5, np.float32(1), next_values, 0.9))


@test_case(name="a bad reward, then only bad values", points=0)
def below_zero(compute_bellman_target):
    rows = [-1, -4, -2.5], [-0.5, -3], [6, 1, 2, 4]
    expect([target(compute_bellman_target, -2.5, np.bool_(False), row, 0.5) for row in rows])


@test_case(name="done as a boolean, an integer, a float; no discount by default", points=0)
def kinds(compute_bellman_target):
    flags = (True, False, np.bool_(True), np.int32(1), np.int32(0), np.float32(0))
    expect([compute_bellman_target(4.0, d, next_values) for d in flags])


@test_case(name="a batch under jit and vmap", points=0)
def compiled(compute_bellman_target):
    batched = jax.jit(jax.vmap(lambda r, d, q: compute_bellman_target(r, d, q, 0.8)))
    done = np.array([False, True, False])
    for kind in (bool, np.float32):
        expect(run(batched, normal(3, 3), done.astype(kind), normal(4, 3, 2)))
