"""Section 4: ratings with a planted structure, the graph of the films, and what a network finds."""

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from time import time

import haiku as hk
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import networkx as nx
import numpy as np

from drawing import karate
from graphs import adjacency
from workbook.draw import BLUE, GREY, ORANGE, diverging

USERS, FILMS, GENRES = 300, 40, 4
TRAINING = 200  # the first users train and say which films are alike, the others test
NOISE, NEIGHBOURS = 0.4, 8
GENRE = np.repeat(np.arange(GENRES), FILMS // GENRES)  # films are sorted by genre


@dataclass(frozen=True)
class Ratings:
    """Ratings (users, films), which of them are seen, and the mean of each film."""

    values: np.ndarray
    seen: np.ndarray
    mean: np.ndarray

    @property
    def centred(self):
        """Seen ratings less their film's mean; 0 where there is none."""
        return np.where(self.seen, self.values - self.mean, 0).astype(np.float32)


def ratings():
    """Ratings = 3 + taste for the genre + popularity + noise, cut to 1...5; half are seen."""
    rng = np.random.RandomState(0)
    taste, popularity = 0.9 * rng.normal(size=(USERS, GENRES)), 0.5 * rng.normal(size=FILMS)
    values = 3 + taste[:, GENRE] + popularity + NOISE * rng.normal(size=(USERS, FILMS))
    values, seen = np.clip(values, 1, 5), rng.uniform(size=(USERS, FILMS)) < 0.5
    first, known = values[:TRAINING], seen[:TRAINING]
    return Ratings(values, seen, np.sum(first * known, axis=0) / known.sum(axis=0))


def shift(data):
    """The 8 best correlations of each film, without negative ones, scaled to spectral norm 1."""
    values = np.where(data.seen, data.values, np.nan)[:TRAINING]
    table = np.zeros((FILMS, FILMS), np.float32)
    for n in range(FILMS):
        for m in set(range(FILMS)) - {n}:
            both = ~np.isnan(values[:, n] + values[:, m])
            table[n, m] = np.corrcoef(values[both, n], values[both, m])[0, 1]
    least = np.sort(table, axis=1)[:, -NEIGHBOURS, None]
    table = np.where((table >= least) & (table > 0), table, 0)
    return jnp.asarray(table / np.linalg.norm(table, 2))


# ---------------------------------------------------------------- examples


def hide(data, users, hidden):
    """The signals of some users without one rating each, and what was hidden: (x, y, film)."""
    signals, rows = jnp.asarray(data.centred)[users], jnp.arange(len(users))
    return signals.at[rows, hidden].set(0)[:, None], signals[rows, hidden], hidden


def batches(data, key, steps, size=50):
    """Random numbers of ratings, which `pick` makes examples of: (steps, size)."""
    return jax.random.randint(key, (steps, size), 0, data.seen[:TRAINING].sum())


def pick(data, numbers):
    """Training examples by the numbers of their ratings."""
    users, hidden = jnp.asarray(np.argwhere(data.seen[:TRAINING])).T
    return hide(data, users[numbers], hidden[numbers])


def test(data):
    """Every rating that was seen of the people who don't train, each hidden in its turn."""
    users, hidden = jnp.asarray(np.argwhere(data.seen[TRAINING:])).T
    return hide(data, users + TRAINING, hidden)


def by_means(data):
    """Errors of the film's mean, and of the film's mean plus how the person rates others."""
    x, y, _ = (np.asarray(part) for part in test(data))
    person = x.sum(axis=(1, 2)) / np.maximum((x != 0).sum(axis=(1, 2)), 1)
    return [float(np.sqrt(np.mean(error**2))) for error in (y, y - person)]


# ---------------------------------------------------------------- pictures


def seen(data, S):
    """What was seen of some people, and how strongly each film listens to each other one."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4))
    shown = left.imshow(np.where(data.seen, data.values, np.nan)[:40], cmap="viridis", vmin=1, vmax=5)  # fmt: skip
    fig.colorbar(shown, ax=left, label="rating", shrink=0.8)
    left.set(xlabel="film, by genre", ylabel="person", title="Half of the ratings are missing")
    shown = right.imshow(S, cmap="Purples", vmin=0)
    fig.colorbar(shown, ax=right, label="S[n, m]", shrink=0.8)
    right.set(xlabel="film m that is heard", ylabel="film n that listens")
    right.set_title("People agree about films of one genre")
    for ax in (left, right):
        ax.set_xticks(range(0, FILMS, 10))
    right.set_yticks(range(0, FILMS, 10))
    plt.show()


def gradients(loss):
    """By which guesses the loss of six people changes."""
    rng = np.random.RandomState(4)
    guesses = jnp.asarray(rng.uniform(1, 5, (6, 1, 12)), jnp.float32)
    truth = jnp.asarray([4.0, 2, 5, 1, 3, 4])
    films = jnp.asarray([7, 0, 3, 3, 11, 5])
    slope = np.asarray(jax.grad(loss)(guesses, truth, films))[:, 0]
    _, ax = plt.subplots(figsize=(8, 3.8))
    shown = ax.imshow(slope, **diverging(slope))
    plt.colorbar(shown, ax=ax, label="gradient", shrink=0.8)
    for b, n in np.argwhere(slope):
        high = slope[b, n] > 0
        ax.text(n, b, "lower" if high else "raise", ha="center", va="center", fontsize=8, color="white" if abs(slope[b, n]) > 0.5 * np.abs(slope).max() else "black")  # fmt: skip
    ax.set(xlabel="film", ylabel="person", xticks=range(12), yticks=range(6))
    ax.set_title(f"The gradient moves {np.count_nonzero(slope)} of {slope.size} guesses")
    plt.show()


def impulse(graph_filter):
    """What each node hears of one node, for filters of 1 to 5 taps that are all 1."""
    grid, (club, members) = nx.grid_2d_graph(9, 9), karate()
    graphs = [(grid, (4, 4), {node: node for node in grid})]
    graphs.append((club, 16, members))
    fig, axes = plt.subplots(2, 5, figsize=(13, 5.6))
    for row, (graph, start, places) in zip(axes, graphs):
        S = adjacency(graph)
        S = S / np.linalg.norm(S, 2)
        x = (jnp.arange(len(graph)) == list(graph).index(start)).astype(jnp.float32)[None, None]
        xy = np.array([places[node] for node in graph])
        for taps, ax in enumerate(row, start=1):
            heard = np.asarray(graph_filter(x, jnp.ones((taps, 1, 1)), S, jnp.zeros(1)))[0, 0]
            nx.draw_networkx_edges(graph, places, ax=ax, edge_color="#D5D5D5", width=0.6)
            depth = np.log10(np.maximum(heard, 1e-3))
            shown = ax.scatter(*xy.T, c=depth, cmap="Purples", vmin=-3, vmax=0.2, s=46, edgecolor=GREY, lw=0.6, zorder=3)  # fmt: skip
            ax.axis("off")
            ax.set_title(f"K = {taps}: {(heard > 1e-6).sum()} of {len(graph)} hear it")
    bar = fig.colorbar(shown, ax=axes, label="what is heard", shrink=0.6)
    bar.set_ticks([-3, -2, -1, 0], labels=["nothing", "0.01", "0.1", "1"])
    fig.suptitle("The signal is 1 on one node: each tap more is heard one hop further")
    plt.show()


def parameters(GNNModule):
    """How many numbers are learned, for few and for many films."""
    widths, sizes = [1, 16, 8, 1], np.array([10, 40, 160, 640, 2560])
    net = hk.transform(lambda x, S: GNNModule(3, [4, 4, 1], widths, jax.nn.relu)(x, S))
    counts = []
    for n in sizes:
        arrays = (jax.ShapeDtypeStruct(shape, np.float32) for shape in ((1, 1, n), (n, n)))
        made = jax.eval_shape(net.init, jax.random.key(0), *arrays)
        counts.append(sum(leaf.size for leaf in jax.tree.leaves(made)))
    dense = [sum((a * n + 1) * b * n for a, b in pairwise(widths)) for n in sizes]
    _, ax = plt.subplots(figsize=(7, 3.8))
    ax.loglog(sizes, dense, "s--", color=ORANGE, label="dense layers of the same widths")
    ax.loglog(sizes, counts, "o-", color=BLUE, label="graph filters")
    ax.annotate(f"{counts[0]} for any graph", (sizes[1], counts[1]), (sizes[1], 3 * counts[1]), color=BLUE)  # fmt: skip
    ax.set(xlabel="films", ylabel="parameters", ylim=(100, None))
    ax.set_title("Weights that nodes share don't grow with the graph")
    ax.legend()
    plt.show()


def learned(data, with_graph, without):
    """Loss of each step, and the error for people whom the network never saw."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(12, 4), width_ratios=[1.2, 1])
    smooth = partial(np.convolve, np.ones(20) / 20, mode="valid")
    for (losses, _), color, label in ((without, ORANGE, "S = 0"), (with_graph, BLUE, "with S")):
        for n, run in enumerate(np.asarray(losses)):
            left.plot(smooth(run), color=color, lw=1, label=label if n == 0 else None)
    left.axhline(NOISE**2, color=GREY, ls="--", lw=1)
    left.text(0, NOISE**2, "noise", color=GREY, va="bottom")
    left.set(
        xlabel="step",
        ylabel="squared error (mean of 20 steps)",
        ylim=(0, None),
        title="Training, three seeds",
    )
    left.legend()
    means = by_means(data)
    bars = {"film's\nmean": [means[0]], "film's and\nperson's": [means[1]]}
    bars |= {"S = 0": np.asarray(without[1]), "with S": np.asarray(with_graph[1])}
    for n, (values, color) in enumerate(zip(bars.values(), (GREY, GREY, ORANGE, BLUE))):
        right.bar(n, np.mean(values), color=color, alpha=0.6)
        right.plot([n] * len(values), values, "k.", ms=5)
        right.text(n, max(values) + 0.02, f"{np.mean(values):.2f}", ha="center")
    right.axhline(NOISE, color=GREY, ls="--", lw=1)
    right.text(3.45, NOISE, "noise", color="black", ha="right", va="top")
    right.set(ylabel="RMSE (rating points)", ylim=(0, 1.05), xticks=range(4), xticklabels=bars)
    right.set_title("Ratings of 100 people whom it never saw")
    fig.suptitle(f"The graph takes the error from {np.mean(bars['S = 0']):.2f} to {np.mean(bars['with S']):.2f}")  # fmt: skip
    plt.show()


ROWS = ["  l  k              f                 sigma       parameters  seconds  test RMSE"]


def table(data, net, S, train, architecture, seed=0):
    """Train a network once, and print it under those that were trained before."""
    layers, k, f, sigma = architecture
    key, started = jax.random.key(seed), time()
    made = jax.eval_shape(net.init, key, test(data)[0][:1], S)
    size = sum(leaf.size for leaf in jax.tree.leaves(made))
    rmse = float(jax.jit(partial(train, net))(S, key)[1])
    name = getattr(sigma, "__name__", str(sigma))
    ROWS.append(f"{layers:3}  {list(k)!s:13}  {list(f)!s:16}  {name:10}  {size:10,}  {time() - started:7.1f}  {rmse:9.3f}")  # fmt: skip
    print(*ROWS, sep="\n")
