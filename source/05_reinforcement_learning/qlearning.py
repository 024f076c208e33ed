"""Deep Q-learning on CartPole: a replay memory, a target network, ε-greedy, in one program."""

from dataclasses import dataclass

import haiku as hk
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import optax

import cartpole
import replay
from workbook.draw import BLUE, GREEN, GREY, RED, band

MEMORY = 50_000  # steps
ROUND, ROUNDS = 500, 24  # updates between two looks at the greedy policy, and how many looks
COPY = 100  # updates between two copies to the target network


def q_network():
    """A value for each of the two actions, from an observation: two layers of 64 ReLU units."""

    def values(obs):
        return hk.nets.MLP([64, 64, 2])(obs / cartpole.SCALE)

    return hk.without_apply_rng(hk.transform(values))


@dataclass
class Run:
    """What training left: the best checkpoint, and the greedy return at each look."""

    params: dict
    looks: np.ndarray  # (ROUNDS,): mean greedy return of 16 episodes
    steps: np.ndarray  # (ROUNDS,): environment steps so far
    last: dict  # the parameters after the last update


def deep_q_learning(loss_of, act, seed=0, rounds=ROUNDS):
    """Train with loss_of(params, target, batch); act(key, q_values, updates) chooses the actions."""
    network = q_network()
    schedule = optax.linear_schedule(2e-3, 1e-4, ROUND * ROUNDS)
    optimizer = optax.chain(optax.clip_by_global_norm(10.0), optax.adam(schedule))

    def interact(params, envs, memory, now, key):
        """One step of every environment, into the memory; what ended begins anew."""
        choose, fresh = jax.random.split(key)
        q = network.apply(params, envs["obs"])
        keys = jax.random.split(choose, replay.ENVIRONMENTS)
        action = jax.vmap(act, (0, 0, None))(keys, q, now)
        limit = cartpole.LIMIT
        return replay.advance(envs, memory, now, action, fresh, reward=1.0, limit=limit)

    def update(carry, key):
        params, target, state, envs, memory, now = carry
        act_key, draw = jax.random.split(key)
        envs, memory = interact(params, envs, memory, now, act_key)
        gradient = jax.grad(loss_of)(params, target, replay.draw(memory, now, draw))
        moves, state = optimizer.update(gradient, state)
        params = optax.apply_updates(params, moves)
        target = replay.copied(target, params, now, COPY)
        return (params, target, state, envs, memory, now + 1), None

    def one_round(carry, keys):
        carry, _ = jax.lax.scan(update, carry, jax.random.split(keys[0], ROUND))
        return carry, (carry[0], _greedy(network, carry[0], keys[1], 16).mean())

    @jax.jit
    def train(key):
        first, begin, rest = jax.random.split(key, 3)
        params = network.init(first, jnp.zeros(4))
        memory = replay.empty_memory(MEMORY, terminated=float)
        carry = params, params, optimizer.init(params), replay.begin(begin), memory, 0
        return jax.lax.scan(one_round, carry, jax.random.split(rest, (rounds, 2)))[1]

    kept, looks = train(jax.random.key(seed))
    best = int(np.argmax(looks))
    steps = np.arange(1, rounds + 1) * ROUND * replay.ENVIRONMENTS
    return Run(_pick(kept, best), np.asarray(looks), steps, _pick(kept, -1))


def _pick(stacked, n):
    return jax.tree.map(lambda x: x[n], stacked)


def _greedy(network, params, key, episodes):
    return cartpole.returns(lambda _, obs: jnp.argmax(network.apply(params, obs)), key, episodes)


def greedy_returns(params, episodes=64, seed=1000):
    """Returns of the greedy policy in fresh episodes."""
    network = q_network()
    play = jax.jit(lambda params, key: _greedy(network, params, key, episodes))
    return np.asarray(play(params, jax.random.key(seed)))


def greedy_policy(params):
    """The function observation -> action with the largest value."""
    network = q_network()
    return jax.jit(lambda obs: jnp.argmax(network.apply(params, obs)))


def curve(run):
    """The greedy return at every look, the one that was kept, and what it is worth."""
    _, ax = plt.subplots(figsize=(9, 3.8))
    ax.plot(run.steps, run.looks, "o-", color=GREEN, ms=4)
    best = int(np.argmax(run.looks))
    ax.plot(run.steps[best], run.looks[best], "o", ms=12, mfc="none", color=GREY, label="kept")
    ax.set(xlabel="environment steps", ylabel="greedy steps, mean of 16 episodes", ylim=(0, 520))
    ax.legend(loc="lower right")
    fresh, last = greedy_returns(run.params).mean(), greedy_returns(run.last).mean()
    ax.set_title(
        f"64 fresh episodes: {fresh:.0f} with the checkpoint that was kept, {last:.0f} with the last"
    )


def beside_reinforce(run, reinforced):
    """Both methods on one axis: how many steps of the environment each of them needed."""
    _, ax = plt.subplots(figsize=(9, 3.8))
    grid = np.linspace(0, reinforced.steps[:, -1].min(), 200)
    means = reinforced.returns
    curves = [np.interp(grid, x, y) for x, y in zip(reinforced.steps, means)]
    band(ax, grid, curves, BLUE, "REINFORCE, drawn actions (three seeds)")
    ax.plot(run.steps, run.looks, "o-", color=GREEN, ms=4, label="DQN, greedy (one seed)")
    ax.set(xlabel="environment steps", ylabel="mean return (steps)", ylim=(0, 520))
    ax.legend(loc="lower right")
    first = [_first(x, y) for x, y in zip(reinforced.steps, means)]
    passed = np.flatnonzero(run.looks >= 475)
    later = run.looks[passed[0] + 1 :] if len(passed) else run.looks[:0]
    again = f"is below it again in {(later < 475).sum()} of {len(later)} later looks"
    ours = f"after {_first(run.steps, run.looks)} and {again}" if len(passed) else "never"
    ax.set_title(f"REINFORCE first passes 475 after {', '.join(first)} steps,\nDQN {ours}")
    plt.show()  # before the film


def _first(steps, returns):
    passed = np.flatnonzero(np.asarray(returns) >= 475)
    return f"{steps[passed[0]]:,.0f}".replace(",", " ") if len(passed) else "never"


def value_map(run):
    """The largest value over angle and angular velocity, cart in the middle and at rest."""
    angles, turns = np.linspace(-0.21, 0.21, 81), np.linspace(-2.5, 2.5, 81)
    grid = np.stack(np.meshgrid(0, 0, angles, turns, indexing="ij"), axis=-1)[0, 0]
    values = np.asarray(q_network().apply(run.params, jnp.asarray(grid, jnp.float32)))
    fig, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    style = {"origin": "lower", "aspect": "auto", "extent": (-12, 12, -2.5, 2.5)}
    image = axes[0].imshow(values.max(axis=2).T, cmap="viridis", **style)
    fig.colorbar(image, ax=axes[0], label="largest Q, promised")
    if values.max() > 1:
        most = values.max(axis=2).T
        axes[0].contour(angles * 180 / np.pi, turns, most, [1.0], colors="white", linestyles="--")
    axes[1].imshow(values.argmax(axis=2).T, cmap="cividis", vmin=0, vmax=1, **style)
    for action, text in ((0, "push left"), (1, "push right")):
        color = plt.cm.cividis(float(action))
        axes[1].plot([], [], "s", ms=12, mfc=color, mec=GREY, label=text)
    axes[1].legend(loc="lower left", framealpha=1)
    best = values.max(axis=2)
    axes[0].set_title(f"Promised: {best.min():.2f} to {best.max():.2f}; possible: 0 to 1")
    axes[1].set_title("The greedy action, and where four episodes led")
    act = lambda _, obs: jnp.argmax(q_network().apply(run.params, obs))  # noqa: E731
    seen = cartpole.rollout(act, jax.random.key(7), 4)
    visited = np.asarray(seen["obs"])[np.asarray(seen["mask"])][::5]
    axes[1].plot(np.degrees(visited[:, 2]), visited[:, 3], ".", color=RED, ms=2)
    for ax in axes:
        ax.set(xlabel="angle (degrees)", ylabel="angular velocity (rad/s)")
