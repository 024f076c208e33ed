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


@test_case(name="a corridor whose last step pays 8", points=0)
def short_corridor(value_iteration):
    result = solved(value_iteration, corridor(5, 8.0), gamma=0.5)
    assert isinstance(result, tuple | list) and len(result) == 3, (
        "values, policy and number of sweeps should come back"
    )
    values, policy = result[:2]
    assert np.shape(values) == (5,), f"five states have five values, not {np.shape(values)}"
    expect({"V": values, "policy before the end": policy[:4]}, **NEAR)


@test_case(name="the frozen lake: the start is worth 0.542", points=0)
def lake(value_iteration, model_arrays):
    world = model_arrays(gym.make("FrozenLake-v1", map_name="4x4", is_slippery=True))
    expect(solved(value_iteration, world)[0], **NEAR)
