"""Words along the axes of tables: weights as colours, masks as squares."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap

from workbook.draw import BLUE, PALE


def labels(sentence, length):
    """The words of a sentence, then padding."""
    words = sentence.split()
    return words + ["(pad)"] * (length - len(words))


def label_axes(ax, rows, columns=(), rotation=60):
    """Words along the axes of a table."""
    ax.set_yticks(range(len(rows)), rows)
    style = {"rotation": rotation, "ha": "right" if rotation else "center"}
    ax.set_xticks(range(len(columns)), columns, rotation_mode="anchor", **style)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def weight_map(ax, weights, rows, columns, most=1.0, rotation=60):
    """Weights as colours; a weight of exactly 0 is left grey."""
    colors = plt.get_cmap("viridis").with_extremes(bad=PALE)
    weights = np.asarray(weights)
    image = ax.imshow(np.where(weights > 0, weights, np.nan), cmap=colors, vmin=0, vmax=most)
    label_axes(ax, rows, columns, rotation)
    return image


def mask_table(ax, mask, rows, columns, color=BLUE):
    """A mask as a table of squares: coloured ones may be read."""
    ax.imshow(mask, cmap=ListedColormap([PALE, color]), vmin=0, vmax=1)
    label_axes(ax, rows, columns)
    ax.set_xticks(np.arange(mask.shape[1]) - 0.5, minor=True)
    ax.set_yticks(np.arange(mask.shape[0]) - 0.5, minor=True)
    ax.grid(which="minor", color="white", lw=1.5)
    ax.tick_params(which="minor", length=0)
