"""Pictures of sections 6 and 7: a padded batch, the wiring, three masks, who hears whom."""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

from workbook.draw import BLACK, BLUE, GREEN, GREY, ORANGE, arrow, box, frame
from tables import labels, mask_table, weight_map


def padded_batch(weights, sentences):
    """The weights of a batch, mean of the heads, a panel for each sentence."""
    weights = np.asarray(weights).mean(axis=1)
    fig, axes = plt.subplots(1, len(sentences), figsize=(13.5, 4.4))
    for ax, table, sentence in zip(axes, weights, sentences):
        words = labels(sentence, len(table))
        image = weight_map(ax, table, words, words, float(weights.max()))
        ax.set(title=f"{len(sentence.split())} words", xlabel="key")
    axes[0].set_ylabel("query")
    fig.colorbar(image, ax=axes, label="weight", shrink=0.8)
    fig.suptitle(
        "Three sentences in one batch: no column of padding is ever read (untrained, mean of the heads)"
    )


# ---------------------------------------------------------------- the wiring

ENCODER_X, DECODER_X, WIDTH = 0.0, 7.0, 3.6


def wiring_with_shapes():
    """Which array goes where, and which mask stands at which attention."""
    _, ax = plt.subplots(figsize=(11.5, 7))
    encoder = ["+ positions", "self-attention", "add & norm", "feed-forward", "add & norm"]
    decoder = [*encoder[:3], "cross-attention", "add & norm", *encoder[3:]]
    for x, parts, letters in ((ENCODER_X, encoder, "e"), (DECODER_X, decoder, "d")):
        shape = f"(B, T$_{letters}$, d$_m$)"
        _text(ax, x + WIDTH / 2, -0.9, f"X_{'encoder' if letters == 'e' else 'decoder'}  {shape}")
        for n, part in enumerate(parts):
            _part(ax, x, n, part)
            arrow(ax, (x + WIDTH / 2, n - 0.72), (x + WIDTH / 2, n - 0.32))
        name = "memory" if letters == "e" else "outputs"
        top = len(parts) - 0.28
        arrow(ax, (x + WIDTH / 2, top - 0.44), (x + WIDTH / 2, top))
        _text(ax, x + WIDTH / 2, top + 0.25, f"{name}  {shape}")
    for x, low, high, label in (
        (ENCODER_X, 1, 4, "encoder block\n× layers"),
        (DECODER_X, 1, 6, "decoder block\n× layers"),
    ):
        frame(ax, (x - 0.2, low - 0.45), (WIDTH + 0.4, high - low + 0.9), GREY, pad=0.05)
        side = x - 0.4 if x == ENCODER_X else x + WIDTH + 0.4
        where = {"ha": "right" if x == ENCODER_X else "left", "va": "center"}
        ax.text(side, high, label, color=GREY, style="italic", **where)
    bend = DECODER_X - 0.9
    ax.plot([ENCODER_X + WIDTH / 2 + 1.35, bend, bend], [4.97, 4.97, 3], color=BLACK, lw=1.4)
    arrow(ax, (bend, 3), (DECODER_X, 3))
    ax.text(
        bend - 0.12, 3.9, "keys and values\nfor every block", ha="right", va="center", fontsize=10
    )
    for x, y, color, text in (
        (ENCODER_X - 0.4, 1, BLUE, "encoder_mask\n(B, T$_e$, T$_e$)"),
        (DECODER_X + WIDTH + 0.4, 1, ORANGE, "decoder_mask\n(B, T$_d$, T$_d$)"),
        (DECODER_X + WIDTH + 0.4, 3, GREEN, "cross_mask\n(B, T$_d$, T$_e$)"),
    ):
        side = "right" if x < 0 else "left"
        ax.text(x, y, text, ha=side, va="center", color=color, fontweight="bold", fontsize=11)
    ax.set(xlim=(-3.6, 14.2), ylim=(-1.3, 7.4))
    ax.axis("off")
    ax.set_title("Two stacks and one bridge: each attention has the mask that belongs to its keys")


def _part(ax, x, y, label):
    attention = "attention" in label
    style = {"facecolor": "#DCECF7" if attention else "white", "edgecolor": BLUE, "lw": 1.4}
    box(ax, (x, y - 0.28), (WIDTH, 0.56), **style)
    _text(ax, x + WIDTH / 2, y, label)


def _text(ax, x, y, text):
    ax.text(x, y, text, ha="center", va="center")


def three_masks(attention_mask):
    """The masks of a source of four words and a target of three, each in a batch of its own."""
    source, target = jnp.array([[5, 6, 7, 8, 0, 0]]), jnp.array([[1, 9, 10, 11, 0]])
    words = ["je", "ne", "sais", "pas", "(pad)", "(pad)"]
    written = ["‹start›", "I", "don't", "know", "(pad)"]
    panels = {
        "encoder_mask": (attention_mask(source, source), words, words, BLUE),
        "decoder_mask": (attention_mask(target, target, causal=True), written, written, ORANGE),
        "cross_mask": (attention_mask(target, source), written, words, GREEN),
    }
    fig, axes = plt.subplots(1, 3, figsize=(12.5, 4.3))
    for ax, (name, (mask, rows, columns, color)) in zip(axes, panels.items()):
        mask_table(ax, np.asarray(mask)[0], rows, columns, color)
        ax.set(title=name, xlabel="key: who is read", ylabel="query: who reads")
    fig.suptitle("Only the decoder, reading itself, has a future that must be hidden")


def who_hears_whom(model, attention_mask, width=32):
    """How much each output changes when one word of the source or of the target is changed."""
    rng = np.random.RandomState(0)
    source, target = (rng.normal(size=(1, n, width)).astype(np.float32) for n in (6, 5))
    ids = {"source": jnp.array([[3, 4, 5, 6, 0, 0]]), "target": jnp.array([[1, 7, 8, 9, 10]])}
    masks = (
        attention_mask(ids["source"], ids["source"]),
        attention_mask(ids["target"], ids["target"], causal=True),
        attention_mask(ids["target"], ids["source"]),
    )
    params = model.init(jax.random.key(0), source, target)
    outputs = jax.jit(lambda s, t: model.apply(params, s, t, *masks)[0])
    plain, noise = outputs(source, target), rng.normal(size=width)
    fig, axes = plt.subplots(1, 2, figsize=(11, 4.4), width_ratios=[6, 5])
    for ax, name, length in zip(axes, ("source", "target"), (6, 5)):
        table = []
        for word in range(length):
            changed = {"source": source.copy(), "target": target.copy()}
            changed[name][0, word] += noise
            gap = outputs(changed["source"], changed["target"]) - plain
            table.append(np.sqrt(np.mean(np.square(gap), axis=-1)))
        table = np.array(table).T
        padded = [f"{n} (pad)" if name == "source" and n > 3 else str(n) for n in range(length)]
        image = weight_map(ax, np.where(table > 1e-5, table, 0), range(5), padded, most=None)
        ax.set(xlabel=f"{name} word that is changed", ylabel="output")
        fig.colorbar(image, ax=ax, label="change (root mean square)")
    fig.suptitle(
        "Every output hears every source word but the padding, and no later target word (grey: no change)"
    )
