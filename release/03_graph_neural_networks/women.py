"""Section 4: which events the women of Natchez might have liked, by walks on a graph of two kinds."""

import jax.numpy as jnp
import matplotlib.pyplot as plt
import networkx as nx
import numpy as np

from workbook.draw import BLUE, GREY, ORANGE, RED

_GRAPH = nx.davis_southern_women_graph()
WOMEN = [node for node, kind in _GRAPH.nodes(data="bipartite") if kind == 0]
EVENTS = [node for node, kind in _GRAPH.nodes(data="bipartite") if kind == 1]


def visits():
    """The table (women, events): 1 where she was there."""
    return jnp.asarray(
        nx.bipartite.biadjacency_matrix(_GRAPH, WOMEN, EVENTS).toarray(), jnp.float32
    )


def ranked(went, score, woman, hidden):
    """The place, from 1, of a hidden visit among the events that she didn't attend."""
    others = np.flatnonzero((np.asarray(went[woman]) == 0) & (np.arange(len(EVENTS)) != hidden))
    better = (score[woman, others] > score[woman, hidden]).sum()
    return 1 + better + 0.5 * (score[woman, others] == score[woman, hidden]).sum()


def guesses(went, best, who):
    """All visits, those of one woman in colour, and her three best events that are new to her."""
    _, ax = plt.subplots(figsize=(12, 4.6))
    top = [(2 * n, 1) for n in range(len(WOMEN))]
    below = [((n + 0.5) * 2 * len(WOMEN) / len(EVENTS) - 1, 0) for n in range(len(EVENTS))]
    for w, e in np.argwhere(np.asarray(went)):
        mine = w == who
        ax.plot(*zip(top[w], below[e]), color=BLUE if mine else "#DDDDDD", lw=1.8 if mine else 0.8, zorder=2 if mine else 1)  # fmt: skip
    for place, e in enumerate(np.asarray(best[who]), start=1):
        ax.plot(*zip(top[who], below[e]), color=ORANGE, ls="--", lw=2, zorder=3)
        ax.text(below[e][0], -0.17, f"guess {place}", color=RED, ha="center", fontsize=10)
    heads = [BLUE if n == who else GREY for n in range(len(WOMEN))]
    new, known = set(np.asarray(best[who]).tolist()), set(np.flatnonzero(went[who]).tolist())
    feet = [ORANGE if n in new else BLUE if n in known else GREY for n in range(len(EVENTS))]
    ax.scatter(*zip(*top), color=heads, s=60, zorder=4)
    ax.scatter(*zip(*below), color=feet, s=70, marker="s", zorder=4)
    for (x, y), name in zip(top, WOMEN):
        ax.text(x, y + 0.05, name.split()[0], ha="left", va="bottom", rotation=35, fontsize=9)
    for (x, y), name in zip(below, EVENTS):
        ax.text(x, y - 0.05, name, ha="center", va="top", fontsize=9)
    ax.set(ylim=(-0.25, 1.35))
    ax.axis("off")
    ax.set_title(f"{WOMEN[who]} went to {len(known)} events (blue). Three steps lead her on to {', '.join(EVENTS[e] for e in np.asarray(best[who]))}")  # fmt: skip
    plt.show()


def one_hidden(went, diffuse):
    """Each visit hidden in its turn: how often it is among the first three guesses."""
    places = {"by chance": [], "the best attended\nevents": [], "three steps\nof a walk": []}
    for woman, event in np.argwhere(np.asarray(went)):
        rest = went.at[woman, event].set(0)
        popular = np.tile(rest.sum(axis=0), (len(WOMEN), 1))
        places["the best attended\nevents"].append(ranked(rest, popular, woman, event))
        places["three steps\nof a walk"].append(
            ranked(rest, np.asarray(diffuse(rest)), woman, event)
        )
        places["by chance"].append(len(EVENTS) - float(rest[woman].sum()))
    hits = [np.mean([3 / n for n in places.pop("by chance")])]
    hits += [np.mean(np.array(found) <= 3) for found in places.values()]
    _, ax = plt.subplots(figsize=(6, 3.4))
    for n, (hit, color) in enumerate(zip(hits, (GREY, ORANGE, BLUE))):
        ax.bar(n, 100 * hit, color=color, width=0.6)
        ax.text(n, 100 * hit + 2, f"{hit:.0%}", ha="center")
    ax.set(ylim=(0, 105), ylabel="among three guesses (%)", xticks=range(3))
    ax.set_xticklabels(["by chance", *places])
    ax.set_title(f"Of {len(places.popitem()[1])} hidden visits the walk finds {hits[-1]:.0%}")
    plt.show()
