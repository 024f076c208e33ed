"""Pictures and made-up sentences for this practical; no exercise needs to look in here."""

import io
from itertools import pairwise

import haiku as hk
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image, display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from PIL import Image as Picture
from scipy.spatial import ConvexHull

# Okabe and Ito's colours, which look different to everyone
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PURPLE, BLACK, GREY, PALE = "#56B4E9", "#CC79A7", "#222222", "#8A8A8A", "#EDEDED"
WORD_COLORS = [BLUE, SKY, GREEN, "#7FBF3F", RED, PURPLE, ORANGE, BLACK]

plt.rcParams.update(
    {
        "figure.dpi": 100,
        "figure.constrained_layout.use": True,
        "figure.facecolor": "white",
        "figure.titlesize": 14,
        "font.size": 12,
        "axes.titlesize": 12,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
)

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


def _labels(sentence, length):
    words = sentence.split()
    return words + ["(pad)"] * (length - len(words))


def _label_axes(ax, rows, columns=()):
    """Words along the axes of a table."""
    ax.set_yticks(range(len(rows)), rows)
    ax.set_xticks(range(len(columns)), columns, rotation=60, ha="right", rotation_mode="anchor")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def _weight_map(ax, weights, words, most=1.0):
    """Attention weights as colours; a weight of exactly 0 is left grey."""
    colors = plt.get_cmap("viridis").with_extremes(bad=PALE)
    weights = np.asarray(weights)
    image = ax.imshow(np.where(weights > 0, weights, np.nan), cmap=colors, vmin=0, vmax=most)
    _label_axes(ax, words, words)
    return image


# ---------------------------------------------------------------- the first picture

ATTENTION_X, ENCODER_X, DECODER_X = 0.0, 4.6, 8.6
PARTS = [  # x, y, label, exercise
    (ATTENTION_X, 1.2, "queries, keys, values", 2),
    (ATTENTION_X, 2.2, "look things up softly", 1),
    (ATTENTION_X, 3.2, "who may read whom", 3),
    (ATTENTION_X, 4.2, "scaled dot products", 4),
    (ATTENTION_X, 5.2, "several heads", 5),
    (ENCODER_X, 1.0, "waves for positions", 6),
    (ENCODER_X, 2.2, "multi-head attention", 5),
    (ENCODER_X, 3.0, "add & norm", 9),
    (ENCODER_X, 3.8, "feed-forward", 8),
    (ENCODER_X, 4.6, "add & norm", 9),
    (DECODER_X, 1.0, "waves for positions", 6),
    (DECODER_X, 2.2, "causal attention", 5),
    (DECODER_X, 3.0, "add & norm", 9),
    (DECODER_X, 3.8, "cross-attention", 5),
    (DECODER_X, 4.6, "add & norm", 9),
    (DECODER_X, 5.4, "feed-forward", 8),
    (DECODER_X, 6.2, "add & norm", 9),
    (DECODER_X, 7.4, "loss, next letter", 12),
]
FRAMES = [  # x, lowest and highest y, label, exercise
    (ATTENTION_X, 1.2, 5.2, "inside every attention", None),
    (ENCODER_X, 2.2, 4.6, "encoder block", 10),
    (DECODER_X, 2.2, 6.2, "decoder block", 11),
]


def journey(last_exercise):
    """The whole transformer; what the exercises so far build is filled."""
    _, ax = plt.subplots(figsize=(11.5, 7.2))
    for x, low, high, label, number in FRAMES:
        _frame(ax, x, low, high, label, number, last_exercise)
    for x, y, label, number in PARTS:
        _part(ax, x, y, label, number, number <= last_exercise)
    for x in (ENCODER_X, DECODER_X):
        ys = [y for at, y, *_ in PARTS if at == x]
        for low, high in pairwise(ys):
            _arrow(ax, (x + 1.5, low + 0.27), (x + 1.5, high - 0.27))
        ax.text(x + 1.5, 0.2, "h e l l o" if x == ENCODER_X else "‹start› o l l e", ha="center")
        _arrow(ax, (x + 1.5, 0.42), (x + 1.5, 0.73))
    _arrow(ax, (ENCODER_X + 1.5, 4.87), (ENCODER_X + 1.5, 5.5), "-")
    ax.plot([ENCODER_X + 1.5, 8.05, 8.05], [5.5, 5.5, 3.8], color=BLACK, lw=1.3)
    _arrow(ax, (8.05, 3.8), (DECODER_X, 3.8))
    ax.text(DECODER_X + 1.5, 8.15, "o l l e h", ha="center", fontweight="bold")
    _arrow(ax, (DECODER_X + 1.5, 7.67), (DECODER_X + 1.5, 8.05))
    ax.set(xlim=(-0.5, 12.3), ylim=(0, 8.6), aspect="equal")
    ax.axis("off")
    ax.set_title("The transformer that you build; numbers are exercises, filled boxes are here")


def _part(ax, x, y, label, number, done):
    color = BLUE if done else GREY
    style = {"facecolor": "#DCECF7" if done else "white", "edgecolor": color, "lw": 1.5}
    ax.add_patch(FancyBboxPatch((x, y - 0.25), 3, 0.5, boxstyle="round,pad=0.02", **style))
    ax.text(x + 0.15, y, label, va="center", color=BLACK if done else GREY)
    ax.text(x + 2.85, y, number, va="center", ha="right", color=color, fontweight="bold")


def _frame(ax, x, low, high, label, number, last_exercise):
    color = BLUE if number is None or number <= last_exercise else GREY
    corner, size = (x - 0.3, low - 0.45), (3.6, high - low + 0.9)
    style = {"facecolor": "none", "edgecolor": color, "linestyle": (0, (4, 3)), "lw": 1.2}
    ax.add_patch(FancyBboxPatch(corner, *size, boxstyle="round,pad=0.02", **style))
    text = label if number is None else f"{label}  {number}"
    ax.text(x - 0.3, high + 0.58, text, color=color, va="bottom", fontstyle="italic")


def _arrow(ax, start, end, style="-|>"):
    arrow = {"arrowstyle": style, "color": BLACK, "shrinkA": 0, "shrinkB": 0, "lw": 1.3}
    ax.annotate("", end, start, arrowprops=arrow)


# ---------------------------------------------------------------- sections 1 and 2


def _outline(points):
    """The corners of the smallest convex shape around points, closed."""
    corners = ConvexHull(points, qhull_options="QJ").vertices
    return points[np.append(corners, corners[0])]


def circling_query(attention, words, length=2.5, frames=24):
    """Turn a query once round the words and show what attention reads on the way."""
    points = np.array(list(words.values()), np.float32)
    angles = np.linspace(0, 2 * np.pi, frames, endpoint=False)
    queries = length * np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    weights, contexts = map(np.asarray, attention(jnp.asarray(points), jnp.asarray(queries)))
    fig = Figure(figsize=(9.2, 4.4), dpi=80, layout="constrained")
    pictures = []
    for frame in range(frames):
        fig.clear()
        left, right = fig.subplots(1, 2, width_ratios=[1, 1.15])
        _words_and_query(left, words, points, queries[frame], weights[frame], contexts[: frame + 1])
        _weights_so_far(right, list(words), np.degrees(angles), weights, frame)
        pictures.append(_as_picture(fig))
    display(_animation(pictures, milliseconds=250))


def _words_and_query(ax, words, points, query, weights, contexts):
    ax.plot(*_outline(points).T, "--", color=GREY, lw=1)
    for word, point, weight, color in zip(words, points, weights, WORD_COLORS):
        arrow = {"arrowstyle": "-|>", "color": color, "lw": 1 + 5 * weight, "shrinkA": 0}
        ax.annotate(
            "", point, (0, 0), arrowprops=arrow | {"shrinkB": 0, "alpha": 0.35 + 0.6 * weight}
        )
        ax.text(*(point * 1.2), word, color=color, ha="center", va="center")
    ax.annotate("", query, (0, 0), arrowprops={"arrowstyle": "-|>", "color": BLACK, "lw": 1.8})
    ax.text(*(query * 1.1), "query", ha="center", va="center", fontsize=10)
    ax.plot(*contexts.T, "-", color=ORANGE, lw=1.5)
    ax.plot(*contexts[-1], "o", color=ORANGE, ms=11, mec="white")
    reach = 1.25 * max(np.abs(points).max(), np.hypot(*query))
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xticks=[], yticks=[])
    ax.set_title("the context (orange) is a blend")
    ax.set(xlabel="feature 0", ylabel="feature 1")


def _weights_so_far(ax, names, degrees, weights, frame):
    shown = np.where(np.arange(len(weights))[:, None] <= frame, weights, np.nan)
    image = ax.imshow(shown, cmap="viridis", vmin=0, vmax=1, aspect="auto")
    ax.axhline(frame, color=BLACK, lw=0.8)
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks(range(0, len(degrees), 6), [f"{d:.0f}°" for d in degrees[::6]])
    ax.set(ylabel="direction of the query", title="the weights turn with the query")
    ax.figure.colorbar(image, ax=ax, label="weight")


def _as_picture(fig):
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    return Picture.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


def _animation(pictures, milliseconds):
    """An animated PNG: it plays in notebooks and web pages without any program."""
    data = io.BytesIO()
    options = {"save_all": True, "append_images": pictures[1:], "loop": 0}
    pictures[0].save(data, "PNG", duration=milliseconds, optimize=True, **options)
    return Image(data.getvalue())


def three_roles(words, **roles):
    """The words, and what three layers make of them."""
    panels = {"word": np.array(list(words.values()))} | roles
    fig, axes = plt.subplots(1, 4, figsize=(12.5, 3.6))
    for ax, (role, points) in zip(axes, panels.items()):
        points = np.asarray(points)
        ax.plot(*_outline(points).T, "--", color=GREY, lw=1)
        for word, point, color in zip(words, points, WORD_COLORS):
            ax.plot(*point, "o", color=color, ms=9)
            ax.annotate(word, point, xytext=(5, 5), textcoords="offset points", color=color)
        ax.plot(0, 0, "+", color=BLACK)
        ax.set_title(role)
        ax.set(xlabel="feature 0")
        ax.margins(0.28)
    axes[0].set_ylabel("feature 1")
    fig.suptitle("One word, three roles: the same six words as queries, keys and values")


def saturation(widths=(4, 64, 1024), queries=2000, keys=16):
    """How large the largest of 16 weights is, with and without scaling."""
    fig, axes = plt.subplots(2, len(widths), figsize=(11, 5), sharex=True, sharey=True)
    rng = np.random.RandomState(0)
    for column, d in zip(axes.T, widths):
        products = rng.normal(size=(queries, d)) @ rng.normal(size=(d, keys))
        for ax, scores, label in zip(column, (products, products / np.sqrt(d)), ("q·k", "q·k/√d")):
            largest = np.asarray(jax.nn.softmax(scores, axis=-1)).max(axis=-1)
            ax.hist(largest, bins=np.linspace(0, 1, 26), color=RED if label == "q·k" else BLUE)
            ax.set_title(f"d = {d}, scores {label}: {np.mean(largest > 0.9):.0%} above 0.9")
    for ax in axes[-1]:
        ax.set_xlabel("largest weight of a query")
    for ax in axes[:, 0]:
        ax.set_ylabel("queries")
    fig.suptitle("Unscaled, wide queries choose one key; scaled, the width doesn't matter")


# ---------------------------------------------------------------- sections 3 and 4


def mask_gallery(masks, sentences):
    """Who may read whom: a row of panels for each kind of mask, a column for each sentence."""
    fig, axes = plt.subplots(len(masks), len(sentences), figsize=(11.5, 11))
    for row, (kind, mask) in zip(axes, masks.items()):
        for ax, table, sentence in zip(row, np.asarray(mask), sentences):
            words = _labels(sentence, table.shape[-1])
            ax.imshow(table, cmap=ListedColormap([PALE, BLUE]), vmin=0, vmax=1)
            _label_axes(ax, words, words)
            ax.set_xticks(np.arange(table.shape[1]) - 0.5, minor=True)
            ax.set_yticks(np.arange(table.shape[0]) - 0.5, minor=True)
            ax.grid(which="minor", color="white", lw=1.5)
            ax.tick_params(which="minor", length=0)
        row[0].set_ylabel(f"{kind}\n\nquery", fontsize=13)
    for ax in axes[-1]:
        ax.set_xlabel("key")
    fig.suptitle("Blue may be read: nobody reads padding, causal queries don't read ahead")


def sentence_maps(maps, sentence):
    """The weights of one sentence under several masks."""
    fig, axes = plt.subplots(1, len(maps), figsize=(13.5, 4.2), sharey=True)
    for ax, (kind, weights) in zip(axes, maps.items()):
        image = _weight_map(ax, weights, _labels(sentence, len(weights)))
        ax.set(title=kind, xlabel="key")
    axes[0].set_ylabel("query")
    fig.colorbar(image, ax=axes, label="weight", shrink=0.8)
    fig.suptitle("Every row adds up to 1; what is masked (grey) gets exactly nothing")


def four_heads(weights, sentence):
    """The weights of each head, side by side."""
    fig, axes = plt.subplots(1, len(weights), figsize=(13.5, 4.2), sharey=True)
    for head, (ax, table) in enumerate(zip(axes, weights)):
        image = _weight_map(ax, table, sentence.split(), float(weights.max()))
        ax.set(title=f"head {head}", xlabel="key")
    axes[0].set_ylabel("query")
    fig.colorbar(image, ax=axes, label="weight", shrink=0.8)
    fig.suptitle("Four heads read the same sentence in four ways (untrained)")


def untrained_maps(maps, sentence):
    """The mean map of several untrained layers."""
    fig, axes = plt.subplots(1, len(maps), figsize=(11, 4.2), sharey=True)
    most = float(max(table.max() for table in maps))
    for seed, (ax, table) in enumerate(zip(axes, maps), start=1):
        image = _weight_map(ax, table, sentence.split(), most)
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
        _label_axes(ax, rows)
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
    for s, color, marker in looks:
        label = f"s = {s}"
        right.plot(
            positions - s, table @ table[s], marker, color=color, ms=7, mfc="none", label=label
        )
    right.set(xlabel="gap t − s", ylabel="PE$_s$ · PE$_t$", title="the gap alone decides")
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
    """How large the numbers are on their way through untrained blocks."""
    joins = {
        "layers alone": (RED, "s", lambda x, y: y),
        "with shortcuts": (ORANGE, "^", lambda x, y: x + y),
        "with AddNorm": (BLUE, "o", lambda x, y: AddNorm()(x, y)),
    }
    _, ax = plt.subplots(figsize=(8, 4.4))
    for label, (color, marker, join) in joins.items():
        layers = lambda: (Attention(4, width), FeedForward())  # noqa: E731
        sizes = _sizes_through(layers, join, depth, width)
        ax.semilogy(range(depth + 1), sizes, marker=marker, color=color, lw=2, label=label)
    ax.set(xlabel="block", ylabel="typical size of a number")
    ax.set_title("Twelve untrained blocks: only AddNorm keeps the signal at one size")
    ax.legend()


def _sizes_through(layers, join, depth, width):
    def block(x):
        for layer in layers():
            x = join(x, layer(x))
        return x

    init, apply = hk.without_apply_rng(hk.transform(block))
    step = jax.jit(lambda key, x: apply(init(key, x), x))
    x = jnp.asarray(np.random.RandomState(0).normal(size=(1, 16, width)).astype(np.float32))
    sizes = [float(jnp.sqrt(jnp.mean(x**2)))]
    for key in jax.random.split(jax.random.key(0), depth):
        x = step(key, x)
        sizes.append(float(jnp.sqrt(jnp.mean(x**2))))
    return sizes
