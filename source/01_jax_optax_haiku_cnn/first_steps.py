"""Exercise 1: somebody else's answer, and the picture of yours."""

import matplotlib.pyplot as plt
import numpy as np

from workbook.draw import BLUE, ORANGE


def somebody_elses(num_points=100):
    """An answer that isn't right yet."""
    step = 2 * np.pi / num_points
    grid = -np.pi + step * np.arange(num_points)
    return grid, np.cos(grid)


def curve(x, y, few):
    """A hundred points look like a curve, nine don't."""
    fig, axes = plt.subplots(1, 2, figsize=(10.5, 3.2), sharey=True)
    for ax, points, style in zip(axes, (few, (x, y)), ("o-", "-")):
        ax.plot(*points, style, color=ORANGE if style == "o-" else BLUE)
        ax.set(xlabel="x", title=f"{len(points[0])} points")
        ax.set_xticks([-np.pi, 0, np.pi], ["−π", "0", "π"])
    axes[0].set_ylabel("y = cos x")
    fig.suptitle("Your points: with a hundred of them the corners are gone")
