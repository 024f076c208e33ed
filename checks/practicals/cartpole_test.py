"""Practical 05's copies of CartPole's physics against gymnasium, step by step."""

from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from workbook.key import read_judges

from autograder.authoring.running import imports_from

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parents[2] / "source" / "05_reinforcement_learning"


@pytest.fixture
def cartpole():
    with imports_from(FOLDER):
        import cartpole

        yield cartpole


def test_fifty_random_episodes_are_the_same_in_jax(cartpole):
    difference, flags, steps = cartpole.compare(gym.make("CartPole-v1"), episodes=50)
    assert steps > 500
    assert flags == 0
    assert difference < 1e-5


def test_its_episodes_end_when_the_task_does_and_at_500_steps(cartpole):
    import jax
    import jax.numpy as jnp

    weights = jnp.array([0.3, 0.8, 1.9, 1.2])
    for sign, shortest, longest in ((1, 500, 500), (-1, 5, 60)):
        act = lambda _, obs, s=sign: (s * obs @ weights > 0).astype(int)  # noqa: E731
        returns = np.asarray(cartpole.returns(act, jax.random.key(0), 8))
        assert returns.min() >= shortest
        assert returns.max() <= longest


@pytest.mark.parametrize(
    "weights",
    [
        pytest.param([0.3, 0.8, 1.9, 1.2], id="steady"),
        pytest.param([1.0, -2.0, 2.0, -1.0], id="unsteady"),
        pytest.param([0.0, 0.0, 0.0, 0.0], id="always_left"),
    ],
)
def test_the_judge_plays_as_gymnasium_does(weights):
    steps_upright = read_judges(FOLDER)["_steps_upright"]
    lasted = steps_upright(np.array(weights), episodes=6, limit=150)
    starts = np.random.RandomState(0).uniform(-0.05, 0.05, (4, 6)).T
    assert lasted.tolist() == [_steps_in_gymnasium(weights, start, 150) for start in starts]


def _steps_in_gymnasium(weights, start, limit):
    env = gym.make("CartPole-v1").unwrapped
    env.reset(seed=0)
    env.state = state = start
    for step in range(1, limit + 1):
        _, _, terminated, _, _ = env.step(int(np.dot(weights, state) > 0))
        state = np.array(env.state)
        if terminated:
            return step
    return limit


def test_a_search_must_have_tried_what_it_kept():
    judge = read_judges(FOLDER)["search_found_balance"]
    good = -np.array([0.3, 0.8, 1.9, 1.2])
    tried = np.random.RandomState(0).uniform(-2, 2, (60, 4))
    returns = np.arange(60.0)
    found = {"tried": np.vstack([tried[:59], good]), "returns": returns, "best": good}
    assert judge(found)
    worse, elsewhere = np.vstack([good, tried[:59]]), tried
    assert not judge(found | {"tried": worse})  # it isn't the one that earned most
    assert not judge(found | {"tried": elsewhere})  # it came from somewhere else
    assert not judge(found | {"tried": np.tile(good, (60, 1))})  # nothing was searched
    assert not judge(found | {"best": tried[0], "returns": returns == 0})  # it falls
    for bad in ({"tried": tried[0]}, {"returns": returns[:9]}, {"best": 1.0}):
        assert not judge(found | bad)


def test_judges_refuse_what_is_no_policy():
    judges = read_judges(FOLDER)
    balances = judges["balances_when_reversed"]
    assert balances(-np.array([0.3, 0.8, 1.9, 1.2])) is True
    for policy in (np.zeros(4), np.ones(4), np.full(4, np.nan), np.zeros(3), 1.0):
        assert balances(policy) is False
    assert judges["worth_in_world_4"](np.zeros(7, int)).shape == (7,)
    for policy in (np.zeros(7), np.full(7, 3), np.zeros(6, int), None):
        assert judges["worth_in_world_4"](policy) is None
