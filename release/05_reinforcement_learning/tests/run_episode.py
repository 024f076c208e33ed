import gymnasium as gym
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal

OK_FORMAT = False
name = "run_episode"

weights = np.array([1.0, -2.0, 2.0, -1.0], np.float32)
others = np.array([-0.5, 1.5, 0.25, 2.0], np.float32)
three = np.array([2.0, -1.0, 0.5], np.float32)


class Scripted:
    """An environment that plays a script and notes what is asked of it."""

    def __init__(self, seed, rewards, end, width=4):
        """`end` is "terminated" or "truncated": the flag of the last step."""
        self.observations = np.asarray(normal(seed, len(rewards) + 1, width))
        self.rewards, self.end = rewards, end
        self.seeds, self.actions = [], []

    def reset(self, *, seed=None, options=None):
        self.seeds.append(-1 if seed is None else seed)
        return self.observations[0], {}

    def step(self, action):
        t = len(self.actions)
        if t >= len(self.rewards):
            raise RuntimeError("step was called after the episode's end")
        if not isinstance(action, int | np.integer | np.ndarray):
            raise TypeError(f"step wants a plain int, not {type(action).__name__}")
        self.actions.append(int(action))
        last = t + 1 == len(self.rewards)
        flags = last and self.end == "terminated", last and self.end == "truncated"
        return self.observations[t + 1], self.rewards[t], *flags, {}


class Patient(gym.Wrapper):
    """An environment that ends the case, should an episode never end."""

    steps = 0

    def step(self, action):
        self.steps += 1
        if self.steps > 500:
            raise RuntimeError("this episode doesn't end: more than 500 steps have been asked for")
        return self.env.step(action)


def played(run_episode, env, params=weights, **seed):
    """The return, its type, and what the environment was asked."""
    total = run_episode(env, params, **seed)
    assert total is not None, "None came back: is there a return?"
    kind = "float" if isinstance(total, float) else type(total).__name__
    return {"return": float(total), "type": kind, "actions": env.actions, "seeds": env.seeds}


@test_case(name="rewards that aren't 1", points=0)
def other_rewards(run_episode):
    expect(played(run_episode, Scripted(1, [1.5, 2.0, -0.75, 4.25, 1.25], "terminated"), seed=3))


@test_case(name="the time limit ends an episode too", points=0)
def time_limit(run_episode):
    expect(played(run_episode, Scripted(2, [1.5, 1.0, 4.0], "truncated"), seed=4))


@test_case(name="other weights, three of them, and no seed, or seed 0", points=0)
def other_weights(run_episode):
    rewards = [0.5, 3.0, 0.25, 1.0, 2.0, 0.75]
    expect(played(run_episode, Scripted(8, rewards, "terminated", width=3), three))
    expect(played(run_episode, Scripted(9, rewards, "truncated"), others, seed=0))


@test_case(name="an episode of 540 steps", points=0)
def long_episode(run_episode):
    env = Scripted(10, [0.5] * 540, "terminated")
    expect(played(run_episode, env, seed=9)["return"])


@test_case(name="CartPole with seed 42: 31 steps", points=0)
def cartpole(run_episode):
    env = Patient(gym.make("CartPole-v1"))
    env.reset(seed=7)  # from here on an episode without a seed is the same each time, too
    total = run_episode(env, weights, seed=42)
    assert total is not None, "None came back: is there a return?"
    expect(float(total))
