"""Section 5: graphs of three families, in batches, and networks that tell them apart."""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import networkx as nx
import numpy as np

from graphs import undirected
from workbook.draw import BLUE, GREEN, GREY, ORANGE, show_image

NAMES = ("small world", "preferential", "uniform")
COLORS = (BLUE, ORANGE, GREEN)
TRAINING, TEST, SIZE = 300, 150, 30  # graphs, and graphs in a batch
SLOTS = (31 * 20, 31 * 80, SIZE + 1)  # nodes, edges and graphs of a padded batch


def a_graph(family, n, seed):
    """A networkx graph of n nodes and about 2n edges."""
    if family == 0:
        return nx.watts_strogatz_graph(n, 4, 0.1, seed=seed)
    if family == 1:
        return nx.barabasi_albert_graph(n, 2, seed=seed)
    return nx.gnm_random_graph(n, 2 * n - 2, seed=seed)


def with_ones(graph):
    """A graph as a GraphsTuple whose nodes carry a 1."""
    return undirected(graph, np.ones((len(graph), 1)))


def data(batch_graphs, count, seed):
    """Batches of 30 graphs, stacked, with labels; all have one shape."""
    rng = np.random.RandomState(seed)
    labels, sizes = rng.permutation(np.arange(count) % 3), rng.randint(12, 25, count)
    graphs = [with_ones(a_graph(*case)) for case in zip(labels, sizes.tolist(), range(seed, seed + count))]  # fmt: skip
    parts = [graphs[n : n + SIZE] for n in range(0, count, SIZE)]
    batches = [batch_graphs(part, *SLOTS)[0] for part in parts]
    stacked = jax.tree.map(lambda *leaves: jnp.stack([jnp.asarray(x) for x in leaves]), *batches)
    return stacked, jnp.asarray(labels.reshape(-1, SIZE))


# ---------------------------------------------------------------- pictures


def blocks(batch_graphs):
    """Who hears whom in a batch of three graphs and the padding."""
    graphs = [nx.star_graph(4), nx.cycle_graph(6), nx.complete_graph(4)]
    batch, node_mask, _ = batch_graphs([with_ones(graph) for graph in graphs], 20, 40, 5)
    n, table = len(node_mask), np.zeros((len(node_mask),) * 2)
    np.add.at(table, (np.asarray(batch.receivers), np.asarray(batch.senders)), 1)
    real = np.asarray(node_mask)
    ghosts = table * ~(real[:, None] & real)
    _, (left, right) = plt.subplots(1, 2, figsize=(11, 4), width_ratios=[1.6, 1])
    union, places, start = nx.disjoint_union_all(graphs), {}, 0
    for k, graph in enumerate(graphs):
        around = nx.circular_layout(graph)
        places |= {start + node: around[node] + np.array([2.6 * k, 0]) for node in graph}
        start += len(graph)
    nx.draw(union, places, ax=left, node_color=[COLORS[k] for k, graph in enumerate(graphs) for _ in graph], labels={i: i for i in union}, font_color="white", node_size=330, font_size=10)  # fmt: skip
    left.set(aspect="equal", title="Three graphs, their nodes numbered through")
    show_image(right, np.where(ghosts > 0, 0, table), cmap="Purples", vmin=0, vmax=1)
    for r, s in np.argwhere(ghosts):
        right.text(s, r, f"{int(ghosts[r, s])}", ha="center", va="center", color=GREY, fontsize=10)
    right.text(17, 17.5, "padding", ha="center", color=GREY, fontsize=10)
    for edge in np.cumsum([0, *map(len, graphs)]):
        right.axhline(edge - 0.5, color=GREY, lw=0.7)
        right.axvline(edge - 0.5, color=GREY, lw=0.7)
    right.set(xlabel="sender", ylabel="receiver", xticks=range(0, n, 5), yticks=range(0, n, 5))
    right.set_title("No message leaves its graph")
    plt.show()


def examples():
    """One graph of each family, all of 20 nodes, with their degrees."""
    fig, axes = plt.subplots(1, 3, figsize=(11, 3.4))
    for family, (ax, name, color) in enumerate(zip(axes, NAMES, COLORS)):
        graph = a_graph(family, 20, seed=5)
        degrees = np.array([degree for _, degree in graph.degree])
        places = nx.circular_layout(graph) if family == 0 else nx.spring_layout(graph, seed=1)
        nx.draw(graph, places, ax=ax, node_color=color, node_size=30 * degrees, edge_color="#BBBBBB")  # fmt: skip
        ax.set_aspect("equal")
        ax.set_title(f"{name}: {graph.size()} edges,\ndegrees {degrees.min()} to {degrees.max()}")
    fig.suptitle("Nearly as many edges, spread in three ways (a node's size is its degree)")
    plt.show()


def confusions(found, labels):
    """Which family is taken for which, counted over some seeds: {aggregation: (seeds, graphs)}."""
    fig, axes = plt.subplots(1, len(found), figsize=(5 * len(found), 4.2))
    truth = np.asarray(labels).ravel()
    for ax, (name, runs) in zip(axes, found.items()):
        runs = np.asarray(runs).reshape(-1, truth.size)
        table = np.zeros((3, 3), int)
        for run in runs:
            np.add.at(table, (truth, run), 1)
        show_image(ax, table / table.sum(axis=1, keepdims=True), cmap="Purples", vmin=0, vmax=1.2)
        for i, j in np.ndindex(3, 3):
            dark = table[i, j] > 0.6 * table[i].sum()
            ax.text(j, i, table[i, j], ha="center", va="center", color="white" if dark else "black")
        ax.set(xticks=range(3), yticks=range(3), xticklabels=NAMES, yticklabels=NAMES)
        ax.set(xlabel="taken for this family", ylabel="true family")
        rates = ", ".join(f"{(run == truth).mean():.2f}" for run in runs)
        ax.set_title(f"{name}: {rates} right")
    fig.suptitle(
        f"Sums tell the families apart, means don't: {truth.size} test graphs, {len(runs)} seeds"
    )
    plt.show()
