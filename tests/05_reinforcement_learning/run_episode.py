import gymnasium as gym
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal

OK_FORMAT = False
name = "run_episode"

weights = np.array([1.0, -2.0, 2.0, -1.0], np.float32)


class Scripted:
    """An environment that plays a script and notes what is asked of it."""

    def __init__(self, seed, rewards, end):
        """`end` is "terminated" or "truncated": the flag of the last step."""
        self.observations = np.asarray(normal(seed, len(rewards) + 1, 4))
        self.rewards, self.end = rewards, end
        self.seeds, self.actions = [], []

    def reset(self, *, seed=None, options=None):
        self.seeds.append(-1 if seed is None else seed)
        return self.observations[0], {}

    def step(self, action):
        t = len(self.actions)
        if t >= len(self.rewards):
            raise RuntimeError("step was called after the episode's end")
        self.actions.append(int(action))
        last = t + 1 == len(self.rewards)
        flags = last and self.end == "terminated", last and self.end == "truncated"
        return self.observations[t + 1], self.rewards[t], *flags, {}


def played(run_episode, env, **seed):
    """The return, and what the environment was asked."""
    total = run_episode(env, weights, **seed)
    return {"return": float(total), "actions": env.actions, "seeds": env.seeds}


@test_case(name="rewards that aren't 1", points=0)
def other_rewards(run_episode):
    expect(played(run_episode, Scripted(1, [0.5, 2.0, -1.0, 3.25], "terminated"), seed=3))


@test_case(name="the time limit ends an episode too", points=0)
def time_limit(run_episode):
    expect(played(run_episode, Scripted(2, [1.5, 1.0, 4.0], "truncated"), seed=4))


@test_case(name="CartPole with seed 42: 31 steps", points=0)
def cartpole(run_episode):
    env = gym.make("CartPole-v1")
    env.reset(seed=7)  # from here on an episode without a seed is the same each time, too
    total = run_episode(env, weights, seed=42)
    assert total is not None, "nothing was returned"
    expect(float(total))


# --- hidden: nothing below this line is released ---


@test_case(name="an episode of one step", points=0.5, hidden=True)
def ends_at_once(run_episode):
    ends = ("terminated", "truncated")
    expect([played(run_episode, Scripted(3, [-2.5], end), seed=5) for end in ends])


@test_case(name="each action answers the newest observation", points=0.5, hidden=True)
def newest_observation(run_episode):
    expect(played(run_episode, Scripted(4, [0.25] * 9, "terminated"), seed=6))


@test_case(name="a time limit, and rewards below zero", points=0.75, hidden=True)
def negative_rewards(run_episode):
    expect(played(run_episode, Scripted(5, [-1.0, -0.5, 0.0, -2.0, -0.25], "truncated"), seed=7))


@test_case(name="reset once, with the seed", points=0.75, hidden=True)
def reset_once(run_episode):
    rewards = [2.0, 0.5, 1.25]
    seeds = ({"seed": 11}, {"seed": 12}, {})
    expect([played(run_episode, Scripted(6, rewards, "terminated"), **seed) for seed in seeds])


@test_case(name="the step that ends the episode is paid", points=0.5, hidden=True)
def last_reward(run_episode):
    expect([played(run_episode, Scripted(7, [1.0, 1.0, x], "terminated")) for x in (-100.0, 7.5)])
