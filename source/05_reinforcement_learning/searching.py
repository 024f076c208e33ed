"""Random search in gymnasium, its history, and the landscape that it searches."""

from dataclasses import dataclass

import gymnasium as gym
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

import cartpole
from workbook.draw import BLUE, GREY

EPISODES = 5  # for each candidate


@dataclass
class Found:
    """The returns of all candidates, the best weights, and their returns in fresh episodes."""

    tried: list
    best: np.ndarray
    fresh: np.ndarray


def search(policy, learn, Params, candidates=200, seed=0):
    """Try candidates in gymnasium, a few episodes each; then examine the best on 20 fresh ones."""
    env = gym.make("CartPole-v1")
    first, key = jax.random.split(jax.random.key(seed))
    start = jax.random.uniform(first, (4,), minval=-2, maxval=2)
    params, state, tried = Params(start, start), jnp.array(-jnp.inf), []
    learn = jax.jit(learn)
    for n in range(candidates):
        seeds = range(seed * 10_000 + EPISODES * n, seed * 10_000 + EPISODES * (n + 1))
        tried.append(np.mean([play(env, policy, params.current, s) for s in seeds]))
        key, draw = jax.random.split(key)
        params, state = learn(draw, params, state, jnp.array(tried[-1], jnp.float32))
    fresh = [play(env, policy, params.best, s) for s in range(900_000, 900_020)]
    return Found(tried, np.asarray(params.best), np.array(fresh))


def play(env, policy, weights, seed):
    """The return of one episode."""
    seen, _ = env.reset(seed=seed)
    rewards, over = [], False
    while not over:
        seen, reward, terminated, truncated, _ = env.step(int(policy(weights, seen)))
        rewards.append(reward)
        over = terminated or truncated
    return sum(rewards)


def history(found):
    """Every candidate as a dot, the best so far as a line."""
    best = np.maximum.accumulate(found.tried)
    _, ax = plt.subplots(figsize=(9, 3.8))
    ax.plot(found.tried, "o", color=GREY, ms=4, label="candidate")
    ax.step(range(len(best)), best, where="post", color=BLUE, lw=2, label="best so far")
    at = int(np.argmax(best))
    ax.annotate(
        f"candidate {at}", (at, best[at]), (at + 4, best[at] - 90), ha="left", color=BLUE,
        arrowprops={"arrowstyle": "->", "color": BLUE},
    )  # fmt: skip
    ax.set(xlabel="candidate", ylabel=f"mean return of {EPISODES} episodes (steps)")
    ax.set_title(
        f"The best of {len(best)} guesses gets {found.fresh.mean():.0f} of 500 in fresh episodes"
    )
    ax.legend(loc="center right")


def landscape(candidates=300, episodes=8):
    """What uniform candidates are worth, over their weights for the angle and its velocity."""
    weights = jax.random.uniform(jax.random.key(0), (candidates, 4), minval=-2, maxval=2)

    @jax.jit
    @jax.vmap
    def value(w):
        act = lambda _, obs: (obs @ w > 0).astype(int)  # noqa: E731
        return cartpole.returns(act, jax.random.key(1), episodes).mean()

    values = np.asarray(value(weights))
    order = np.argsort(values)
    fig, ax = plt.subplots(figsize=(7.4, 5))
    dots = ax.scatter(
        *weights[order, 2:].T, c=values[order], s=28, cmap="viridis", vmin=0, vmax=500
    )
    fig.colorbar(dots, label=f"mean return of {episodes} episodes (steps)")
    ax.axhline(0, color=GREY, lw=0.8)
    ax.axvline(0, color=GREY, lw=0.8)
    ax.set(xlabel="weight of the angle", ylabel="weight of the angular velocity")
    good, bad = (values >= 475).mean(), (values < 20).mean()
    ax.set_title(f"{good:.1%} of the candidates reach 475, {bad:.0%} stay under 20")
