import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "select_greedy_action"


def chosen(select_greedy_action, *rows):
    return [run(select_greedy_action, np.array(row, np.float32)) for row in rows]


@test_case(name="first, in the middle, last", points=0)
def three_places(select_greedy_action):
    expect(chosen(select_greedy_action, [5, 1, 2, 0], [0.5, 2, 3, -1], [0, 1, 2, 7]))
