"""REINFORCE on CartPole: the network of its policy, what training leaves, and its curves."""

from dataclasses import dataclass

import haiku as hk
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

import cartpole
from workbook.draw import BLUE, GREEN, ORANGE, band

EPISODES = 16  # in each batch


def policy_network():
    """Logits of the two actions, from an observation: two layers of 32 tanh units."""

    def logits(obs):
        return hk.nets.MLP([32, 32, 2], activation=jnp.tanh)(obs)

    return hk.without_apply_rng(hk.transform(logits))


def sums_by_step(f, rewards):
    """f, a function (T,) -> (T,) that adds up rewards, for a batch (B, T).

    f is asked about each single reward, in advance; the rest is a matrix product. A Python loop
    over 500 steps is right, too, but would take minutes to compile within a loss.
    """
    with jax.ensure_compile_time_eval():
        parts = jax.vmap(f)(jnp.eye(rewards.shape[1]))
    return rewards @ parts


def mean_of_those_that_run(to_go, mask):
    """A baseline for each step: the mean over the episodes that still run, (B, T)."""
    mean = (to_go * mask).sum(axis=0) / jnp.maximum(mask.sum(axis=0), 1)
    return jnp.broadcast_to(mean, to_go.shape)


@dataclass
class Runs:
    """What training left for each seed: parameters, and the mean return of every batch."""

    params: list
    returns: np.ndarray  # (seeds, updates), of drawn actions

    @property
    def steps(self):
        """Environment steps so far, (seeds, updates): CartPole pays 1 a step."""
        return EPISODES * self.returns.cumsum(axis=1)


def gather(trained):
    """Runs, from a pair (params, mean returns) for each seed."""
    return Runs([params for params, _ in trained], np.stack([r for _, r in trained]))


def greedy_policy(params):
    """The function observation -> likeliest action."""
    network = policy_network()
    return jax.jit(lambda obs: jnp.argmax(network.apply(params, obs)))


def greedy_returns(runs, episodes=64, seed=1000):
    """Mean returns of the likeliest actions in fresh episodes, one for each seed."""
    network = policy_network()

    @jax.jit
    def examine(params):
        act = lambda _, obs: jnp.argmax(network.apply(params, obs))  # noqa: E731
        return cartpole.returns(act, jax.random.key(seed), episodes).mean()

    return [float(examine(params)) for params in runs.params]


def learning_curves(runs):
    """Mean returns of the batches: three seeds, their mean and spread; the greedy ones printed."""
    _, ax = plt.subplots(figsize=(9, 3.8))
    updates = runs.returns.shape[1]
    band(ax, range(updates), runs.returns, BLUE, "mean and range of three seeds")
    for curve in runs.returns:
        ax.plot(curve, color=BLUE, lw=0.7, alpha=0.6)
    ax.set(xlabel="update (16 episodes each)", ylabel="mean return of drawn actions (steps)")
    ax.legend(loc="lower right")
    greedy = ", ".join(f"{x:.0f}" for x in greedy_returns(runs))
    late = ", ".join(f"{x:.0f}" for x in runs.returns[:, -10:].mean(axis=1))
    ax.set_title(f"Drawn actions, mean of the last ten updates, three seeds: {late}")
    plt.show()  # before the film
    print(f"greedy, in 64 fresh episodes after {updates} updates, three seeds: {greedy}")


def smooth(values, width=5):
    """Means over the last `width` points of the last axis, fewer at the beginning."""
    values = np.asarray(values, float)
    total = np.cumsum(values, axis=-1)
    total[..., width:] = total[..., width:] - total[..., :-width]
    return total / np.minimum(np.arange(1, values.shape[-1] + 1), width)


def compare_factors(**by_name):
    """The same training with several factors of the steps in the loss."""
    fig, ax = plt.subplots(figsize=(9, 4.2))
    styles = zip(by_name.items(), (ORANGE, GREEN, BLUE), ("--", "-.", "-"))
    for (name, runs), color, style in styles:
        means = smooth(runs.returns, 3)
        for n, line in enumerate(means):
            label = None if n else name.replace("_", " ")
            ax.plot(line, style, color=color, lw=1.6, label=label)
    ax.set_xlabel("update (16 episodes each)")
    ax.set_ylabel("mean return of drawn actions,\nmean of 3 updates (steps)")
    fig.legend(loc="outside lower center", ncols=3, title="three seeds each")
    late = {name: runs.returns[:, -15:].mean(axis=1).min() for name, runs in by_name.items()}
    worst = ", ".join(f"{name.replace('_', ' ')} {x:.0f}" for name, x in late.items())
    ax.set_title(f"Worst seed, mean of the last 15 updates:\n{worst}")
