"""Pictures of section 5: tables that converge, one loss, exploration that fades."""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

from workbook.draw import BLUE, GREY, ORANGE

# (state, action, reward, terminated, next state) of a corridor: 0 is left, 1 is right
CORRIDOR = [(0, 0, 0, 0, 0), (0, 1, 0, 0, 1), (1, 0, 0, 0, 0), (1, 1, 0, 0, 2), (2, 0, 0, 0, 1)]
CORRIDOR = np.array([*CORRIDOR, (2, 1, 1, 1, 2)])


def corridor(compute_bellman_target, discount=0.9, sweeps=6):
    """A table of values, set to its own targets again and again."""
    state, action, reward, ended, after = CORRIDOR.T
    target = jax.vmap(compute_bellman_target, (0, 0, 0, None))
    q, tables = jnp.zeros((3, 2)), []
    for _ in range(sweeps):
        tables.append(np.asarray(q))
        targets = target(reward.astype(np.float32), ended.astype(bool), q[after], discount)
        q = q.at[state, action].set(targets)
    fig, axes = plt.subplots(1, sweeps, figsize=(12, 2.8), sharey=True)
    for n, (ax, table) in enumerate(zip(axes, tables)):
        ax.imshow(table, cmap="Blues", vmin=0, vmax=1.6, aspect="auto")
        for (row, column), value in np.ndenumerate(table):
            ax.text(column, row, f"{value:.2f}", ha="center", va="center")
        ax.set(title=f"{n} sweeps", xticks=[0, 1], xlabel="action")
        ax.set_xticklabels(["left", "right"])
    axes[0].set(yticks=[0, 1, 2], ylabel="state")
    fig.suptitle("The reward at the end travels back one state a sweep")


def one_transition(q_learning_loss):
    """The loss of one transition over both values, and where its gradient points."""
    grid = jnp.linspace(-1, 4, 61)
    q = jnp.stack(jnp.meshgrid(grid, grid), axis=-1)
    action, reward, ended = jnp.array(1), jnp.array(1.0), jnp.array(False)
    seen = (action, reward, ended, jnp.array([0.5, 1.0]), 0.9)  # the target is 1.9

    def loss(values):
        return q_learning_loss(values, *seen)

    starts = jnp.array([[0.0, 0.2], [1.5, 3.4], [3.0, 0.8], [0.5, 2.8], [2.6, 2.9]])
    slopes = np.asarray(jax.jit(jax.vmap(jax.grad(loss)))(starts))
    fig, ax = plt.subplots(figsize=(6.6, 4.8))
    levels = ax.contourf(grid, grid, jax.vmap(jax.vmap(loss))(q), 14, cmap="Blues")
    fig.colorbar(levels, label="loss")
    style = {"angles": "xy", "scale_units": "xy", "scale": 3, "color": ORANGE, "width": 0.008}
    ax.quiver(*np.asarray(starts).T, *(-slopes).T, **style)
    ax.axhline(1.9, color=GREY, ls="--", label="target")
    ax.legend(loc="lower left")
    ax.set(xlabel="Q of action 0, not taken", ylabel="Q of action 1, taken")
    ax.set_title("Only the value of the action that was taken moves")


def fading(get_epsilon):
    """ε over time, and the share of actions that are not the greedy one."""
    t = jnp.arange(0, 6001, 20)
    epsilon = np.asarray(get_epsilon(t))
    _, ax = plt.subplots(figsize=(9, 3.4))
    ax.plot(t, epsilon, color=BLUE, lw=2, label="ε: the coin says random")
    ax.plot(t, epsilon / 2, color=ORANGE, lw=2, label="ε/2: another action than the greedy one")
    ax.axvline(2700, color=GREY, lw=0.8, ls=":", label="2700")
    ax.set(xlabel="time t (steps)", ylabel="probability", ylim=(0, 1.03))
    ax.set_title("Exploration fades to a tenth and stays there (two actions)")
    ax.legend(loc="center right")
