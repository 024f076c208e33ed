"""The first picture: what is built in this notebook, and which exercise builds which part."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyBboxPatch

from drawing import BLUE, GREEN, GREY, ORANGE, arrow, show_image
from images import load

LAYERS = [("convolution", 11), ("ReLU", 3), ("max-pool", 10)] * 2 + [("linear", 9)]
TRAINING = [("gradient", 4), ("batches", 5), ("step", 7), ("Adam", 8), ("loss", 12)]
# What such a network says, after 300 steps, of the test image that is drawn here
PERCENT = [0, 0, 0, 1, 0, 1, 0, 0, 98, 0]


def picture():
    """A digit goes in, probabilities come out; the numbers are exercises."""
    _, ax = plt.subplots(figsize=(12.5, 4.2))
    for n, (label, number) in enumerate(LAYERS):
        _box(ax, 2.6 + 1.35 * n, 2.2, label, number, BLUE)
        arrow(ax, (2.27 + 1.35 * n, 2.2), (2.57 + 1.35 * n, 2.2))
    for n, (label, number) in enumerate(TRAINING):
        _box(ax, 3.6 + 1.6 * n, 0.4, label, number, GREEN)
    arrow(ax, (12.05, 2.2), (12.4, 2.2))
    ax.plot([13.4, 13.4, 11.3], [0.95, 0.4, 0.4], color=GREY, lw=1.3)
    ax.plot([3.55, 2.9, 2.9], [0.4, 0.4, 1.5], color=GREY, lw=1.3)
    arrow(ax, (2.9, 1.2), (2.9, 1.65), color=GREY)
    ax.text(7.4, 3.15, "the network, exercise 13", color=BLUE, ha="center", style="italic")
    ax.text(7.4, -0.45, "how it learns", color=GREEN, ha="center", style="italic")
    _digit(ax.inset_axes([0, 1.1, 2.2, 2.2], transform=ax.transData))
    _answer(ax.inset_axes([12.6, 1.2, 2.3, 2], transform=ax.transData))
    ax.set(xlim=(-0.1, 15), ylim=(-0.8, 3.6))
    ax.axis("off")
    ax.set_title("What you are going to build: a network that reads digits")


def _box(ax, x, y, label, number, color):
    style = {"boxstyle": "round,pad=0.03", "facecolor": "white", "edgecolor": color, "lw": 1.5}
    ax.add_patch(FancyBboxPatch((x, y - 0.45), 0.98, 0.9, **style))
    ax.text(x + 0.5, y + 0.12, label, ha="center", va="center", fontsize=8.5)
    ax.text(x + 0.5, y - 0.24, number, ha="center", va="center", color=color, weight="bold")


def _digit(ax):
    show_image(ax, load("digits").test.images[FIRST_EIGHT])
    ax.set_title("64 numbers", fontsize=10)


FIRST_EIGHT = 4


def _answer(ax):
    ax.bar(range(10), PERCENT, color=[ORANGE if p == max(PERCENT) else GREY for p in PERCENT])
    ax.set_xticks(range(10))
    ax.set_yticks(np.arange(0, 101, 50))
    ax.tick_params(labelsize=8, length=2)
    ax.set_title("“an 8, I'd say”", fontsize=10)
    ax.set_ylabel("%", fontsize=9)
    ax.set_xlabel("class", fontsize=9)
