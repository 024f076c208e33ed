"""The karate club: its graph, where its members went, and what networks say of them."""

from collections.abc import Sequence

import jax.numpy as jnp
import jraph
import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
from numpy.typing import ArrayLike

from drawing import karate, lines, nodes
from graphs import undirected
from workbook.draw import BLACK, BLUE, GREY, ORANGE, animate

SIDES = ("instructor's side", "president's side")
COLORS = np.array([BLUE, ORANGE])
CLUB = nx.karate_club_graph()
WENT_TO = np.array([int(club != "Mr. Hi") for _, club in CLUB.nodes(data="club")])


def load() -> tuple[jraph.GraphsTuple, np.ndarray]:
    """The club with one-hot features, and each member's side: 0 instructor's, 1 president's."""
    return undirected(CLUB, np.eye(34)), WENT_TO


def film(logits: Sequence[ArrayLike], went_to: np.ndarray) -> None:
    """The two logits of each member by training step, for the first network, and its choices."""
    steps = [*range(0, 80, 5), *range(80, 199, 15), 199]
    points = np.stack([np.asarray(logits[n])[0] for n in steps])
    graph, places = karate()
    fig, (left, right) = plt.subplots(1, 2, figsize=(10.4, 4.2))
    fig.suptitle("Two labels pull the club apart: one network while it learns")
    low, high = points.min() - 0.5, points.max() + 0.5
    left.plot([low, high], [low, high], color=GREY, lw=1, ls="--")
    left.set(xlim=(low, high), ylim=(low, high))
    left.set(xlabel=f"logit of the {SIDES[0]}", ylabel=f"logit of the {SIDES[1]}")
    style = {"s": 50, "edgecolors": BLACK, "linewidths": 0.6}
    dots = left.scatter(*points[0].T, c=COLORS[went_to], **style)
    names = {n: left.text(*points[0, n], f"  {n}", weight="bold") for n in (0, 8, 33)}
    lines(right, places, graph.edges(), lw=0.6)
    circles = nodes(right, places, {n: n if n in names else "" for n in places}, GREY, 190)

    def draw(frame):
        now = points[frame]
        dots.set_offsets(now)
        for n, name in names.items():
            name.set_position(now[n])
        choice = now.argmax(axis=1)
        circles.set_facecolors(COLORS[choice])
        left.set_title(f"step {steps[frame] + 1}: dots in the colour of the side they took")
        right.set_title(f"its choice: {(choice == went_to).sum()} of 34 right")

    animate(fig, draw, len(steps), milliseconds=220)


def results(logits: ArrayLike, went_to: np.ndarray) -> None:
    """How many members each network has right, and who is wrong how often."""
    right = np.asarray(jnp.asarray(logits).argmax(axis=-1)) == went_to
    count, wrong = right.sum(axis=1), (~right).sum(axis=0)
    _, (dots, club) = plt.subplots(1, 2, figsize=(10, 4.2), width_ratios=[1, 1.3])
    for value in np.unique(count):
        height = np.arange((count == value).sum()) + 1
        dots.scatter(np.full(len(height), value), height, color=BLUE, s=60)
    dots.set(xlabel="members right, of 34", ylabel="networks", xlim=(27.5, 34.5))
    dots.set(xticks=range(28, 35), ylim=(0, max(np.bincount(count)) + 1.5))
    dots.set_title(f"{len(count)} networks: {count.min()} to {count.max()} right")
    graph, places = karate()
    lines(club, places, graph.edges(), lw=0.6)
    shade = plt.get_cmap("Reds")(0.85 * wrong / len(count))
    nodes(club, places, {n: wrong[n] or "" for n in places}, shade, size=260)
    for n in (0, 8, 33):
        club.annotate(str(n), places[n], (9, 9), textcoords="offset points", weight="bold")
    club.set_title("How many of them had this member wrong")
    plt.show()
    print(f"members right, median: {np.median(count):g} of 34")
    print("wrong in more than half:", [int(n) for n in np.flatnonzero(wrong > len(count) / 2)])
