"""Short runs of deep Q-learning whose curves show what is wrong with a loss."""

import json
from dataclasses import dataclass
from pathlib import Path

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import optax

import cartpole
import qlearning
import replay
from workbook.draw import BLUE, GREY, ORANGE

MEMORY, COPY = 20_000, 50  # steps, updates
LIMIT = 30  # steps; then an episode is truncated
DISCOUNT = 0.95  # so that a pole that never falls is worth 20 steps
ROUND, ROUNDS = 100, 25  # updates between two looks, and how many looks
EXAM = 200  # steps that the greedy policy may play at a look
SEEDS = (1, 2)


@dataclass
class Watched:
    """What was seen of a run at each look: arrays (seeds, ROUNDS)."""

    loss: np.ndarray
    value: np.ndarray  # the mean of the largest Q over remembered states
    steps: np.ndarray  # the mean length of 16 greedy episodes


def run(dqn_loss, seeds=SEEDS):
    """Train with dqn_loss(params, target_params, q_network, batch, discount), once for each seed."""
    train = jax.jit(lambda key: _train(dqn_loss, key))
    seen = [train(jax.random.key(seed)) for seed in seeds]
    return Watched(*(np.stack(x) for x in zip(*seen)))


def good_run():
    """A run with a right loss and the same two seeds, stored."""
    stored = json.loads(Path(__file__).with_name("good_run.json").read_text())
    return Watched(*(np.array(stored[name]) for name in ("loss", "value", "steps")))


def _train(dqn_loss, key):
    network, optimizer = qlearning.q_network(), optax.adam(1e-3)
    values = jax.vmap(network.apply, (None, 0))

    def update(carry, key):
        params, target, state, envs, memory, now = carry
        play_key, draw = jax.random.split(key)
        envs, memory = _interact(values, params, envs, memory, now, play_key)
        batch = replay.draw(memory, now, draw)
        of_loss = jax.value_and_grad(dqn_loss)
        loss, gradient = of_loss(params, target, values, batch, DISCOUNT)
        moves, state = optimizer.update(gradient, state)
        params = optax.apply_updates(params, moves)
        target = replay.copied(target, params, now, COPY)
        seen = loss, values(params, batch["obs"]).max(axis=1).mean()
        return (params, target, state, envs, memory, now + 1), seen

    def one_round(carry, key):
        train_key, exam_key = jax.random.split(key)
        carry, seen = jax.lax.scan(update, carry, jax.random.split(train_key, ROUND))
        act = lambda _, obs: jnp.argmax(network.apply(carry[0], obs))  # noqa: E731
        lasted = cartpole.returns(act, exam_key, 16, steps=EXAM).mean()
        return carry, (seen[0].mean(), seen[1].mean(), lasted)

    first, begin, rest = jax.random.split(key, 3)
    params = network.init(first, jnp.zeros(4))
    memory = replay.empty_memory(MEMORY, terminated=bool, truncated=bool)
    carry = params, params, optimizer.init(params), replay.begin(begin), memory, 0
    return jax.lax.scan(one_round, carry, jax.random.split(rest, ROUNDS))[1]


def _interact(values, params, envs, memory, now, key):
    """One ε-greedy step of every environment, paid so that values lie between 0 and 1."""
    coin, choice, fresh = jax.random.split(key, 3)
    epsilon = jnp.maximum(0.1, 1 - now / 1500)
    explore = jax.random.uniform(coin, (replay.ENVIRONMENTS,)) < epsilon
    anything = jax.random.randint(choice, (replay.ENVIRONMENTS,), 0, 2)
    action = jnp.where(explore, anything, values(params, envs["obs"]).argmax(axis=1))
    reward = 1 - DISCOUNT
    return replay.advance(envs, memory, now, action, fresh, reward=reward, limit=LIMIT)


def curves(**runs):
    """Loss, value and length of the episodes of each run, side by side, a line for each seed."""
    updates = np.arange(1, ROUNDS + 1) * ROUND
    fig, axes = plt.subplots(1, 3, figsize=(12, 3.8), sharex=True)
    for (name, run), color, style in zip(runs.items(), (ORANGE, BLUE, GREY), ("--", "-", ":")):
        for ax, lines in zip(axes, (run.loss, run.value, run.steps)):
            for n, line in enumerate(lines):
                ax.plot(updates, line, style, color=color, lw=1.8, label=None if n else name)
    axes[0].set(ylabel="loss", yscale="log", title="Loss")
    axes[1].axhline(1, color=GREY, lw=0.8)
    axes[1].text(0, 1.02, "a pole that never falls: 1", color=GREY, fontsize=9)
    axes[1].set(ylabel="mean largest Q in the batch", title="What the network promises")
    axes[2].set(ylabel=f"steps, at most {EXAM}", ylim=(0, EXAM + 10), title="What it earns, greedy")
    for ax in axes:
        ax.set_xlabel("updates")
    axes[0].legend()
    ends = [f"{name} {run.value[:, -1].mean():.2f}" for name, run in runs.items()]
    fig.suptitle(f"Promised after {updates[-1]} updates: {', '.join(ends)}")
