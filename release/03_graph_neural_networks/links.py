"""Section 10: friendships hidden and found again."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
from jaxtyping import Array, Float, Int

from drawing import karate
from workbook.draw import BLUE, GREY, ORANGE, PALE, RED

COLORS = (GREY, ORANGE, BLUE)


class Split(NamedTuple):
    """Edges to learn from, edges that are hidden, and pairs that aren't edges for either."""

    seen: Int[Array, "E 2"]
    hidden: Int[Array, "8 2"]
    strangers: Int[Array, "100 2"]
    negatives: Int[Array, "steps E 2"]


def split(sample_negatives: Callable, graph: nx.Graph, seed: int, steps: int) -> Split:
    """Hide 8 edges; draw 100 true strangers for the test and new negatives for each step."""
    edges, n = np.array(graph.edges, np.int32), graph.number_of_nodes()
    order = np.random.RandomState(seed).permutation(len(edges))
    hidden, seen = edges[order[:8]], edges[order[8:]]
    first, *keys = jax.random.split(jax.random.key(seed), steps + 1)

    def draw(key, known, count):
        ends = jnp.asarray(known[:, 0]), jnp.asarray(known[:, 1])
        return np.stack([np.asarray(e) for e in sample_negatives(key, *ends, n, count)], axis=1)

    negatives = np.stack([draw(key, seen, len(seen)) for key in keys])
    return Split(*map(jnp.asarray, (seen, hidden, draw(first, edges, 100), negatives)))


def adjacency(edges: Int[Array, "E 2"], num_nodes: int = 34) -> Float[Array, "N N"]:
    """Both directions of undirected edges in a matrix."""
    i, j = edges.T
    return jnp.zeros((num_nodes, num_nodes)).at[i, j].set(1).at[j, i].set(1)


def compare(
    rank_metrics: Callable, splits: Split, scores: Mapping[str, Float[Array, "S N N"]]
) -> dict[str, np.ndarray]:
    """For each way to score pairs the metrics of each split (splits, metrics), and their means."""
    results, tests = {}, (np.asarray(splits.hidden), np.asarray(splits.strangers))
    for name, matrices in scores.items():
        rows = []
        for matrix, hidden, strangers in zip(np.asarray(matrices), *tests):
            pairs = (jnp.asarray(matrix[tuple(ends.T)]) for ends in (hidden, strangers))
            found = rank_metrics(*pairs)
            rows.append([float(found[key]) for key in ("mrr", "hits@1", "hits@10")])
        results[name] = np.array(rows)
        mrr, first, ten = results[name].mean(axis=0)
        print(f"{name:18}  MRR {mrr:.2f}   hits@1 {first:.2f}   hits@10 {ten:.2f}")
    return results


def picture(results: Mapping[str, np.ndarray], graph: nx.Graph, one: Sequence[Array]) -> None:
    """The club with the hidden edges of one split, and bars of the metrics with a dot a split."""
    _, (left, right) = plt.subplots(1, 2, figsize=(12, 4.3), width_ratios=(1, 1.5))
    _, places = karate()
    nx.draw_networkx_edges(graph, places, edge_color="#CCCCCC", ax=left)
    hidden = [tuple(pair) for pair in np.asarray(one).tolist()]
    nx.draw_networkx_edges(
        graph, places, edgelist=hidden, edge_color=RED, style="--", width=2, ax=left
    )
    nx.draw_networkx_nodes(graph, places, node_size=60, node_color=PALE, edgecolors=GREY, ax=left)
    left.set_title("Hidden in one of the splits: 8 of 78 edges")
    left.set_axis_off()
    for shift, (name, rows), color in zip((-0.26, 0, 0.26), results.items(), COLORS):
        x = np.arange(3) + shift
        right.bar(x, rows.mean(axis=0), width=0.24, color=color, label=name)
        jitter = np.linspace(-0.08, 0.08, len(rows))[:, None]
        right.plot(x + jitter, rows, ".", color="black", ms=4, alpha=0.5)
    right.set_xticks(range(3), ["MRR", "hits@1", "hits@10"])
    right.set(ylabel="mean over splits (a dot is one split)")
    right.set_title("The network finds hidden edges better, on the whole")
    right.legend(frameon=False, loc="upper left")
    plt.show()
