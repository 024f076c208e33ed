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
