"""The first picture: what is built in this notebook, and which exercise builds which part."""

import matplotlib.pyplot as plt
from matplotlib.patches import FancyBboxPatch

from workbook.draw import BLUE, GREEN, GREY, ORANGE, arrow, frame, show_image
from images import load

LAYERS = [("convolution", 12), ("ReLU", 3), ("max-pool", 11)] * 2 + [("linear", 10)]
LEARNING = [("loss", 13), ("gradient", 4), ("Adam", 9), ("step", 8)]  # from right to left
# An example: what one such network, trained from another seed, says of this test image
SHOWN, PERCENT = 13, [0, 1, 0, 6, 0, 0, 0, 45, 6, 42]


def picture():
    """A digit goes in, probabilities come out, the loss leads back; the numbers are exercises."""
    _, ax = plt.subplots(figsize=(12.5, 4.4))
    for n, (label, number) in enumerate(LAYERS):
        _box(ax, 2.6 + 1.35 * n, 2.2, label, number, BLUE)
        arrow(ax, (2.27 + 1.35 * n, 2.2), (2.57 + 1.35 * n, 2.2))
    arrow(ax, (11.75, 2.2), (12.5, 2.2))
    frame(ax, (2.45, 1.6), (9.4, 1.2), BLUE)
    _box(ax, 0.6, 0, "batches", "given", GREEN)
    arrow(ax, (1.1, 0.48), (1.1, 1.0), color=GREY)
    for n, (label, number) in enumerate(LEARNING):
        _box(ax, 13.3 - 2.2 * n, 0, label, number, GREEN)
        if n:
            arrow(ax, (13.25 - 2.2 * (n - 1), 0), (14.35 - 2.2 * n, 0), color=GREY)
    arrow(ax, (13.8, 1.0), (13.8, 0.5), color=GREY)
    arrow(ax, (7.2, 0.48), (7.2, 1.55), color=GREY)
    ax.text(7.35, 1.0, "new parameters", color=GREEN, va="center", style="italic")
    ax.text(7.1, 3.0, "the network, exercise 14", color=BLUE, ha="center", style="italic")
    ax.text(3.2, 0, "how it learns", color=GREEN, va="center", style="italic")
    _digit(ax.inset_axes([0, 1.1, 2.2, 2.2], transform=ax.transData))
    _answer(ax.inset_axes([12.7, 1.45, 2.3, 1.7], transform=ax.transData))
    ax.set(xlim=(-0.1, 15.1), ylim=(-0.6, 3.7))
    ax.axis("off")
    ax.set_title("What you are going to build: a network that reads digits")


def _box(ax, x, y, label, number, color):
    style = {"boxstyle": "round,pad=0.03", "facecolor": "white", "edgecolor": color, "lw": 1.5}
    ax.add_patch(FancyBboxPatch((x, y - 0.45), 0.98, 0.9, **style))
    ax.text(x + 0.5, y + 0.12, label, ha="center", va="center", fontsize=8.5)
    ax.text(x + 0.5, y - 0.24, number, ha="center", va="center", color=color, weight="bold")


def _digit(ax):
    show_image(ax, load("digits").test.images[SHOWN])
    ax.set_title("64 numbers", fontsize=10)


def _answer(ax):
    ax.bar(range(10), PERCENT, color=[ORANGE if p == max(PERCENT) else GREY for p in PERCENT])
    ax.set(xticks=range(10), yticks=[0, 50, 100], ylim=(0, 100))
    ax.tick_params(labelsize=8, length=2)
    ax.set_title("for example: a 7? a 9? (%)", fontsize=10)
