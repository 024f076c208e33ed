import jax.numpy as jnp
import jraph
import numpy as np
from otter.test_files import test_case
from workbook import expect, kind_of, run

OK_FORMAT = False
name = "to_graphs_tuple"

toy = np.array([[0, 1], [0, 2], [1, 2], [2, 3]], np.int32)
ring = np.array([[4, 0], [1, 0], [2, 1], [3, 2], [4, 3]], np.int32)
web = np.array([[6, 2], [0, 5], [2, 0], [5, 6], [1, 5], [2, 5]], np.int32)  # nobody knows 3 or 4
wheel = np.array([[8, n] for n in range(8)] + [[7, 0], [3, 4]], np.int32)
nobody = np.zeros((0, 2), np.int32)


def made(to_graphs_tuple, num_nodes, edges):
    graph = run(to_graphs_tuple, num_nodes, jnp.asarray(edges))
    assert isinstance(graph, jraph.GraphsTuple), f"this is {kind_of(graph)}, not a GraphsTuple"
    return graph


def stored(graph):
    """The stored edges with their features, in the order of sender, receiver and feature."""
    features = np.asarray(graph.edges)
    if len({len(x) for x in (graph.senders, graph.receivers, features)}) > 1:
        return "senders, receivers and edges differ in length"
    ends = [np.reshape(x, (len(features), -1))[:, 0] for x in (graph.senders, graph.receivers)]
    order = np.lexsort((features.reshape(len(features), -1).sum(axis=1), ends[1], ends[0]))
    parts = (graph.senders, graph.receivers, features)
    return [np.asarray(x)[order] for x in parts]


def others(graph):
    return {field: getattr(graph, field) for field in ("nodes", "globals", "n_node", "n_edge")}


@test_case(name="the features of the four nodes", points=0)
def nodes(to_graphs_tuple):
    expect(made(to_graphs_tuple, 4, toy).nodes)


@test_case(name="eight stored edges for four lines", points=0)
def both_ways(to_graphs_tuple):
    graph = made(to_graphs_tuple, 4, toy)
    expect(
        {"senders": np.sort(graph.senders, axis=0), "receivers": np.sort(graph.receivers, axis=0)}
    )


@test_case(name="each edge with its own feature", points=0)
def edge_features(to_graphs_tuple):
    expect(stored(made(to_graphs_tuple, 4, toy)))


@test_case(name="the counts, and one global feature", points=0)
def counts(to_graphs_tuple):
    expect(others(made(to_graphs_tuple, 4, toy)))


@test_case(name="nodes without edges, and no edges at all", points=0)
def lonely(to_graphs_tuple):
    graph = made(to_graphs_tuple, 6, toy[1::2])
    expect([others(graph), stored(graph)])
    empty = made(to_graphs_tuple, 2, nobody)
    expect([empty.senders, empty.receivers, empty.edges, others(empty)])
