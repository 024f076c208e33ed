"""The first picture: what is built in this notebook, and which exercises lead to it."""

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np

from karate import WENT_TO
from drawing import FOUR, LINES, karate, lines, nodes
from workbook.draw import BLUE, GREY, ORANGE, PALE, PURPLE, RED, SKY, arrow, no_ticks

PARTS = (  # the exercises that lead there
    ("1–7", "two know where they belong,\nthe others find out"),
    ("8–11", "what you haven't seen,\nfrom what is like it"),
    ("12–14", "forces and energy\nof a web of springs"),
    ("15", "whom to listen to"),
    ("16–18", "two graphs that look alike\nto every node"),
    ("19–22", "far away, deep down,\nand links that are missing"),
)


def picture() -> None:
    """Six small pictures, in the order of the notebook."""
    fig, axes = plt.subplots(2, 3, figsize=(13, 7))
    draws = (_club, _films, _springs, _attention, _rings, _barbell)
    for ax, (exercises, what), draw in zip(axes.flat, PARTS, draws):
        draw(ax)
        if draw in (_springs, _attention, _rings):
            ax.set_aspect("equal", "datalim")
        ax.set_title(f"{exercises}: {what}", fontsize=12)
        no_ticks(ax)
    fig.suptitle("What you are going to build: networks that learn from who is joined to whom")
    plt.show()


def _club(ax) -> None:
    """The karate club as most networks of section 3 divide it: node 8 is on the wrong side."""
    graph, places = karate()
    left = set(np.flatnonzero(WENT_TO == 0)) - {8}
    lines(ax, places, graph.edges(), lw=0.6)
    nodes(
        ax, places, dict.fromkeys(places, ""), [BLUE if n in left else ORANGE for n in places], 90
    )
    for n in (0, 33):
        ax.scatter(
            *places[n], s=260, c=BLUE if n == 0 else ORANGE, edgecolors="black", lw=2, zorder=4
        )


def _films(ax) -> None:
    """Similar films are joined; one of them isn't rated yet."""
    graph = nx.connected_caveman_graph(3, 4)
    places = nx.spring_layout(graph, seed=3)
    lines(ax, places, graph.edges())
    stars = [5, 4, 5, 4, 2, 1, 1, 2, 3, 4, "?", 3]
    shade = [PALE if s == "?" else plt.get_cmap("YlGnBu")(0.12 * s) for s in stars]
    nodes(ax, places, dict(enumerate(stars)), shade, 420)


def _springs(ax) -> None:
    """A web of springs that pull or push, and the force on each node."""
    places = np.array([[-1, -0.6], [-0.4, 0.8], [0.5, 0.1], [1.3, 0.9], [1.4, -0.7]])
    springs = {(0, 1): 1.0, (0, 2): -0.6, (1, 2): 0.9, (2, 3): -0.8, (2, 4): 1.0, (3, 4): 0.7}
    forces = np.zeros((5, 2))
    for (a, b), k in springs.items():
        pull = k * (places[b] - places[a])
        forces[a], forces[b] = forces[a] + pull, forces[b] - pull
        color, style = (GREY, "-") if k > 0 else (ORANGE, ":")
        ax.plot(*places[[a, b]].T, style, color=color, lw=1 + 2 * abs(k))
    nodes(ax, dict(enumerate(map(tuple, places))), dict.fromkeys(range(5), ""), GREY, 150)
    for start, force in zip(places, forces):
        arrow(ax, tuple(start), tuple(start + 0.4 * force), lw=2)
    ax.margins(0.2)
    ax.text(0.02, 0.0, "solid pulls, dotted pushes", transform=ax.transAxes, fontsize=10)


def _attention(ax) -> None:
    """Edges as wide as their weight."""
    lines(ax, FOUR, LINES, lw=1, color=PALE)
    for (a, b), weight in zip(LINES, (0.15, 0.25, 0.75, 0.5)):
        lines(ax, FOUR, [(a, b)], lw=12 * weight, color=PURPLE)
    nodes(ax, FOUR, dict.fromkeys(FOUR, ""))


def _rings(ax) -> None:
    """A ring of six, and two triangles."""
    for n, size in enumerate((6, 3, 3)):
        angles = 2 * np.pi * np.arange(size) / size + np.pi / 2
        radius, shift = (0.9, 0) if size == 6 else (0.55, 0.6 + 1.35 * n)
        places = {i: (radius * np.cos(a) + shift, radius * np.sin(a)) for i, a in enumerate(angles)}
        lines(ax, places, [(i, (i + 1) % size) for i in range(size)])
        nodes(ax, places, dict.fromkeys(places, ""), SKY if size == 6 else ORANGE, 170)


def _barbell(ax) -> None:
    """Two groups, a long bridge, and a pair that isn't joined yet."""
    graph = nx.barbell_graph(5, 3)
    places = nx.kamada_kawai_layout(graph)
    lines(ax, places, graph.edges())
    lines(ax, places, [(0, 12)], ls=":", color=RED, lw=2)
    heard = np.array([1, 1, 1, 1, 0.9, 0.2, 0.13, 0.08, 0.02, 0.02, 0.02, 0.02, 0.02])
    order = [*range(5), *range(10, 13), *range(5, 10)]  # one group, the bridge, the other group
    shade = dict(zip(order, heard))
    colors = plt.get_cmap("Blues")([0.1 + 0.6 * shade[n] for n in places])
    nodes(ax, places, dict.fromkeys(places, ""), colors, 200)
