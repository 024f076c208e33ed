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
    late, _, sweeps = solved(value_iteration, far, gamma=1.0, tol=1.0)
    expect({"sweeps": early, "V": late}, **NEAR)
    costs = solved(value_iteration, corridor(7, -0.5, pays=-0.5), gamma=1.0)
    expect({"sweeps": [sweeps, costs[2]], "V": costs[0]}, **NEAR)
    expect(solved(value_iteration, corridor(5, 3.0))[0], **NEAR)
    limits = {"tol": 0.1}, {"tol": 0.001}, {}
    expect([solved(value_iteration, waiting(2.5), gamma=0.5, **limit)[2] for limit in limits])
    patient = jax.jit(lambda *x: value_iteration(*x, gamma=0.998)[0])
    expect(patient(*(jnp.asarray(x) for x in waiting(0.75))), **NEAR)


@test_case(name="under jit, and one state for itself", points=1, hidden=True)
def compiled(value_iteration):
    P, R, terminal = (jnp.asarray(x) for x in random_world(6))
    one = jnp.ones((1, 2, 1)), jnp.array([[0.5, 2.0]]), jnp.zeros(1, bool)
    solve = jax.jit(lambda *x: value_iteration(*x, gamma=0.75, tol=1e-5)[0])
    expect([solve(P, R, terminal), solve(*one)], **NEAR)
