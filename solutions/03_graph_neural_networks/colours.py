"""Pictures of colour refinement, and of sums that count."""

import jax.numpy as jnp
import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import drawing
from graphs import adjacency
from workbook.draw import BLACK, BLUE, GREEN, GREY, ORANGE, animate, no_ticks


def ring(size: int, middle: tuple[float, float]) -> dict[int, np.ndarray]:
    """Places of a ring's nodes around its middle."""
    angles = np.pi / 2 + 2 * np.pi * np.arange(size) / size
    return dict(enumerate(np.stack([np.cos(angles), np.sin(angles)], axis=1) + middle))


def six_and_threes() -> tuple[nx.Graph, dict[int, np.ndarray]]:
    """A ring of six (nodes 0 to 5) beside two of three (6 to 11), and the nodes' places."""
    graph = nx.disjoint_union_all([nx.cycle_graph(n) for n in (6, 3, 3)])
    places = [ring(6, (0, 0)), ring(3, (3.2, 0)), ring(3, (5.6, 0))]
    return graph, dict(enumerate(np.concatenate([list(p.values()) for p in places])))


def draw_colors(ax: Axes, graph: nx.Graph, place: dict, colors: np.ndarray, size: int) -> None:
    """A graph whose nodes wear the colours, and their numbers."""
    shades = plt.get_cmap("tab20")(np.asarray(colors) % 20)
    nx.draw_networkx_edges(graph, place, ax=ax, edge_color=GREY)
    nx.draw_networkx_nodes(graph, place, ax=ax, node_color=shades, node_size=size, edgecolors=BLACK)
    for node, (x, y) in place.items():
        ax.text(x, y, int(colors[node]), ha="center", va="center", fontsize=8)
    no_ticks(ax)


def rings(wl_colors) -> None:
    """Six rounds do not part a ring of six from two triangles."""
    graph, place = six_and_threes()
    adj = adjacency(graph)
    _, axes = plt.subplots(2, 1, figsize=(7, 4.2), layout="constrained")
    for ax, rounds in zip(axes, (1, 6)):
        colors = np.asarray(wl_colors(adj, rounds))
        draw_colors(ax, graph, place, colors, 220)
        found = len(set(colors.tolist()))
        ax.set_title(f"after {rounds} round{'s' * (rounds > 1)}: {found} colour{'s' * (found > 1)}")
        ax.set_aspect("equal")
    plt.show()


def karate(wl_colors) -> None:
    """The colours of the karate club, round by round."""
    graph, place = drawing.karate()
    adj = adjacency(graph)
    rounds = [np.asarray(wl_colors(adj, n)) for n in range(5)]
    fig = Figure(figsize=(6.4, 4.6), dpi=80, layout="constrained")
    ax = fig.subplots()

    def draw(n):
        ax.clear()
        draw_colors(ax, graph, place, rounds[n], 260)
        count = len(set(rounds[n].tolist()))
        ax.set_title(
            f"karate club, round {n}: {count} colour{'s' * (count > 1)} (go by the numbers)"
        )

    animate(fig, draw, len(rounds), 1200)


def stars(gin_layer) -> None:
    """What the centre of a star gets from 1 to 8 leaves: GIN's sum, a mean, a maximum."""
    counts = np.arange(1, 9)

    def mlp(x):
        return jnp.tanh(x @ jnp.array([[0.15, -0.1]])) @ jnp.array([[1.0], [-1.0]])

    # all stars in one graph: the centres come first, then leaf after leaf
    centres = np.repeat(np.arange(8), counts)
    leaves = 8 + np.arange(len(centres))
    nodes = jnp.ones((8 + len(leaves), 1))
    summed = gin_layer(nodes, jnp.asarray(leaves), jnp.asarray(centres), 0.0, mlp)[:8, 0]
    mean = mlp(2 * nodes[:8])[:, 0]  # a centre of 1 and the mean of its leaves, 1
    _, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
    ax.plot(counts, summed, "o-", color=BLUE, label="your layer: sum")
    ax.plot(counts, mean, "s-", color=ORANGE, label="mean in its place")
    ax.plot(counts, mean, "^--", color=GREEN, ms=4, label="maximum in its place")
    ax.set(xlabel="leaves of the star", ylabel="what the centre gets")
    ax.set_title("Only the sum counts the leaves")
    ax.legend(frameon=False)
    plt.show()
