import gymnasium as gym
import jax
import jax.numpy as jnp
import numpy as np
from judges import random_world
from otter.test_files import test_case
from workbook import expect, run

OK_FORMAT = False
name = "value_iteration"

# values may differ by what the tolerance allows, sweeps by the order of updates
NEAR = {"rtol": 1e-3, "atol": 2e-3}


def solved(value_iteration, world, **settings):
    return run(lambda *x: value_iteration(*x, **settings), *(np.asarray(x) for x in world))


def corridor(length, reward, pays=0.0):
    """States in a row; action 0 stays, action 1 goes right. The last one is the end."""
    P, R = np.zeros((length, 2, length), np.float32), np.full((length, 2), pays, np.float32)
    for s in range(length):
        P[s, 0, s] = P[s, 1, min(s + 1, length - 1)] = 1
    R[length - 2, 1] = reward
    return P, R, np.arange(length) == length - 1


def waiting(reward):
    """Three states, each of which goes on for ever, and pays."""
    P = np.stack([np.eye(3, dtype=np.float32)] * 2, axis=1)
    return P, np.array([[0.5, reward]] * 3, np.float32), np.zeros(3, bool)


@test_case(name="a corridor whose last step pays 8", points=0)
def short_corridor(value_iteration):
    result = solved(value_iteration, corridor(5, 8.0), gamma=0.5)
    assert isinstance(result, tuple | list) and len(result) == 3, (
        "values, policy and number of sweeps should come back"
    )
    values, policy, sweeps = result
    assert np.shape(values) == (5,), f"five states have five values, not {np.shape(values)}"
    assert np.shape(policy) == (5,), f"five states have five actions, not {np.shape(policy)}"
    expect({"V": values, "policy before the end": policy[:4], "sweeps": sweeps}, **NEAR)


@test_case(name="the frozen lake: the start is worth 0.542", points=0)
def lake(value_iteration, model_arrays):
    world = model_arrays(gym.make("FrozenLake-v1", map_name="4x4", is_slippery=True))
    expect(solved(value_iteration, world)[0], **NEAR)


@test_case(name="each step costs 1, and nothing costs anything after the end", points=0)
def costly(value_iteration):
    values, policy, sweeps = solved(value_iteration, corridor(4, -1.0, pays=-1.0), gamma=0.9)
    expect({"V": values, "policy before the end": policy[:3], "sweeps": sweeps}, **NEAR)


@test_case(name="it stops after max_sweeps, or at a tolerance of one's own", points=0)
def own_limits(value_iteration):
    limits = {"max_sweeps": 3}, {"tol": 0.3}, {"tol": 0.01}, {}
    found = [solved(value_iteration, waiting(1.0), gamma=0.5, **limit) for limit in limits]
    expect([{"V": values, "sweeps": sweeps} for values, _, sweeps in found], **NEAR)
    patient = solved(value_iteration, waiting(1.0), gamma=0.99)[0]  # more than 1000 sweeps
    expect(patient, **NEAR)


@test_case(name="three states and three actions that may lead anywhere", points=0)
def anywhere(value_iteration):
    values, policy, _ = solved(value_iteration, random_world(8, 3, 3), gamma=0.8)
    expect({"V": values, "policy before the end": policy[:2]}, **NEAR)


@test_case(name="many quiet states and one that still moves", points=0)
def one_moves(value_iteration):
    P, R, terminal = corridor(8, 0.0)
    P[0, 0], R[0, 0] = np.eye(8)[0], 1.0
    expect(solved(value_iteration, (P, R, terminal), gamma=0.9, tol=0.05)[0], **NEAR)


@test_case(name="under jit", points=0)
def traced(value_iteration):
    world = corridor(6, 2.0)
    solve = jax.jit(lambda *x: value_iteration(*x, gamma=0.7))
    values, policy, sweeps = run(solve, *world)
    expect({"V": values, "policy before the end": policy[:5], "sweeps": sweeps}, **NEAR)
