"""The first picture: what is built in this notebook, and which exercise builds which part."""

import matplotlib.pyplot as plt
from matplotlib.patches import FancyBboxPatch

from workbook.draw import BLUE, GREEN, GREY, ORANGE, arrow, show_image
from images import load

LAYERS = [("convolution", 11), ("ReLU", 3), ("max-pool", 10)] * 2 + [("linear", 9)]
TRAINING = [("step", 7), ("Adam", 8), ("gradient", 4), ("batches", 5), ("loss", 12)]
# What the network of section 11 says of this test image, after 300 steps
SHOWN, PERCENT = 13, [0, 2, 0, 0, 0, 0, 0, 72, 0, 25]


def picture():
    """A digit goes in, probabilities come out; the numbers are exercises."""
    _, ax = plt.subplots(figsize=(12.5, 4.2))
    for n, (label, number) in enumerate(LAYERS):
        _box(ax, 2.6 + 1.35 * n, 2.2, label, number, BLUE)
        arrow(ax, (2.27 + 1.35 * n, 2.2), (2.57 + 1.35 * n, 2.2))
    arrow(ax, (11.72, 2.2), (12.02, 2.2))
    for n, (label, number) in enumerate(TRAINING):
        _box(ax, 3.7 + 1.6 * n, 0.4, label, number, GREEN)
        arrow(ax, (4.27 + 1.6 * (n + 1) - 0.6, 0.4), (4.27 + 1.6 * n + 0.44, 0.4), color=GREY)
    ax.plot([13.8, 13.8, 11.7], [0.65, 0.4, 0.4], color=GREY, lw=1.3)
    ax.plot([3.66, 3.1, 3.1], [0.4, 0.4, 1.3], color=GREY, lw=1.3)
    arrow(ax, (3.1, 1.2), (3.1, 1.7), color=GREY)
    ax.text(7.2, 3.0, "the network, exercise 13", color=BLUE, ha="center", style="italic")
    ax.text(7.4, -0.5, "how it learns", color=GREEN, ha="center", style="italic")
    _digit(ax.inset_axes([0, 1.1, 2.2, 2.2], transform=ax.transData))
    _answer(ax.inset_axes([12.7, 1.35, 2.3, 1.8], transform=ax.transData))
    ax.set(xlim=(-0.1, 15.1), ylim=(-0.8, 3.6))
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
    ax.set_title("“a 7, perhaps a 9” (%)", fontsize=10)
