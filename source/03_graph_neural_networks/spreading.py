"""An animation: one number spreads over the karate club."""

from collections.abc import Callable

import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

from drawing import karate, lines, nodes, undirected
from workbook.draw import ORANGE, animate

ROUNDS = 3


def film(aggregate: Callable) -> None:
    """Rounds of sums, each shown twice: the messages on their way, and what has arrived."""
    graph, places = karate()
    club = undirected(graph, np.eye(34)[:, :1])
    values = [np.asarray(club.nodes)]
    for _ in range(ROUNDS):
        heard = aggregate(jnp.asarray(values[-1]), club.senders, club.receivers, 34, "sum")
        values.append(np.asarray(heard))
    values = np.concatenate(values, axis=1).round().astype(int)
    fig, ax = plt.subplots(figsize=(8.4, 4.6))
    fig.suptitle("Three rounds of sums: one number spreads over the club")
    ends = np.array(graph.edges())

    def draw(frame):
        done, sending = divmod(frame, 2)
        ax.clear()
        now = values[:, done]
        lines(ax, places, ends, lw=0.7)
        if sending:
            lines(ax, places, ends[(now[ends] > 0).any(axis=1)], color=ORANGE, lw=1.8)
        shade = plt.get_cmap("Oranges")(0.75 * np.log1p(now) / np.log1p(values.max()))
        nodes(ax, places, {n: now[n] or "" for n in places}, shade, size=330)
        if not done:
            ax.annotate(
                "leader 0", places[0], (-8, -10), textcoords="offset points", ha="right", va="top"
            )
        way = f"round {done + 1}: messages are on their way"
        ax.set_title(way if sending else f"after {done} rounds" if done else "at first")

    animate(fig, draw, 2 * ROUNDS + 1, milliseconds=1200)
