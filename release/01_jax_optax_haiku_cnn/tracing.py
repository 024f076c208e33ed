"""Section 2: the picture of ReLU, what tracing writes down, and what compiling saves."""

import time

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyBboxPatch

from workbook.draw import BLUE, GREEN, GREY, ORANGE, arrow

DOTS = np.linspace(-3, 3, 13)


def _relu_axes(ax, title):
    ax.axhline(0, color=GREY, lw=0.8)
    ax.axvline(0, color=GREY, lw=0.8)
    ax.set(xlabel="x", ylabel="relu(x)", title=title)


def relu_dots(relu_python):
    """Thirteen calls, thirteen dots."""
    _, ax = plt.subplots(figsize=(5.2, 3))
    ax.plot(DOTS, [float(relu_python(float(x))) for x in DOTS], "o", color=ORANGE)
    _relu_axes(ax, "13 calls, 13 dots")
    plt.show()


def filled_in(relu):
    """One call for all numbers, and the program that tracing made of it."""
    x = jnp.linspace(-3, 3, 301)
    fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.4))
    left.plot(x, relu(x), color=BLUE)
    left.plot(DOTS, np.maximum(DOTS, 0), "o", color=ORANGE, ms=5)
    _relu_axes(left, "one call, 301 numbers")
    _graph(right, jax.make_jaxpr(relu)(jnp.zeros(3)))
    fig.suptitle("The dots filled in, and the program behind the line")
    plt.show()


def _graph(ax, program):
    """The first level of a jaxpr, from the input down to the output."""
    names = ["input x", *[str(eqn.primitive) for eqn in program.eqns][:5], "output"]
    for n, name in enumerate(names):
        y, color = -n, GREEN if n in (0, len(names) - 1) else BLUE
        style = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": color, "lw": 1.5}
        ax.add_patch(FancyBboxPatch((-0.9, y - 0.2), 1.8, 0.4, **style))
        ax.text(0, y, name, ha="center", va="center")
        if n:
            arrow(ax, (0, y + 0.68), (0, y + 0.32))
    ax.set(xlim=(-3, 3), ylim=(-len(names) + 0.4, 0.6))
    ax.axis("off")
    ax.set_title("what tracing wrote down")


def _milliseconds(f, x, repeats):
    """The shortest of several calls; each waits until the array is there."""
    spent = []
    for _ in range(repeats):
        start = time.perf_counter()
        jax.block_until_ready(f(x))
        spent.append(1000 * (time.perf_counter() - start))
    return min(spent)


def times(f, x):
    """Op by op, the first compiled call, and later ones."""
    compiled = jax.jit(f)
    _milliseconds(f, x, 1)  # each single operation is compiled too, once
    labels = ["op by op", "compiled:\nfirst call", "compiled:\nlater calls"]
    spent = [_milliseconds(f, x, 10), _milliseconds(compiled, x, 1), _milliseconds(compiled, x, 10)]
    _, ax = plt.subplots(figsize=(8.2, 3))
    bars = ax.barh(labels[::-1], spent[::-1], color=[BLUE, ORANGE, GREY])
    ax.bar_label(bars, [f"{t:.1f} ms" for t in spent[::-1]], padding=4)
    ax.set(xlabel="milliseconds for a million numbers (shortest of 10; first call: once)")
    ax.margins(x=0.15)
    ratio = spent[0] / spent[2]
    words = f"{ratio:.1f} times as fast as" if ratio > 1.1 else "no faster than"
    ax.set_title(f"Here and now: compiled calls are {words} op by op, the first one isn't")
    saved, first = spent[0] - spent[2], spent[1]
    if saved > 0 and ratio > 1.1:
        print(f"The first call has paid off after about {first / saved:.0f} more calls.")
