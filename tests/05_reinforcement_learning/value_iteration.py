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


# --- hidden: nothing below this line is released ---


@test_case(name="a cliff that ends, without a discount", points=0.75, hidden=True)
def cliff_walk(value_iteration, model_arrays):
    world = model_arrays(gym.make("CliffWalking-v1"))
    expect(solved(value_iteration, world, gamma=1.0, max_sweeps=500)[0], **NEAR)


@test_case(name="rewards behind the end are never earned", points=0.75, hidden=True)
def behind_the_end(value_iteration):
    values, policy, _ = solved(value_iteration, corridor(6, 4.0, pays=0.25), gamma=0.9)
    expect({"V": values, "policy": policy[:5]}, **NEAR)


@test_case(name="a world of seven states and three actions: values", points=0.75, hidden=True)
def random_values(value_iteration):
    expect(solved(value_iteration, random_world(3), gamma=0.9, tol=1e-5)[0], **NEAR)


@test_case(name="the policy is worth what the values promise", points=1, hidden=True)
def policy_in_the_world(value_iteration):
    policy = solved(value_iteration, random_world(4), gamma=0.9, tol=1e-5)[1]
    expect(jnp.asarray(policy), judge="worth_in_world_4", rtol=1e-3, atol=2e-3)


@test_case(name="short sighted: a discount of 0", points=0.25, hidden=True)
def short_sighted(value_iteration):
    values, policy, _ = solved(value_iteration, random_world(5), gamma=0.0)
    expect({"V": values, "policy": policy[:6]}, **NEAR)


@test_case(name="it stops when told to, and not before it has converged", points=0.5, hidden=True)
def when_it_stops(value_iteration):
    far = corridor(9, 5.0)
    early = [solved(value_iteration, far, gamma=1.0, max_sweeps=n)[2] for n in (2, 3)]
    late = solved(value_iteration, far, gamma=1.0, tol=1.0)[0]
    expect({"sweeps": early, "V": late}, **NEAR)


@test_case(name="under jit, and one state for itself", points=1, hidden=True)
def compiled(value_iteration):
    P, R, terminal = (jnp.asarray(x) for x in random_world(6))
    one = jnp.ones((1, 2, 1)), jnp.array([[0.5, 2.0]]), jnp.zeros(1, bool)
    solve = jax.jit(lambda *x: value_iteration(*x, gamma=0.75, tol=1e-5)[0])
    expect([solve(P, R, terminal), solve(*one)], **NEAR)
