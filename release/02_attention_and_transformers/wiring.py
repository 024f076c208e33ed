"""The first picture: the whole transformer, and which exercise builds which part of it."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

from workbook.draw import BLACK, BLUE, GREY, arrow, box, frame

ATTENTION_X, ENCODER_X, DECODER_X = 0.0, 4.6, 8.6
PARTS = [  # x, y, label, exercise
    (ATTENTION_X, 1.0, "a soft look-up", 1),
    (ATTENTION_X, 1.8, "queries, keys, values", 2),
    (ATTENTION_X, 2.6, "masks", 3),
    (ATTENTION_X, 3.4, "scaled dot products", 4),
    (ATTENTION_X, 4.2, "several heads", 5),
    (ENCODER_X, 1.0, "a vector for each token", ""),
    (ENCODER_X, 1.8, "+ positions", 6),
    (ENCODER_X, 3.0, "self-attention", 5),
    (ENCODER_X, 3.8, "add & norm", 9),
    (ENCODER_X, 4.6, "feed-forward", 8),
    (ENCODER_X, 5.4, "add & norm", 9),
    (DECODER_X, 1.0, "a vector for each token", ""),
    (DECODER_X, 1.8, "+ positions", 6),
    (DECODER_X, 3.0, "causal self-attention", 5),
    (DECODER_X, 3.8, "add & norm", 9),
    (DECODER_X, 4.6, "cross-attention", 5),
    (DECODER_X, 5.4, "add & norm", 9),
    (DECODER_X, 6.2, "feed-forward", 8),
    (DECODER_X, 7.0, "add & norm", 9),
    (DECODER_X, 8.2, "logits: a linear layer", ""),
    (DECODER_X, 9.0, "train, choose", "12, 13"),
]
FRAMES = [  # x, lowest and highest y, label, exercise
    (ATTENTION_X, 1.0, 4.2, "on the way to attention", None),
    (ENCODER_X, 3.0, 5.4, "encoder block", 10),
    (DECODER_X, 3.0, 7.0, "decoder block", 11),
]
# Cross-attention, in percent, of such a transformer (2 blocks each, width 48, 4 heads, 500 steps
# of Adam) in its last block, mean of the heads, while it spells a word it never saw.
SPELLED = "mountain"  # a word that Python's help texts don't have
SPELLING = np.array(
    [
        [0, 0, 0, 0, 0, 1, 23, 76],
        [0, 0, 0, 0, 0, 11, 59, 29],
        [0, 0, 0, 0, 10, 49, 23, 17],
        [0, 0, 0, 7, 57, 26, 7, 3],
        [0, 0, 14, 52, 22, 11, 1, 0],
        [1, 4, 52, 29, 13, 1, 0, 0],
        [24, 51, 22, 3, 0, 0, 0, 0],
        [60, 28, 11, 1, 0, 0, 0, 0],
    ]
)


def journey():
    """The whole transformer, and which exercise builds which part of it."""
    _, ax = plt.subplots(figsize=(10.5, 8.6))
    for x, low, high, label, number in FRAMES:
        _frame(ax, x, low, high, label, number)
    for x, y, label, number in PARTS:
        _part(ax, x, y, label, number)
    for x, start in ((ENCODER_X, SPELLED), (DECODER_X, "‹start›" + SPELLED[:0:-1])):
        ys = [0.2] + [y for at, y, *_ in PARTS if at == x]
        for low, high in pairwise(ys):
            arrow(ax, (x + 1.5, low + 0.27), (x + 1.5, high - 0.27))
        ax.text(x + 1.5, 0.2, start, ha="center", va="center", family="monospace")
    corner = DECODER_X - 0.55
    ax.plot([ENCODER_X + 1.5] * 2 + [corner] * 2, [5.67, 6.3, 6.3, 4.6], color=BLACK, lw=1.3)
    arrow(ax, (corner, 4.6), (DECODER_X, 4.6))
    arrow(ax, (DECODER_X + 1.5, 9.27), (DECODER_X + 1.5, 9.7))
    ax.text(DECODER_X + 1.5, 9.9, SPELLED[::-1], ha="center", family="monospace", weight="bold")
    _spelling(ax.inset_axes([0.5, 7.0, 2.6, 2.6], transform=ax.transData))
    note = "1 and 2 are the ideas behind 4 and 5;\ngrey boxes are given; with 7 and 14\nit reads pictures; 15 to 18 go further"
    ax.text(ATTENTION_X - 0.3, 5.6, note, color=GREY, va="center", fontsize=10)
    ax.set(xlim=(-0.5, 12.3), ylim=(0, 10.3), aspect="equal")
    ax.axis("off")
    ax.set_title("What you are going to build: the numbers are exercises")


def _spelling(ax):
    ax.imshow(SPELLING / 100, cmap="viridis", vmin=0, vmax=1)
    ax.set_xticks(range(len(SPELLED)), SPELLED)
    ax.set_yticks(range(len(SPELLED)), SPELLED[::-1])
    ax.tick_params(length=0, labelsize=9)
    ax.set_xlabel("letter that is read", fontsize=10)
    ax.set_ylabel("letter to be written", fontsize=10)
    ax.set_title("the trained model reads backwards", fontsize=11)


def _part(ax, x, y, label, number):
    given = {"facecolor": "#F2F2F2", "edgecolor": GREY, "lw": 1.2}
    style = {"facecolor": "#DCECF7", "edgecolor": BLUE, "lw": 1.5} if number else given
    box(ax, (x, y - 0.25), (3, 0.5), **style)
    ax.text(x + 0.15, y, label, va="center", color=BLACK)
    ax.text(x + 2.85, y, number, va="center", ha="right", color=BLUE, fontweight="bold")


def _frame(ax, x, low, high, label, number):
    frame(ax, (x - 0.3, low - 0.45), (3.6, high - low + 0.9), BLUE)
    text = label if number is None else f"{label}  {number}"
    ax.text(x - 0.3, high + 0.52, text, color=BLUE, va="bottom", style="italic", fontsize=10)
