"""Pictures of section 6: values that fill up, sweep by sweep."""

import jax
import matplotlib.pyplot as plt
import numpy as np

from workbook.draw import BLUE, GREY, ORANGE, PALE, animate

ARROWS = np.array([(-1, 0), (0, -1), (1, 0), (0, 1)])  # FrozenLake: left, down, right, up
CLIFF_ARROWS = np.array([(0, 1), (1, 0), (0, -1), (-1, 0)])  # CliffWalking: up, right, down, left
GAMMA = 0.99


def _solve(value_iteration, model, **settings):
    """Values, policy and number of sweeps."""
    V, policy, sweeps = jax.jit(lambda P, R, t: value_iteration(P, R, t, **settings))(*model)
    return np.asarray(V), np.asarray(policy), int(sweeps)


def _map(ax, V, policy, shape, arrows, hidden, most):
    image = ax.imshow(V.reshape(shape), cmap="viridis", **most)
    rows, columns = np.divmod(np.arange(V.size), shape[1])
    shown = ~hidden
    style = {"color": "white", "pivot": "mid", "scale": 1.9 * shape[1], "width": 0.035 / shape[1]}
    dx, dy = arrows[policy[shown]].T
    ax.quiver(columns[shown], rows[shown], dx, dy, **style)
    ax.set(xticks=range(shape[1]), yticks=range(shape[0]), xlabel="column", ylabel="row")
    return image


def _sweeps(model, count):
    """Values after 0, 1, …, count sweeps, in NumPy: what a solution converges by."""
    P, R, terminal = (np.asarray(x, float) for x in model)
    V = np.zeros(len(R))
    for _ in range(count + 1):
        Q = R + GAMMA * P @ V
        yield V, Q.argmax(axis=1)
        V = np.where(terminal, 0, Q.max(axis=1))


FRAMES = (0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 30, 45, 70, 110, 180)


def fill_up(value_iteration, model, lake):
    """The values of the frozen lake sweep by sweep, and their distance to the solution."""
    solution, _, _ = _solve(value_iteration, model, gamma=GAMMA, tol=1e-7)
    swept = list(_sweeps(model, FRAMES[-1]))
    errors = np.array([np.abs(V - solution).max() for V, _ in swept])
    bound = errors[0] * GAMMA ** np.arange(len(errors))
    fig, axes = plt.subplots(1, 2, figsize=(10.4, 4.4))

    def draw(frame):
        n = FRAMES[frame]
        for ax in axes:
            ax.clear()
        _lake(axes[0], *swept[n], lake, np.asarray(model[2]))
        axes[0].set_title(f"after {n} sweeps the start is worth {swept[n][0][0]:.3f}")
        axes[1].semilogy(bound, color=GREY, ls="--", label="promised: a factor γ a sweep")
        axes[1].semilogy(errors[: n + 1], color=BLUE, lw=2.5, label="largest error")
        axes[1].set(xlabel="sweeps", ylabel="distance to your solution", xlim=(-5, 190))
        axes[1].set(ylim=(errors[-1] / 2, 2), title="The error shrinks at least as fast as γ")
        axes[1].legend(loc="lower left")

    animate(fig, draw, len(FRAMES), 500)


def _lake(ax, V, policy, lake, ends):
    _map(ax, V, policy, (4, 4), ARROWS, ends, {"vmin": 0, "vmax": 1})
    words = {"H": "hole", "G": "goal", "S": "start", "F": ""}
    for s, letter in enumerate(lake.unwrapped.desc.astype(str).ravel()):
        ax.text(s % 4, s // 4 + 0.4, words[letter], color="white", ha="center", fontsize=9)


def cliff(value_iteration, model):
    """The cliff: the best way keeps to its edge."""
    V, policy, sweeps = _solve(value_iteration, model, gamma=GAMMA)
    hidden = np.asarray(model[2]) | np.isin(np.arange(48), range(37, 47))
    fig, ax = plt.subplots(figsize=(9.4, 3.6))
    image = _map(ax, V, policy, (4, 12), CLIFF_ARROWS, hidden, {})
    for s, value in enumerate(V):
        if not hidden[s]:
            ax.text(s % 12, s // 12 - 0.3, f"{value:.1f}", color=PALE, ha="center", fontsize=8)
    ax.add_patch(plt.Rectangle((0.5, 2.5), 10, 1, color="#444444"))
    ax.text(5.5, 3.05, "the cliff: −100 and back to the start", color=ORANGE, ha="center")
    ax.text(11, 3.1, "goal", color="white", ha="center")
    fig.colorbar(image, label="value (−1 a step)", shrink=0.7)
    ax.set_title(f"After {sweeps} sweeps: the best way keeps to the edge, worth {V[36]:.1f}")
