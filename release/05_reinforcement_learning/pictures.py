"""Pictures of sections 1 and 2: what policies of four weights do."""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

import cartpole
from workbook.draw import BLUE, GREY, ORANGE, PALE, RED

STEPS = 200


def nine_policies(linear_policy):
    """The angle over time under nine pairs of weights for the angle and its velocity."""
    pairs = [(a, b) for a in (-1.0, 0.0, 1.0) for b in (-1.0, 0.0, 1.0)]
    weights = jnp.array([(0.0, 0.0, a, b) for a, b in pairs])

    @jax.jit
    def play(weights):
        act = lambda _, obs: linear_policy(weights, obs)  # noqa: E731
        seen = cartpole.rollout(act, jax.random.key(3), 1, STEPS)
        return seen["obs"][0, :, 2], seen["mask"][0]

    angles, masks = jax.vmap(play)(weights)
    fig, axes = plt.subplots(3, 3, figsize=(10.5, 6.2), sharex=True, sharey=True)
    for (a, b), angle, mask, ax in zip(pairs, np.degrees(angles), np.asarray(masks), axes.flat):
        lasted = int(mask.sum())
        ax.axhline(0, color=PALE)
        ax.plot(angle[:lasted], color=BLUE if lasted == STEPS else RED, lw=1.8)
        ax.set_title(f"angle {a:.0f}, angular velocity {b:.0f}: {lasted} steps", fontsize=10)
        ax.set_ylim(-13, 13)
    for ax in axes[2]:
        ax.set_xlabel("step (0.02 s)")
    axes[1, 0].set_ylabel("angle of the pole (degrees)")
    good = ("none", "one", "two", "three")[min(3, int(masks.all(axis=1).sum()))]
    fig.suptitle(f"Pairs of weights that balance the pole for {STEPS} steps: {good} of nine")


def examined(choose_action, Params, candidates=60, episodes=16):
    """Returns of candidates while searching, and of the best so far in evaluations."""
    weights = jax.random.uniform(jax.random.key(3), (candidates, 4), minval=-2, maxval=2)

    def value(params, evaluation):
        act = lambda key, obs: choose_action(key, params, None, obs, evaluation)[0]  # noqa: E731
        return cartpole.returns(act, jax.random.key(5), episodes).mean()

    tried = np.asarray(_values(value, Params(weights, jnp.zeros_like(weights)), False))
    best = [int(np.argmax(tried[: n + 1])) for n in range(candidates)]
    kept = Params(jnp.zeros_like(weights), weights[jnp.array(best)])
    shown = np.asarray(_values(value, kept, True))
    _, ax = plt.subplots(figsize=(9, 3.6))
    ax.plot(tried, "o", color=GREY, ms=4, label="current (searching)")
    ax.step(range(candidates), shown, where="post", color=BLUE, lw=2, label="best (evaluation)")
    ax.set(xlabel="candidate", ylabel=f"mean return of {episodes} episodes (steps)")
    ax.set_title("Candidates jump about, the best so far never falls")
    ax.legend(loc="upper left")


def _values(value, params, evaluation):
    return jax.jit(jax.vmap(lambda p: value(p, evaluation)))(params)


def histogram_of_weights(drawn):
    """The weights drawn, entry by entry."""
    fig, axes = plt.subplots(1, 4, figsize=(11, 2.6), sharey=True, sharex=True)
    for n, ax in enumerate(axes):
        ax.hist(np.asarray(drawn)[:, n], bins=np.linspace(-3, 3, 31), color=BLUE)
        for wall in (-2, 2):
            ax.axvline(wall, color=ORANGE, ls="--")
        ax.set(title=f"entry {n}", xlabel="weight")
    axes[0].set_ylabel("draws")
    fig.suptitle("Every weight between the walls is as likely as every other")
