"""REINFORCE on CartPole: play a batch of episodes, take one step, all in one compiled program."""

from collections import namedtuple
from dataclasses import dataclass

import haiku as hk
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import optax

import cartpole
from workbook.draw import BLUE, ORANGE, band

EPISODES = 16  # in each batch

# the notebook's functions that REINFORCE is made of
Parts = namedtuple(
    "Parts", "sample_action policy_gradient_loss compute_rewards_to_go compute_advantages"
)


def policy_network():
    """Logits of the two actions, from an observation: two layers of 32 tanh units."""

    def logits(obs):
        return hk.nets.MLP([32, 32, 2], activation=jnp.tanh)(obs)

    return hk.without_apply_rng(hk.transform(logits))


def play(network, params, parts, key, steps=cartpole.LIMIT):
    """A batch of episodes whose actions are drawn from the network's logits."""
    act = lambda k, obs: parts.sample_action(k, network.apply(params, obs))  # noqa: E731
    return cartpole.rollout(act, key, EPISODES, steps)


def mean_of_those_that_run(to_go, mask):
    """A baseline for each step: the mean over the episodes that still run, (B, T)."""
    mean = (to_go * mask).sum(axis=0) / jnp.maximum(mask.sum(axis=0), 1)
    return jnp.broadcast_to(mean, to_go.shape)


def weigh(parts, mask, discount, baseline):
    """The weight of each step in the loss: its advantage, or the bare reward-to-go."""
    rewards = mask.astype(jnp.float32)  # CartPole pays 1 a step
    to_go = jax.vmap(lambda r: parts.compute_rewards_to_go(r, discount))(rewards)
    if not baseline:
        return to_go * mask
    return parts.compute_advantages(to_go, mean_of_those_that_run(to_go, mask), mask)


def loss_of(network, parts):
    """The function (params, played, weights) -> mean loss over the steps that took place."""

    def loss(params, played, weights):
        logits = network.apply(params, played["obs"])
        each = jax.vmap(jax.vmap(parts.policy_gradient_loss))(played["action"], logits, weights)
        return (each * played["mask"]).sum() / played["mask"].sum()

    return loss


@dataclass
class Runs:
    """What training left for each seed: parameters, and the returns of every batch."""

    stacked: dict
    returns: np.ndarray  # (seeds, updates, episodes), of drawn actions

    def params(self, n):
        """The parameters of the n-th seed."""
        return jax.tree.map(lambda x: x[n], self.stacked)

    @property
    def steps(self):
        """Environment steps so far, (seeds, updates)."""
        return self.returns.sum(axis=2).cumsum(axis=1)


def reinforce(*functions, seeds=(0,), updates=60, step_size=1e-2, discount=0.99, baseline=True):
    """Train a policy for each seed with the four functions of the notebook, in the order of Parts."""
    network, optimizer, parts = policy_network(), optax.adam(step_size), Parts(*functions)
    gradient_of = jax.grad(loss_of(network, parts))

    def update(carry, key):
        params, state = carry
        played = play(network, params, parts, key)
        weights = jax.lax.stop_gradient(weigh(parts, played["mask"], discount, baseline))
        changes, state = optimizer.update(gradient_of(params, played, weights), state)
        return (optax.apply_updates(params, changes), state), played["mask"].sum(axis=1)

    def train(key):
        first, rest = jax.random.split(key)
        params = network.init(first, jnp.zeros(4))
        start = params, optimizer.init(params)
        (params, _), returns = jax.lax.scan(update, start, jax.random.split(rest, updates))
        return params, returns

    keys = jnp.stack([jax.random.key(seed) for seed in seeds])
    stacked, returns = jax.jit(jax.vmap(train))(keys)
    return Runs(stacked, np.asarray(returns))


def greedy_policy(params):
    """The function observation -> likeliest action."""
    network = policy_network()
    return jax.jit(lambda obs: jnp.argmax(network.apply(params, obs)))


def greedy_returns(runs, episodes=64, seed=1000):
    """Mean returns of the likeliest actions in fresh episodes, one for each seed."""
    network = policy_network()

    @jax.jit
    @jax.vmap
    def examine(params):
        act = lambda _, obs: jnp.argmax(network.apply(params, obs))  # noqa: E731
        return cartpole.returns(act, jax.random.key(seed), episodes).mean()

    return np.asarray(examine(runs.stacked))


def learning_curves(runs):
    """Mean returns of the batches: three seeds, their mean and their spread."""
    means = runs.returns.mean(axis=2)
    _, ax = plt.subplots(figsize=(9, 3.8))
    band(ax, range(means.shape[1]), means, BLUE, "mean and range of three seeds")
    for curve in means:
        ax.plot(curve, color=BLUE, lw=0.7, alpha=0.6)
    ax.set(xlabel="update (16 episodes each)", ylabel="mean return of drawn actions")
    ax.legend(loc="lower right")
    greedy = ", ".join(f"{x:.0f}" for x in greedy_returns(runs))
    ax.set_title(f"REINFORCE: greedy evaluation after 60 updates, three seeds: {greedy}")
    plt.show()  # before the film


def smooth(values, width=5):
    """Means over the last `width` points of the last axis, fewer at the beginning."""
    values = np.asarray(values, float)
    total = np.cumsum(values, axis=-1)
    total[..., width:] = total[..., width:] - total[..., :-width]
    return total / np.minimum(np.arange(1, values.shape[-1] + 1), width)


def compare_baselines(with_it, without):
    """The same training with and without a baseline."""
    _, ax = plt.subplots(figsize=(9, 3.8))
    for runs, color, name in ((with_it, BLUE, "advantages"), (without, ORANGE, "rewards-to-go")):
        means = smooth(runs.returns.mean(axis=2), 3)
        band(ax, range(means.shape[1]), means, color, f"{name} (mean and range of three seeds)")
    ax.set(xlabel="update (16 episodes each)", ylabel="mean return of drawn actions")
    ax.legend(loc="lower right")
    late = [runs.returns[:, -15:].mean() for runs in (with_it, without)]
    ax.set_title(f"Last 15 updates: {late[0]:.0f} with a baseline, {late[1]:.0f} without")
