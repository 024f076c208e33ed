"""Drawings of graphs, and of small matrices with their numbers."""

import functools
from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
import jraph
import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from numpy.typing import ArrayLike

from graphs import undirected
from workbook.draw import BLACK, BLUE, GREEN, GREY, ORANGE, PALE, SKY, no_ticks

Places = Mapping[int, tuple[float, float]]

FOUR: Places = {0: (0, 1), 1: (0, -1), 2: (1.5, 0), 3: (3.1, 0)}
WEIGHTS = {None: "$A+I$", "symmetric": r"1/$\sqrt{d_r d_s}$", "mean": "1/$d_r$"}
LINES = [(0, 1), (0, 2), (1, 2), (2, 3)]  # of the four people


# ---------------------------------------------------------------- what all drawings share


def nodes(
    ax: Axes, places: Places, names: Mapping | None = None, colors=SKY, size=600
) -> PathCollection:
    """Nodes as circles with their names; `colors` is one colour, or one for each node."""
    where = np.array([places[n] for n in places])
    style = {"edgecolors": BLACK, "linewidths": 1, "zorder": 3, "clip_on": False}
    circles = ax.scatter(*where.T, s=size, c=colors, **style)
    for n, (x, y) in places.items():
        label = n if names is None else names[n]
        ax.text(x, y, label, ha="center", va="center", zorder=4, fontsize=0.45 * size**0.5)
    ax.margins(0.1, 0.15)
    no_ticks(ax)
    return circles


def lines(ax: Axes, places: Places, edges: ArrayLike, **style) -> None:
    """Undirected edges as straight lines."""
    ends = [(places[int(a)], places[int(b)]) for a, b in np.asarray(edges).reshape(-1, 2)]
    ax.add_collection(LineCollection(ends, **{"color": GREY, "lw": 1.5, "zorder": 1} | style))


def arrows(ax: Axes, places: Places, edges: ArrayLike, names: bool = False) -> None:
    """Directed edges as bent arrows, with their numbers in the list if wanted."""
    ax.set_aspect("equal", "datalim")
    for n, (s, r) in enumerate(np.asarray(edges).reshape(-1, 2)):
        start, end = np.array(places[int(s)]), np.array(places[int(r)])
        style = {"arrowstyle": "-|>", "shrinkA": 14, "shrinkB": 14, "color": GREY, "lw": 1.4}
        style["connectionstyle"] = "arc3,rad=0.22"
        ax.annotate("", end, start, arrowprops=style, zorder=1)
        if names:
            across = np.array([(end - start)[1], -(end - start)[0]])
            x, y = (start + end) / 2 + 0.19 * across
            ax.text(x, y, n, color=BLUE, ha="center", va="center", fontsize=10)


def matrix(ax: Axes, values: ArrayLike, digits: int = 0, most: float | None = None) -> None:
    """A small matrix with its numbers; zeros are left white."""
    values = np.asarray(values, float)
    ax.imshow(values, cmap="Blues", vmin=0, vmax=1.6 * (most or values.max() or 1))
    for (r, s), value in np.ndenumerate(values):
        if value:
            ax.text(s, r, f"{value:.{digits}f}", ha="center", va="center", fontsize=10)
    ax.set(xticks=range(values.shape[1]), yticks=range(len(values)))
    ax.set(xlabel="sender", ylabel="receiver")
    ax.tick_params(length=0)
    ax.spines[:].set(visible=True, color="#CCCCCC")


def table(ax: Axes, rows: ArrayLike, head: list[str]) -> None:
    """Numbers in rows and columns under a head."""
    rows = np.asarray(rows)
    for c, word in enumerate(head):
        ax.text(c, -1.1, word, ha="center", va="center", weight="bold", fontsize=10)
        for r, row in enumerate(rows):
            color = BLUE if c == 0 else BLACK
            ax.text(c, r, f"{row[c]:g}", ha="center", va="center", color=color, fontsize=11)
    ax.axhline(-0.55, color=GREY, lw=1)
    ax.set(xlim=(-0.6, len(head) - 0.4), ylim=(len(rows) - 0.3, -1.7))
    no_ticks(ax)


# ---------------------------------------------------------------- the four people


def target() -> None:
    """The graph to be written down."""
    _, ax = plt.subplots(figsize=(4.6, 2.6))
    lines(ax, FOUR, LINES)
    nodes(ax, FOUR)
    ax.set_title("Who knows whom: four people, four lines")
    plt.show()


def beside_target(graph: nx.Graph) -> None:
    """The picture again, and the student's graph in a layout of its own."""
    _, (left, right) = plt.subplots(1, 2, figsize=(8.6, 2.9))
    lines(left, FOUR, LINES)
    nodes(left, FOUR)
    left.set_title("The picture")
    angles = np.pi * (0.25 + 0.5 * np.arange(4))
    circle = {n: (np.cos(angles[n]), np.sin(angles[n])) for n in range(4)}
    lines(right, circle, [(int(a), int(b)) for a, b in graph.edges()])
    nodes(right, circle, colors=ORANGE)
    right.set_title("Your graph, on a circle: the same graph")
    plt.show()


def _ends(graph: jraph.GraphsTuple) -> np.ndarray:
    """Sender and receiver of each stored edge, (E, 2)."""
    return np.stack([np.asarray(graph.senders), np.asarray(graph.receivers)], axis=1)


def stored(graph: jraph.GraphsTuple) -> None:
    """Each stored edge as an arrow, and as a row of a table."""
    _, (left, right) = plt.subplots(1, 2, figsize=(9.6, 3.5), width_ratios=[1.3, 1])
    ends = _ends(graph)
    arrows(left, FOUR, ends, names=True)
    nodes(left, FOUR, colors=ORANGE)
    left.set_title(f"{len(LINES)} lines are {len(ends)} stored edges")
    rows = np.column_stack([np.arange(len(ends)), ends, np.asarray(graph.edges)])
    table(right, rows, ["edge", "senders", "receivers", "edges"])
    plt.show()


def three_views(dense_view: Callable) -> None:
    """A directed graph as a drawing, as a list of edges and as a matrix with its degrees."""
    senders, receivers = np.array([0, 1, 0, 1, 3]), np.array([1, 0, 2, 2, 2])
    A, arrive, leave = dense_view(jnp.asarray(senders), jnp.asarray(receivers), 4)
    _, axes = plt.subplots(1, 3, figsize=(11.5, 3.5), width_ratios=[1.4, 0.8, 1])
    arrows(axes[0], FOUR, np.stack([senders, receivers], axis=1), names=True)
    nodes(axes[0], FOUR)
    axes[0].set_title("A drawing,")
    table(axes[1], np.stack([range(5), senders, receivers], axis=1), ["edge", "sender", "receiver"])
    axes[1].set_title("a list,")
    matrix(axes[2], A)
    for n in range(4):
        axes[2].text(3.9, n, f"{float(arrive[n]):.0f}", va="center", ha="center", color=GREEN)
        axes[2].text(n, -0.8, f"{float(leave[n]):.0f}", va="center", ha="center", color=GREEN)
    axes[2].text(4.15, 1.5, "in-degree", color=GREEN, rotation=-90, va="center", fontsize=10)
    axes[2].text(1.5, -1.15, "out-degree", color=GREEN, ha="center", fontsize=10)
    axes[2].set_title("a matrix: the same graph", pad=46)
    plt.show()


# ---------------------------------------------------------------- new numbers


def toy() -> jraph.GraphsTuple:
    """The four people with a feature each, every line stored twice."""
    return undirected(nx.Graph(LINES), [[10.0], [20.0], [30.0], [40.0]])


def renumbered(before: jraph.GraphsTuple, after: jraph.GraphsTuple, perm: np.ndarray) -> None:
    """The same drawing under old and new numbers, and both matrices."""
    fig, axes = plt.subplots(1, 4, figsize=(13, 3.1), width_ratios=[1.3, 0.8, 1.3, 0.8])
    old = {n: n for n in range(4)}
    new = {int(was): n for n, was in enumerate(perm)}
    for ax, heat, graph, now in zip(axes[::2], axes[1::2], (before, after), (old, new)):
        places = {now[n]: FOUR[n] for n in FOUR}
        lines(ax, places, _ends(graph))
        features = np.asarray(graph.nodes)[list(places), 0]
        nodes(ax, places, colors=[(BLUE, ORANGE, GREEN, SKY)[int(x) // 10 - 1] for x in features])
        A = np.zeros((4, 4))
        np.add.at(A, (np.asarray(graph.receivers), np.asarray(graph.senders)), 1)
        matrix(heat, A)
    axes[0].set_title("before")
    axes[2].set_title(f"after perm = {tuple(int(n) for n in perm)}")
    fig.suptitle("New numbers: the same drawing, another matrix")
    plt.show()


# ---------------------------------------------------------------- what a layer does


@functools.cache
def karate() -> tuple[nx.Graph, dict[int, tuple[float, float]]]:
    """The karate club and a place for each member, the instructor's side left."""
    graph = nx.karate_club_graph()
    found = nx.kamada_kawai_layout(graph, weight=None)
    places = np.array([found[n] for n in range(34)])
    across = places[33] - places[0]
    across /= np.linalg.norm(across)
    turn = np.array([across, [-across[1], across[0]]])
    places = places @ turn.T * [1.5, 1.0]
    for _ in range(100):  # circles that overlap push each other away
        between = places[:, None] - places
        apart = np.linalg.norm(between, axis=2) + np.eye(34)
        push = np.maximum(0.26 - apart, 0) / apart
        places = places + 0.3 * (push[..., None] * between).sum(axis=1)
    return graph, {n: (float(x), float(y)) for n, (x, y) in enumerate(places)}


def normalised(layers: Mapping[str | None, Callable]) -> None:
    """What layers do to the identity, and the size of numbers after several of them."""
    _, axes = plt.subplots(1, 4, figsize=(13.5, 3.3), width_ratios=[1, 1, 1, 1.2])
    names = {None: "none", "symmetric": "symmetric", "mean": "mean"}
    club = undirected(nx.karate_club_graph(), np.random.RandomState(0).uniform(size=(34, 8)))
    for ax, (kind, layer), color in zip(axes, layers.items(), (GREY, BLUE, ORANGE)):
        layer = jax.jit(layer)
        matrix(ax, layer(toy()._replace(nodes=jnp.eye(4))).nodes, 0 if kind is None else 2, 1)
        ax.set_title(f"{names[kind]}: {WEIGHTS[kind]}")
        sizes, graph = [], club
        for _ in range(11):
            sizes.append(float(jnp.sqrt(jnp.mean(graph.nodes**2))))
            graph = layer(graph)
        style = {"color": color, "ls": "--" if kind == "mean" else "-", "lw": 2}
        axes[3].semilogy(np.array(sizes) / sizes[0], label=names[kind], **style)
    axes[3].set(xlabel="layers, on the karate club", ylabel="size, at first 1")
    axes[3].axhline(1, color=PALE, zorder=0)
    axes[3].legend(frameon=False)
    axes[3].set_title("Without normalising numbers explode")
    plt.show()
