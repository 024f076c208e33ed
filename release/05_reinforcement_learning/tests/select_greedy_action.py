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
    first = run(select_greedy_action, np.array([5, 1, 2, 0], np.float32))
    assert np.shape(first) == (), f"an action is one number, yours has the shape {np.shape(first)}"
    expect([first, *chosen(select_greedy_action, [0.5, 2, 3, -1], [0, 1, 2, 7], [1, 4, 2, 3, 0])])


@test_case(name="values below zero, and nearly equal ones", points=0)
def below_zero(select_greedy_action):
    expect(chosen(select_greedy_action, [-9, -2, -3], [-7, 1, -0.5], [2, 2.01, 2.02, 2.005]))


@test_case(name="a tie, for which the lowest index wins", points=0)
def two_alike(select_greedy_action):
    expect(chosen(select_greedy_action, [0.5, 2, 2, -1], [4, 4], [-1, -3, -1, -1]))


@test_case(name="a batch of five values under jit and vmap", points=0)
def compiled(select_greedy_action):
    expect(run(jax.jit(jax.vmap(select_greedy_action)), normal(2, 8, 5)))
