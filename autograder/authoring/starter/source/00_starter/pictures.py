"""Pictures of this practical; students get them as they are."""

import jax.numpy as jnp
import matplotlib.pyplot as plt

from workbook.draw import BLUE


def shares(softmax):
    """Two rows of scores as shares."""
    scores = jnp.array([[1.0, 2.0, 0.0, -1.0], [3.0, 6.0, 0.0, -3.0]])
    _, axes = plt.subplots(2, figsize=(6, 4), sharex=True)
    for ax, row, weights in zip(axes, scores, softmax(scores), strict=True):
        ax.bar(range(4), weights, color=BLUE)
        ax.set(ylim=(0, 1), ylabel="weight", title=f"scores {row.tolist()}")
    axes[-1].set(xticks=range(4), xlabel="column")
    plt.show()
