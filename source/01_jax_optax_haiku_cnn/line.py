"""Sections 6 and 7: a noisy line, and optimisers on their way down."""

from functools import partial
from itertools import cycle

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import optax
from matplotlib.figure import Figure

from workbook.draw import BLACK, BLUE, GREEN, GREY, ORANGE, RED, SKY, animate

START = {"b": jnp.float32(2.0), "w": jnp.float32(-1.0)}
STYLES = [(BLUE, "-"), (GREEN, "-"), (ORANGE, "-"), (BLACK, ":")]


def data(seed=0):
    """100 points near y = 3x - 1."""
    rng = np.random.RandomState(seed)
    x = rng.uniform(-2, 2, 100)
    y = 3 * x - 1 + 0.05 * rng.normal(size=100)
    return jnp.asarray(x, jnp.float32), jnp.asarray(y, jnp.float32)


def squares(squared_error, x, y, b=-0.7, w=2.4):
    """Squares between a poor line and some of the points, and the error as the line turns."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.8), width_ratios=[1, 1.35])
    some = jnp.argsort(x)[26:75:8]  # the middle, where the squares don't overlap
    left.plot(x, y, ".", color=GREY)
    left.plot([-2, 2], [b - 2 * w, b + 2 * w], color=BLUE, lw=2)
    for point, target, area in zip(x[some], y[some], squared_error(b, w, x[some], y[some])):
        side = float(jnp.sqrt(area))
        low = min(float(target), float(w * point + b))
        left.add_patch(plt.Rectangle((point, low), side, side, alpha=0.35, color=ORANGE))
    left.set(
        xlabel="x",
        ylabel="y",
        title=f"{len(some)} squares at the line y = 2.4x − 0.7",
        aspect="equal",
    )
    left.set(xlim=(-2.1, 2.1), ylim=(-4.4, 2.3))
    slopes = jnp.linspace(-1, 7, 81)
    mean = jax.vmap(lambda w: squared_error(-1.0, w, x, y).mean())(slopes)
    right.plot(slopes, mean, color=BLUE, lw=2)
    best = float(slopes[jnp.argmin(mean)])
    right.set(xlabel="slope w (with b = −1)", ylabel="mean squared error")
    right.set_title(f"least near w = {best:.1f}")
    fig.suptitle("The loss is the mean area of the squares")


def step_sizes(loss, x, y):
    """Descent with a small step, one just below the limit, and one just above it."""
    n = len(x)
    H = 2 / n * np.array([[n, x.sum()], [x.sum(), (x**2).sum()]])
    limit = 2 / np.linalg.eigvalsh(H).max()
    fig, axes = plt.subplots(1, 3, figsize=(13, 4), sharex=True, sharey=True)
    gradient = jax.jit(jax.grad(loss))
    for ax, share in zip(axes, (0.3, 0.95, 1.05)):
        params, path = {"b": 0.5, "w": 1.5}, []
        for _ in range(17):
            path.append([params["b"], params["w"]])
            grads = gradient(params, x, y)
            params = optax.apply_updates(
                params, jax.tree.map(partial(jnp.multiply, -share * limit), grads)
            )
        _contours(ax, loss, x, y, (-3.5, 1.5), (0, 6))
        ax.plot(*np.array(path, float).T, "o-", color=RED if share > 1 else BLUE, ms=4)
        ax.set(title=f"step {share * limit:.2f}, {share:g} of the limit", xlabel="b")
        ax.set(xlim=(-3.5, 1.5), ylim=(0, 6))
    axes[0].set_ylabel("w")
    fig.suptitle(
        f"Step sizes above 2/λ_max = {limit:.2f} lead away from the bottom (16 steps each)"
    )


def _contours(ax, loss, x, y, b_range, w_range):
    b, w = jnp.linspace(*b_range, 61), jnp.linspace(*w_range, 61)
    row = jax.vmap(lambda b, w: loss({"b": b, "w": w}, x, y), in_axes=(0, None))
    heights = jax.jit(jax.vmap(row, in_axes=(None, 0)))(b, w)
    ax.contour(b, w, heights, levels=np.geomspace(0.05, 60, 12), colors=GREY, linewidths=0.7)
    ax.plot(-1, 3, "+", color=BLACK, ms=12)


def walk(make_train_step, loss, optimizers, x, y, steps=200):
    """For each optimiser the parameters (b, w) and the losses of all steps."""
    roads = {}
    for name, optimizer in optimizers.items():
        step = make_train_step(loss, optimizer)
        params, state, path, losses = START, optimizer.init(START), [], []
        for _ in range(steps):
            path.append([params["b"], params["w"]])
            params, state, value = step(params, state, x, y)
            losses.append(value)
        path.append([params["b"], params["w"]])
        roads[name] = np.array(path, float), np.array(losses, float)
    return roads


def losses(roads, title="Three optimisers reach the same height"):
    """The loss at each step, for each optimiser."""
    _, ax = plt.subplots(figsize=(8, 3.6))
    for (name, (_, values)), (color, style) in zip(roads.items(), cycle(STYLES)):
        ax.semilogy(values, style, color=color, label=name)
    ax.axhline(0.05**2, color=GREY, lw=0.8, ls="--")
    ax.text(len(values), 0.003, "0.05²", color=GREY, va="bottom", ha="right")
    ax.set(xlabel="step", ylabel="loss", title=title)
    ax.legend(frameon=False)


def race(roads, x, y, every=4, frames=26):
    """All roads at once, on the map of the loss."""

    def loss(p, x, y):
        return jnp.mean((y - p["w"] * x - p["b"]) ** 2)

    fig = Figure(figsize=(8, 5.6), dpi=80, layout="constrained")
    ax = fig.subplots()
    _contours(ax, loss, x, y, (-3.5, 3), (-2, 6.5))
    ax.set(xlabel="b", ylabel="w", xlim=(-3.5, 3), ylim=(-2, 6.5))
    lines, heads = [], []
    for name, (color, style) in zip(roads, STYLES):
        lines += ax.plot([], [], style, color=color, lw=4 if style == ":" else 2, label=name)
        heads += ax.plot([], [], "o", color=color)
    ax.legend(loc="upper right", fontsize=10)

    def draw(n):
        for (path, _), drawn, head in zip(roads.values(), lines, heads):
            drawn.set_data(*path[: every * n + 1].T)
            head.set_data(*path[every * n][:, None])
        ax.set_title(f"Four roads to w = 3, b = −1: step {every * n}")

    animate(fig, draw, frames, milliseconds=200)
    for name, (path, values) in roads.items():
        b, w = path[-1]
        print(f"{name:>22}: w = {w:.3f}, b = {b:.3f} after {len(values)} steps")


def first_steps(adam, steps=30, rate=0.1):
    """How long Adam's first steps are, with its correction and without."""
    rng = np.random.RandomState(0)
    gradients = 1 + 0.2 * rng.normal(size=steps)
    optimizer, found = adam(rate), []
    state = optimizer.init(jnp.float32(0))
    for g in gradients:
        update, state = optimizer.update(jnp.float32(g), state, jnp.float32(0))
        found.append(abs(float(update)))
    m = v = 0.0
    bare = []
    for g in gradients:
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        bare.append(rate * m / np.sqrt(v))
    _, ax = plt.subplots(figsize=(8, 3.6))
    ax.plot(range(1, steps + 1), bare, "o-", color=SKY, ms=4, label="without correction")
    ax.plot(range(1, steps + 1), found, "o-", color=BLUE, ms=4, label="yours")
    ax.axhline(rate, color=GREY, lw=0.8, ls="--")
    ax.set(xlabel="step t", ylabel="size of the step", ylim=(0, None))
    ax.set_title("With the correction the first steps have the size η = 0.1")
    ax.legend(frameon=False)
    plt.show()
