"""Section 9: two crowds and a long bridge between them."""

from collections.abc import Sequence

import jax.numpy as jnp
import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
from jaxtyping import Array, Float
from matplotlib.axes import Axes

from workbook.draw import BLUE, GREY, ORANGE, RED

CROWD = 5


def barbell(length: int) -> Float[Array, "N N"]:
    """Two cliques of five, joined by a path of so many edges; the far corners are first and last."""
    graph = nx.barbell_graph(CROWD, length - 1)
    return jnp.asarray(nx.to_numpy_array(graph, nodelist=range(len(graph))), jnp.float32)


def padded(adj: Float[Array, "N N"], slots: int = 24) -> Float[Array, "slots slots"]:
    """The same graph with lonely nodes behind it, so that one program serves all lengths."""
    return jnp.pad(adj, (0, slots - len(adj)))


def picture(
    lengths: Sequence[int], plain: Float[Array, "L S"], virtual: Float[Array, "L S"]
) -> None:
    """A barbell, and the share of the far corner against the length of the bridge."""
    _, (left, right) = plt.subplots(1, 2, figsize=(11.5, 4), width_ratios=(1, 1.3))
    _draw(left, length=4)
    for shares, color, label in ((plain, RED, "plain"), (virtual, BLUE, "with a virtual node")):
        values = np.ma.masked_less_equal(np.asarray(shares), 0)
        for column in values.T:
            right.semilogy(lengths, column, ".", color=color, alpha=0.35, mew=0)
        right.semilogy(lengths, np.ma.median(values, axis=1), "-", color=color, lw=2, label=label)
    for length, row in zip(lengths, np.asarray(plain)):
        if not row.any():
            right.text(length, 1e-8, "exactly\n0", color=RED, ha="center", va="bottom")
    right.set(xlabel="edges of the bridge", ylabel="share of $j$ in what $i$ hears")
    right.set(ylim=(5e-9, 1), xticks=list(lengths))
    right.set_title("A long bridge silences the far side; a short cut doesn't")
    right.legend(frameon=False, loc="lower left")
    plt.show()


def _draw(ax: Axes, length: int) -> None:
    graph = nx.barbell_graph(CROWD, length - 1)
    last = len(graph) - 1
    turn = 2 * np.pi * np.arange(CROWD) / CROWD
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    far = length + 2.0
    places = dict(zip((4, 1, 0, 2, 3), ring))  # node 4 holds the bridge
    places |= {
        n: p * (-1, 1) + (far, 0)
        for n, p in zip((last - 4, last - 1, last, last - 3, last - 2), ring)
    }
    places |= {CROWD + n: (2.0 + n, 0) for n in range(length - 1)}
    hub = (far / 2, 2.1)
    for x, y in places.values():
        ax.plot([x, hub[0]], [y, hub[1]], color=BLUE, lw=0.7, alpha=0.4)
    colors = [ORANGE if n in (0, last) else GREY for n in graph]
    nx.draw_networkx(graph, places, node_color=colors, node_size=190, with_labels=False, ax=ax)
    ax.plot(*hub, "o", color=BLUE, ms=13)
    ax.text(hub[0] + 0.4, hub[1], "virtual node", color=BLUE, va="center")
    for node, letter in ((0, "i"), (last, "j")):
        ax.text(*places[node], f"${letter}$", ha="center", va="center")
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.set_title(f"A bridge of {length} edges")
