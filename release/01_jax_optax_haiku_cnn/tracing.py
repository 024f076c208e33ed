"""Section 2: the picture of ReLU, what tracing writes down, and what compiling saves."""

import time
from functools import partial

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


def _operations(program):
    """The names of the operations of a jaxpr, and of the programs within it."""
    for eqn in program.eqns:
        within = [value for value in eqn.params.values() if hasattr(value, "eqns")]
        for inner in within:
            yield from _operations(inner)
        if not within:
            yield str(eqn.primitive)


def _graph(ax, program):
    """The operations of a jaxpr, from the input down to the output."""
    found = list(_operations(program))
    names = ["input x", *(found if len(found) < 6 else [*found[:4], "…"]), "output"]
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


def _milliseconds(f, *args, repeats):
    """The shortest of several calls; each waits until the array is there."""
    spent = []
    for _ in range(repeats):
        start = time.perf_counter()
        jax.block_until_ready(f(*args))
        spent.append(1000 * (time.perf_counter() - start))
    return min(spent)


def times(f, x):
    """With NumPy, op by op, the first compiled call, and later ones."""
    compiled, in_numpy, numbers = jax.jit(f), partial(f, library=np), np.asarray(x)
    _milliseconds(f, x, repeats=1)  # each single operation is compiled too, once
    labels = ["NumPy", "JAX, op by op", "compiled:\nfirst call", "compiled:\nlater calls"]
    bare = _milliseconds(in_numpy, numbers, repeats=10)
    spent = [
        _milliseconds(f, x, repeats=10),
        _milliseconds(compiled, x, repeats=1),
        _milliseconds(compiled, x, repeats=10),
    ]
    _, ax = plt.subplots(figsize=(8.2, 3.4))
    shown = [bare, *spent][::-1]
    bars = ax.barh(labels[::-1], shown, color=[BLUE, ORANGE, GREY, GREEN])
    ax.bar_label(bars, [f"{t:.1f} ms" for t in shown], padding=4)
    ax.set(xlabel="milliseconds for a million numbers (shortest of 10; first call: once)")
    ax.margins(x=0.15)
    ratio = spent[0] / spent[2]
    words = f"{ratio:.1f} times as fast as" if ratio > 1.1 else "no faster than"
    ax.set_title(f"Here and now: compiled calls are {words} op by op, the first one isn't")
    saved, extra = spent[0] - spent[2], max(spent[1] - spent[0], 0)
    if saved > 0 and ratio > 1.1:
        print(f"The first call has paid off after about {extra / saved:.0f} more calls.")


def race(contenders, repeats=5):
    """How long each function takes: the shortest of several calls, after one that compiles."""
    width, results = max(map(len, contenders)), []
    for name, f in contenders.items():
        results.append(jax.tree.leaves(jax.block_until_ready(f())))
        spent = _milliseconds(f, repeats=repeats)
        print(f"{name:>{width}}: {spent:9.3f} ms")
    pairs = [(a, b) for other in results[1:] for a, b in zip(results[0], other, strict=True)]
    agree = all(np.allclose(a, b, atol=1e-5) for a, b in pairs)
    print("The results agree." if agree else "The results differ.")
