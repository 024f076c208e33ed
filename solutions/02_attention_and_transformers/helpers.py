"""Pictures and made-up sentences for this practical; no exercise needs to look in here."""

from itertools import cycle

import haiku as hk
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from scipy.spatial import ConvexHull

from workbook.draw import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, animate, arrow
from tables import label_axes, labels, mask_table, weight_map

WORD_COLORS = [BLUE, SKY, GREEN, "#7FBF3F", RED, PURPLE, ORANGE, BLACK]

# ---------------------------------------------------------------- sentences


def to_tokens(sentences):
    """Token ids (B, T): a number from 3 up for each word, 0 after the end of short sentences."""
    lines = [sentence.split() for sentence in sentences]
    vocabulary = dict.fromkeys(word for line in lines for word in line)
    number = {word: index for index, word in enumerate(vocabulary, start=3)}
    tokens = np.zeros((len(lines), max(map(len, lines))), np.int32)
    for row, line in zip(tokens, lines):
        row[: len(line)] = [number[word] for word in line]
    return jnp.asarray(tokens)


def embed(tokens, width):
    """A vector of standard normal numbers for each token, the same for the same token."""
    table = np.random.RandomState(0).normal(size=(64, width)).astype(np.float32)
    return jnp.asarray(table[np.asarray(tokens)])


# ---------------------------------------------------------------- sections 1 and 2


def _outline(points):
    """The corners of the smallest convex shape around points, closed."""
    corners = ConvexHull(points, qhull_options="QJ").vertices
    return points[np.append(corners, corners[0])]


def circling_query(attention, words, length=2.0, frames=24):
    """Turn a query once round the words and show what attention reads on the way."""
    points = np.array(list(words.values()), np.float32)
    angles = np.linspace(0, 2 * np.pi, frames, endpoint=False)
    queries = length * np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    weights, contexts = map(np.asarray, attention(jnp.asarray(points), jnp.asarray(queries)))
    fig = Figure(figsize=(9.2, 4.4), dpi=80, layout="constrained")
    left, right = fig.subplots(1, 2, width_ratios=[1, 1.15])
    table = _empty_table(right, list(words), np.degrees(angles))

    def draw(n):
        _words_and_query(left, words, points, queries[n], weights[n], contexts[: n + 1])
        table.set_data(np.where(np.arange(frames)[:, None] <= n, weights, np.nan))

    animate(fig, draw, frames, milliseconds=250)


def _words_and_query(ax, words, points, query, weights, contexts):
    ax.clear()
    ax.plot(*_outline(points).T, "--", color=GREY, lw=1)
    for word, point, weight, color in zip(words, points, weights, cycle(WORD_COLORS)):
        style = {"arrowstyle": "-|>", "color": color, "shrinkA": 0, "shrinkB": 0}
        style |= {"lw": 1 + 5 * weight, "alpha": 0.35 + 0.6 * float(weight)}
        ax.annotate("", point, (0, 0), arrowprops=style)
        ax.text(*(point * 1.2), word, color=color, ha="center", va="center")
    arrow(ax, (0, 0), query, lw=1.8)
    ax.text(*(query * 1.12), "query", ha="center", va="center", fontsize=10)
    ax.plot(*contexts.T, "-", color=ORANGE, lw=1.5)
    ax.plot(*contexts[-1], "o", color=ORANGE, ms=11, mec="white")
    reach = 1.25 * max(np.abs(points).max(), np.hypot(*query))
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xticks=[], yticks=[])
    ax.set(xlabel="feature 0", ylabel="feature 1")
    ax.set_title(f"the context (orange): mostly {list(words)[int(np.argmax(weights))]}")


def _empty_table(ax, names, degrees):
    shape = (len(degrees), len(names))
    image = ax.imshow(np.full(shape, np.nan), cmap="viridis", vmin=0, vmax=1, aspect="auto")
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks(range(0, len(degrees), 6), [f"{d:.0f}°" for d in degrees[::6]])
    ax.set(xlabel="word", ylabel="direction of the query", title="its weights so far")
    ax.figure.colorbar(image, ax=ax, label="weight")
    return image


def three_roles(words, **roles):
    """The words, and what three layers make of them."""
    panels = {"word": np.array(list(words.values()))} | roles
    fig, axes = plt.subplots(1, 4, figsize=(13, 3.7))
    for ax, (role, points) in zip(axes, panels.items()):
        points = np.asarray(points)
        reach = 1.6 * np.abs(points).max()
        ax.plot(*_outline(points).T, "--", color=GREY, lw=1)
        for word, point, color in zip(words, points, cycle(WORD_COLORS)):
            ax.plot(*point, "o", color=color, ms=9)
            _outside(ax, points, point, word, color)
        ax.plot(0, 0, "+", color=BLACK)
        ax.set(title=role, xlabel="feature 0", aspect="equal")
        ax.set(xlim=(-reach, reach), ylim=(-reach, reach))
    axes[0].set_ylabel("feature 1")
    fig.suptitle("One word, three roles: three layers see the same six words in three ways")


def _outside(ax, points, point, word, color):
    """A word beside its point, on the side that looks away from the cloud of all points."""
    normal = np.linalg.pinv(points.T @ points) @ point
    x, y = normal / (np.hypot(*normal) or 1)
    sideways = "left" if x > 0.4 else "right" if x < -0.4 else "center"
    upwards = "bottom" if y > 0.4 else "top" if y < -0.4 else "center"
    where = {"ha": sideways, "va": upwards, "xytext": (8 * x, 8 * y)}
    ax.annotate(word, point, color=color, textcoords="offset points", **where)


def saturation(widths=(4, 64, 1024), queries=1000, keys=16):
    """How large the largest of 16 weights is, with and without scaling."""
    fig, axes = plt.subplots(2, len(widths), figsize=(11, 5), sharex=True, sharey=True)
    rng = np.random.RandomState(0)
    for column, d in zip(axes.T, widths):
        products = _products(rng, queries, keys, d)
        for ax, scores, label in zip(column, (products, products / np.sqrt(d)), ("q·k", "q·k/√d")):
            largest = np.asarray(jax.nn.softmax(scores, axis=-1)).max(axis=-1)
            ax.hist(largest, bins=np.linspace(0, 1, 26), color=RED if label == "q·k" else BLUE)
            ax.set_title(f"d = {d}, {label}: {np.mean(largest > 0.9):.0%} above 0.9")
    for ax in axes[-1]:
        ax.set_xlabel("largest weight of a query")
    for ax in axes[:, 0]:
        ax.set_ylabel("queries")
    fig.suptitle(
        "Without scaling, wide queries choose one of the 16 keys; with it, the width hardly matters"
    )


def _products(rng, queries, keys, d):
    """Dot products of random queries, each with keys of its own."""
    rows = [rng.normal(size=(keys, d)) @ rng.normal(size=d) for _ in range(queries)]
    return np.array(rows, np.float32)


# ---------------------------------------------------------------- sections 3 and 4


def mask_gallery(masks, sentences):
    """Who may read whom: a row of panels for each kind of mask, a column for each sentence."""
    fig, axes = plt.subplots(len(masks), len(sentences), figsize=(9.6, 8.8), sharex="col")
    for row, (kind, mask) in zip(axes, masks.items()):
        for ax, table, sentence in zip(row, np.asarray(mask), sentences):
            words = labels(sentence, table.shape[-1])
            mask_table(ax, table, words, words)
            ax.set_title(kind)
        row[0].set_ylabel("query")
    for ax in axes[-1]:
        ax.set_xlabel("key")
    fig.suptitle("Blue may be read: a padding mask takes columns away, a causal one a corner")


def sentence_maps(maps, sentence):
    """The weights of one sentence under several masks."""
    fig, axes = plt.subplots(1, len(maps), figsize=(13.5, 4.2), sharey=True)
    for ax, (kind, weights) in zip(axes, maps.items()):
        words = labels(sentence, len(weights))
        image = weight_map(ax, weights, words, words)
        ax.set(title=kind, xlabel="key")
    axes[0].set_ylabel("query")
    fig.colorbar(image, ax=axes, label="weight", shrink=0.8)
    fig.suptitle("Every row adds up to 1; what is masked (grey) gets exactly nothing")


def splitting_heads():
    """Three words of width 6 are cut into two heads: which number goes where."""
    fig, axes = plt.subplots(1, 3, figsize=(11, 2.9), width_ratios=[6, 6.4, 7.2])
    titles = (
        "a query for each word\n($T, d_m$) = (3, 6)",
        "reshape: each row is cut\n($T, N, d_h$) = (3, 2, 3)",
    )
    for ax, gap, title in zip(axes, (0, 0.4), titles):
        for word in range(3):
            _cells(ax, word, 0, 0)
            _cells(ax, word, 1, 3 + gap)
            ax.text(-0.25, word, f"word {word}", ha="right", va="center")
        ax.set_title(title)
    for word in range(3):
        for head in (0, 1):
            _cells(axes[2], word, head, 4.2 * head)
    for head in (0, 1):
        axes[2].text(4.2 * head + 1.5, 2.9, f"head {head}", ha="center", va="center")
    axes[2].set_title("swap axes: a table for each head\n($N, T, d_h$) = (2, 3, 3)")
    for ax in axes:
        ax.set(xlim=(-1.6, 7.4), ylim=(3.2, -0.6), aspect="equal")
        ax.axis("off")
    fig.suptitle("A head takes neighbouring columns of every word (here without the batch)")


def _cells(ax, word, head, x):
    """The three numbers of a word that belong to a head."""
    for n in range(3):
        corner = (x + n, word - 0.4)
        ax.add_patch(plt.Rectangle(corner, 1, 0.8, fc=(SKY, ORANGE)[head], ec="white", alpha=0.75))
        ax.text(x + n + 0.5, word, f"{word}{3 * head + n}", ha="center", va="center", fontsize=11)


def four_heads(weights, sentence):
    """The weights of each head, side by side."""
    fig, axes = plt.subplots(1, len(weights), figsize=(13.5, 4.2), sharey=True)
    for head, (ax, table) in enumerate(zip(axes, weights)):
        words = sentence.split()
        image = weight_map(ax, table, words, words, float(weights.max()))
        ax.set(title=f"head {head}", xlabel="key")
    axes[0].set_ylabel("query")
    fig.colorbar(image, ax=axes, label="weight", shrink=0.8)
    fig.suptitle("Four heads read the same sentence in four ways (untrained)")


def untrained_maps(maps, sentence):
    """The mean map of several untrained layers."""
    fig, axes = plt.subplots(1, len(maps), figsize=(11, 4.2), sharey=True)
    most = float(max(table.max() for table in maps))
    for seed, (ax, table) in enumerate(zip(axes, maps), start=1):
        words = sentence.split()
        image = weight_map(ax, table, words, words, most)
        ax.set(title=f"seed {seed}, mean of heads", xlabel="key")
    axes[0].set_ylabel("query")
    fig.colorbar(image, ax=axes, label="weight", shrink=0.8)
    fig.suptitle("Three untrained layers, three opinions on the same sentence")


# ---------------------------------------------------------------- section 5


def shuffled(before, after, order, sentence):
    """Outputs of a sentence, of the shuffled sentence, and these put back in order."""
    before, after, order = map(np.asarray, (before, after, order))
    words, back = np.array(sentence.split()), np.argsort(order)
    panels = [("in order", before, words), ("shuffled", after, words[order])]
    panels.append(("shuffled, rows put back", after[back], words))
    fig, axes = plt.subplots(1, 3, figsize=(13, 3.4))
    for ax, (title, table, rows) in zip(axes, panels):
        image = ax.imshow(table, cmap="PuOr", vmin=-1, vmax=1, aspect="auto")
        label_axes(ax, rows)
        ax.set(title=title, xlabel="output feature")
    fig.colorbar(image, ax=axes, label="output")
    gap = np.abs(after[back] - before).max()
    fig.suptitle(
        f"Shuffle the words, and the outputs are shuffled alike (largest difference {gap:.0e})"
    )


def stripes(table):
    """The sinusoidal code, and how alike its rows are."""
    table = np.asarray(table)
    fig, (left, right) = plt.subplots(1, 2, figsize=(13, 4.6), width_ratios=[1, 1.1])
    image = left.imshow(table, cmap="PuOr", vmin=-1, vmax=1, aspect="auto")
    left.set(
        xlabel="column", ylabel="position t", title="fast columns on the left, slow ones right"
    )
    fig.colorbar(image, ax=left, label="PE")
    positions = np.arange(len(table))
    looks = zip((0, 15, 30, 45), (BLUE, ORANGE, GREEN, PURPLE), "o^sD")
    for u, color, marker in looks:
        label = f"u = {u}"
        right.plot(
            positions - u, table @ table[u], marker, color=color, ms=7, mfc="none", label=label
        )
    right.set(xlabel="gap t − u", ylabel="PE$_u$ · PE$_t$", title="the gap alone decides")
    right.legend(title="seen from")
    fig.suptitle("Each position has its own pattern, and near positions have similar ones")


def likeness(fixed, learned):
    """Cosines between the rows of two position tables."""
    fig, axes = plt.subplots(1, 2, figsize=(10, 4.4))
    for ax, table, title in zip(axes, (fixed, learned), ("waves", "learned table, untrained")):
        rows = np.asarray(table) / np.linalg.norm(table, axis=1, keepdims=True)
        image = ax.imshow(rows @ rows.T, cmap="viridis", vmin=-0.4, vmax=1)
        ax.set(title=title, xlabel="position", ylabel="position")
    fig.colorbar(image, ax=axes, label="cosine of the angle")
    fig.suptitle("Waves know from the start which positions are near; a table must learn it")


# ---------------------------------------------------------------- section 6


def gelu_or_relu(x, gelu):
    """Two activations that differ near zero."""
    _, ax = plt.subplots(figsize=(7, 4))
    ax.plot(x, np.maximum(x, 0), "--", color=RED, lw=2.5, label="ReLU")
    ax.plot(x, gelu, color=BLUE, lw=2.5, label="GELU (your block, weights 1)")
    ax.axhline(0, color=GREY, lw=0.8)
    ax.set(xlabel="input", ylabel="output", ylim=(-0.5, 3))
    ax.set_title("GELU bends smoothly and lets a little of the negative side through")
    ax.legend()


def twelve_blocks(Attention, FeedForward, AddNorm, depth=12, width=32):
    """How large the numbers are, and how alike positions get, on the way through blocks."""
    joins = {
        "layers alone": (RED, "s", lambda x, y: y),
        "with shortcuts": (ORANGE, "^", lambda x, y: x + y),
        "with norms, no shortcut": (PURPLE, "D", lambda x, y: AddNorm()(jnp.zeros_like(x), y)),
        "with AddNorm": (BLUE, "o", lambda x, y: AddNorm()(x, y)),
    }
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
    for label, (color, marker, join) in joins.items():
        layers = lambda: (Attention(4, width), FeedForward())  # noqa: E731
        sizes, likeness = _through(layers, join, depth, width)
        style = {"marker": marker, "color": color, "lw": 2, "mfc": "none", "label": label}
        if marker == "D":  # lies under the line of AddNorm on the left
            style |= {"lw": 5, "ms": 10, "alpha": 0.5}
        left.semilogy(range(depth + 1), sizes, **style)
        right.plot(range(depth + 1), likeness, **style)
    left.set(xlabel="block", ylabel="root mean square", title="how large activations are")
    right.set(
        xlabel="block", ylabel="mean cosine of two positions", title="how alike positions are"
    )
    fig.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    fig.suptitle(
        "Twelve untrained blocks: norms keep the size, shortcuts keep positions apart for longer"
    )


def _through(layers, join, depth, width):
    def block(x):
        for layer in layers():
            x = join(x, layer(x))
        return x

    init, apply = hk.without_apply_rng(hk.transform(block))
    rng, apply = np.random.RandomState(0), jax.jit(apply)
    x = jnp.asarray(rng.normal(size=(1, 16, width)).astype(np.float32))
    shapes = jax.eval_shape(init, jax.random.key(0), x)
    sizes, likeness = [1.0], [_likeness(x)]
    for _ in range(depth):
        x = apply(jax.tree.map_with_path(lambda path, leaf: _draw(rng, path, leaf), shapes), x)
        sizes.append(float(jnp.sqrt(jnp.mean(x**2))))
        likeness.append(_likeness(x))
    return sizes, likeness


def _likeness(x):
    """The mean cosine of the vectors of two different positions."""
    rows = np.asarray(x[0]) / np.linalg.norm(x[0], axis=1, keepdims=True)
    return (rows @ rows.T)[~np.eye(len(rows), dtype=bool)].mean()


def _draw(rng, path, leaf):
    """Weights of variance 1/inputs, no bias, a scale of one: the usual start, without compiling."""
    if leaf.ndim == 2:
        return (rng.normal(size=leaf.shape) / np.sqrt(leaf.shape[0])).astype(np.float32)
    return np.full(leaf.shape, path[-1].key == "scale", np.float32)
