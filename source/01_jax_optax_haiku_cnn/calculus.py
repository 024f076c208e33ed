"""Sections 3 to 5: derivatives, rows of a table, keys."""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

from workbook.draw import BLUE, GREEN, GREY, ORANGE, PALE, PURPLE, RED

NAMES = ("f(x) = 6x⁴ − 9x + 4", "f′(x) = 24x³ − 9", "f″(x) = 72x²", "f‴(x) = 144x", "f⁗(x) = 144")


def derivatives(functions):
    """A function and its derivatives, below each other."""
    x = jnp.linspace(-1.5, 1.5, 201)
    fig, axes = plt.subplots(len(functions), 1, figsize=(8, 8.6), sharex=True)
    for ax, f, name, color in zip(axes, functions, NAMES, (BLUE, ORANGE, GREEN, RED, PURPLE)):
        ax.plot(x, jax.vmap(f)(x), color=color, lw=2)
        ax.axhline(0, color=GREY, lw=0.8)
        ax.set_ylabel(name.split(" = ")[0])
        ax.set_title(name, loc="left")
    axes[-1].set(xlabel="x", ylim=(0, 200))
    fig.suptitle("Each curve is the slope of the one above it")


def coloured_rows(batch_min_max):
    """A grid of numbers; the smallest and the largest of each row are coloured."""
    batch = jnp.array([[7, 3, 9, 4, 6], [2, 8, 5, 1, 3], [6, 5, 2, 4, 8]])
    pairs = np.asarray(batch_min_max(batch))
    _, ax = plt.subplots(figsize=(6, 3.6))
    for row, (least, most) in enumerate(pairs):
        for column, number in enumerate(np.asarray(batch)[row]):
            color = BLUE if number == least else ORANGE if number == most else PALE
            ax.add_patch(plt.Rectangle((column, row), 1, 1, color=color, ec="white", lw=3))
            dark = number in (least, most)
            ax.text(column + 0.5, row + 0.5, number, ha="center", va="center", color="white" if dark else "black")  # fmt: skip
        ax.text(5.2, row + 0.5, f"[{least}, {most}]", va="center", family="monospace")
    ax.set(xlim=(0, 6.2), ylim=(3, 0), xlabel="entry", ylabel="example", aspect="equal")
    ax.set_xticks(np.arange(5) + 0.5, range(5))
    ax.set_yticks(np.arange(3) + 0.5, range(3))
    ax.set_title("Smallest (blue) and largest (orange) of each row")


def two_noises(key):
    """Two noises from one key, and two from split keys."""
    keys = jax.random.split(key)
    fig, axes = plt.subplots(1, 2, figsize=(8.6, 4), sharex=True, sharey=True)
    for ax, (one, other), title in zip(
        axes, ((key, key), keys), ("one key, used twice", "split keys")
    ):
        x, y = jax.random.normal(one, (300,)), jax.random.normal(other, (300,))
        ax.plot(x, y, ".", color=RED if "twice" in title else BLUE, alpha=0.6)
        correlation = float(jnp.corrcoef(x, y)[0, 1])
        ax.set(
            xlabel="first noise", title=f"{title}: correlation {correlation:.2f}", aspect="equal"
        )
    axes[0].set_ylabel("second noise")
    fig.suptitle("Noise from one key twice is one noise")


def residuals(noisy_line, key, noise=0.5, count=200):
    """Points near y = 3x - 1: what is left over against x, for one key used twice and for yours."""
    x = jax.random.uniform(key, (count,), minval=-2.0, maxval=2.0)
    twice = x, 3 * x - 1 + noise * jax.random.normal(key, (count,))
    fig, axes = plt.subplots(1, 2, figsize=(10, 3.8), sharex=True, sharey=True)
    for ax, (x, y), color, title in zip(
        axes,
        (twice, noisy_line(key, count, noise=noise)),
        (RED, BLUE),
        ("one key, used twice", "yours"),
    ):
        r = y - (3 * x - 1)
        slope, _ = np.polyfit(x, y, 1)
        ax.axhline(0, color=GREY, lw=0.8)
        ax.plot(x, r, ".", color=color, alpha=0.6)
        correlation = float(jnp.corrcoef(x, r)[0, 1])
        ax.set(
            xlabel="x", title=f"{title}: correlation {correlation:.2f}, fitted slope {slope:.2f}"
        )
    axes[0].set_ylabel("y − (3x − 1)")
    fig.suptitle(f"With one key x gives the noise away; with two it doesn't (noise {noise})")
