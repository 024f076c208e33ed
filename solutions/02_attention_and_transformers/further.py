"""Pictures of section 11: turning pairs, and attention in chunks."""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from workbook.draw import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, animate, arrow

# ---------------------------------------------------------------- turning pairs


def turning_pairs(apply_rope, pairs=4, frames=24):
    """Four pairs of one vector, turned from position to position, each at its own speed."""
    still = jnp.tile(jnp.array([1.0, 0.0]), (frames, pairs))
    turned = np.asarray(apply_rope(still, jnp.arange(frames), theta=1000.0))
    turned = turned.reshape(frames, pairs, 2)
    fig = Figure(figsize=(11, 3.3), dpi=80, layout="constrained")
    axes = fig.subplots(1, pairs)

    def draw(n):
        for i, (ax, color) in enumerate(zip(axes, (BLUE, ORANGE, GREEN, PURPLE))):
            _one_pair(ax, turned[: n + 1, i], color, i, 1000.0 ** (-i / pairs))
        fig.suptitle(f"Fast hands and slow hands: one vector at position {n}")

    animate(fig, draw, frames, milliseconds=300)


def _one_pair(ax, points, color, i, speed):
    ax.clear()
    circle = np.linspace(0, 2 * np.pi, 100)
    ax.plot(np.cos(circle), np.sin(circle), "--", color=GREY, lw=1)
    ax.plot(*points.T, ".", color=color, ms=6, alpha=0.5)
    arrow(ax, (0, 0), points[-1], color, lw=3)
    ax.set(xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), aspect="equal", xticks=[], yticks=[])
    ax.set(xlabel=f"feature {2 * i}", ylabel=f"feature {2 * i + 1}")
    ax.set_title(f"{speed:.3g} rad a token")


def flat_diagonals(apply_rope, length=24, width=16):
    """The score of one query and one key at all pairs of positions, and along the distance."""
    rng = np.random.RandomState(0)
    query, key = (jnp.asarray(rng.normal(size=width).astype(np.float32)) for _ in range(2))
    places = jnp.arange(length)
    queries, keys = (apply_rope(jnp.tile(x, (length, 1)), places) for x in (query, key))
    scores = np.asarray(queries @ keys.T)
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4))
    most = np.abs(scores).max()
    image = left.imshow(scores, cmap="PuOr", vmin=-most, vmax=most)
    left.set(xlabel="position of the key", ylabel="position of the query", title="all pairs")
    fig.colorbar(image, ax=left, label="query · key")
    for position, color, marker in ((0, BLUE, "o"), (8, ORANGE, "^"), (23, GREEN, "s")):
        gaps = np.arange(length) - position
        label = f"query at {position}"
        right.plot(gaps, scores[position], marker, color=color, mfc="none", ms=7, label=label)
    right.set(xlabel="position of the key − position of the query", ylabel="query · key")
    right.set_title("the distance alone decides")
    right.legend()
    fig.suptitle("One query, one key, turned to all positions: every diagonal has one colour")


# ---------------------------------------------------------------- chunks


def keys_arrive(chunked_attention, keys=96, chunk=8):
    """The running maximum and sum of one query, from the student's logsumexp of growing texts."""
    rng = np.random.RandomState(7)
    k = jnp.asarray(rng.normal(size=(1, keys, 4)).astype(np.float32))
    q, v = jnp.array([[[1.5, -1.0, 2.0, 0.5]]]), jnp.zeros((1, keys, 1))
    scores = np.asarray(k[0] @ q[0, 0]) / 2
    ends = np.arange(chunk, keys + 1, chunk)
    sums = [float(chunked_attention(q, k[:, :n], v[:, :n], chunk=chunk)[1][0, 0]) for n in ends]
    m = np.array([scores[:n].max() for n in ends])
    fig, (top, bottom) = plt.subplots(2, 1, figsize=(10.5, 5.4), sharex=True)
    top.bar(np.arange(keys) + 0.5, scores, color=SKY, label="scores s")
    top.step(
        np.append(0, ends), np.append(m[0], m), where="pre", color=RED, lw=2, label="maximum m"
    )
    top.set(ylabel="score", title="the maximum so far")
    top.legend(loc="lower right", ncols=2)
    bottom.plot(ends, np.exp(sums - m), "o-", color=BLUE, lw=2)
    bottom.set(
        xlabel="keys so far",
        ylabel="ℓ",
        title="the sum so far, measured in units of the largest term",
    )
    for ax in (top, bottom):
        for end in ends:
            ax.axvline(end, color=GREY, lw=0.5, alpha=0.5)
    fig.suptitle("A new maximum shrinks the old sum; without one, keys only add to it")


def largest_arrays(chunked_attention, dense, lengths=(256, 1024, 4096), chunk=64):
    """Megabytes of the largest array in both programs; nothing is computed."""
    rows = {"all scores at once": [], f"chunks of {chunk}": []}
    for length in lengths:
        x = jax.ShapeDtypeStruct((1, length, 64), jnp.float32)
        programs = (
            jax.make_jaxpr(dense)(x, x, x),
            jax.make_jaxpr(lambda *qkv: chunked_attention(*qkv, chunk=chunk))(x, x, x),
        )
        for sizes, program in zip(rows.values(), programs):
            sizes.append(4 * _largest(program.jaxpr) / 1e6)
    _, ax = plt.subplots(figsize=(8, 4))
    for (name, sizes), color, marker in zip(rows.items(), (RED, BLUE), "so"):
        ax.loglog(lengths, sizes, marker=marker, color=color, lw=2, label=name)
        for length, size in zip(lengths, sizes):
            offset = {"textcoords": "offset points", "xytext": (0, 8), "ha": "center"}
            ax.annotate(f"{size:.2g} MB", (length, size), color=color, **offset)
    ax.set(
        xlabel="length of the text", ylabel="largest array (MB)", xlim=(170, 6200), ylim=(0.03, 300)
    )
    ax.set_xticks(lengths, lengths)
    ax.minorticks_off()
    ax.set_title("All scores grow with the square of the length, chunks with the length alone")
    ax.legend()


def _largest(jaxpr):
    """Entries of the largest array that a program makes, looked up in all its parts."""
    found = [0]
    for equation in jaxpr.eqns:
        found += [int(np.prod(var.aval.shape)) for var in equation.outvars]
        for value in equation.params.values():
            for part in value if isinstance(value, tuple | list) else [value]:
                inner = getattr(part, "jaxpr", part)
                found += [_largest(inner)] if hasattr(inner, "eqns") else []
    return max(found)
