import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "compute_double_q_target"

online, target = np.array([1.0, 4.0, 2.0], np.float32), np.array([5.0, 3.0, 6.0], np.float32)


def double(f, reward, done, online, target, discount):
    numbers = np.float32(reward), np.asarray(done)
    arrays = np.asarray(online, np.float32), np.asarray(target, np.float32)
    return run(lambda r, d, q, p: f(r, d, q, p, discount), *numbers, *arrays)


@test_case(name="action 1 is chosen and worth 3", points=0)
def worked_number(compute_double_q_target):
    expect(double(compute_double_q_target, 1, False, online, target, 0.5))


@test_case(name="nothing follows the end", points=0)
def terminated(compute_double_q_target):
    expect(double(compute_double_q_target, 1.5, True, online, target, 0.5))


@test_case(name="five actions, some values below zero; no discount by default", points=0)
def five_actions(compute_double_q_target):
    one = np.array([-1.0, -3.0, -0.5, -2.0, -4.0], np.float32)
    other = np.array([-6.0, 1.0, -2.5, 0.5, 3.0], np.float32)
    expect([run(compute_double_q_target, np.float32(-1.5), d, one, other) for d in (0, True)])


@test_case(name="no gradient flows into either network", points=0)
def data(compute_double_q_target):
    def doubled(q, p):
        return 2 * compute_double_q_target(0.75, False, q, p, 0.8)

    expect(run(jax.value_and_grad(doubled, argnums=(0, 1)), online, target))


@test_case(name="a batch under jit and vmap, done as booleans and as numbers", points=0)
def batched(compute_double_q_target):
    batch_of = jax.jit(jax.vmap(lambda r, d, q, p: compute_double_q_target(r, d, q, p, 0.6)))
    done = np.array([True, False, False])
    for kind in (bool, np.float32, np.int32):
        expect(run(batch_of, normal(5, 3), done.astype(kind), normal(6, 3, 4), normal(7, 3, 4)))
