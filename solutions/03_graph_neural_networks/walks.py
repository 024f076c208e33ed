"""Random walks as features: what they add to colours."""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
from jaxtyping import Array, Float

from graphs import adjacency, both_ways
from workbook.draw import BLUE, ORANGE

SIX = nx.cycle_graph(6)
THREES = nx.disjoint_union(nx.cycle_graph(3), nx.cycle_graph(3))
WIDTH, LAYERS = 16, 3


def mlps(width: int, seed: int = 0) -> list:
    """The functions of an untrained GIN, one for each layer."""
    random = np.random.RandomState(seed)
    made = []
    for before in (width, *[WIDTH] * (LAYERS - 1)):
        first = random.normal(size=(before, WIDTH)) / np.sqrt(before)
        second = random.normal(size=(WIDTH, WIDTH)) / np.sqrt(WIDTH)
        b = random.normal(size=WIDTH)
        made.append(lambda x, u=first, v=second, b=b: jax.nn.relu(x @ u + b) @ v)
    return made


def readout(gin_layer, graph: nx.Graph, features: Float[Array, "N F"]) -> Float[Array, "_"]:
    """The vector of a whole graph: what each layer's nodes sum to."""
    senders, receivers = jnp.asarray(both_ways(graph.edges).T)
    x, sums = features, []
    for mlp in mlps(features.shape[1]):
        x = jax.nn.relu(gin_layer(x, senders, receivers, 0.0, mlp))
        sums.append(x.sum(axis=0))
    return jnp.concatenate(sums)


def difference(gin_layer, features) -> float:
    """How far apart the two graphs' vectors are, beside the largest entry."""
    one, two = (readout(gin_layer, graph, features(adjacency(graph))) for graph in (SIX, THREES))
    return float(jnp.max(jnp.abs(one - two)) / jnp.max(jnp.abs(one)))


def ways_home(random_walk_pe, steps: int = 10) -> None:
    """The chance of return of a node of each graph, step by step."""
    count = np.arange(1, steps + 1)
    _, ax = plt.subplots(figsize=(6.6, 3.3), layout="constrained")
    for graph, color, style, label in (
        (SIX, BLUE, "o-", "ring of six"),
        (THREES, ORANGE, "s-", "two triangles"),
    ):
        ax.plot(count, random_walk_pe(adjacency(graph), steps)[0], style, color=color, label=label)
    ax.axvline(3, color="black", lw=0.8, ls=":")
    ax.set(xlabel="steps", ylabel="chance of being home", xticks=count)
    ax.set_title("At step 3 the ways home part")
    ax.legend(frameon=False)
    plt.show()
