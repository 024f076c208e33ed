import jax
import jax.numpy as jnp
import jraph
import numpy as np
from otter.test_files import test_case
from workbook import expect, kind_of, normal, run

OK_FORMAT = False
name = "permute_graph"


def graph_of(num_nodes, senders, receivers, seed, **parts):
    """A directed graph with random features: 2 of a node, 1 of an edge, 3 of the graph."""
    parts = {"edges": normal(seed, len(senders), 1), "globals": normal(seed + 1, 1, 3)} | parts
    return jraph.GraphsTuple(
        nodes=normal(seed + 2, num_nodes, 2),
        senders=jnp.array(senders, jnp.int32),
        receivers=jnp.array(receivers, jnp.int32),
        n_node=jnp.full(1, num_nodes),
        n_edge=jnp.full(1, len(senders)),
        **parts,
    )


def permuted(permute_graph, graph, perm):
    result = run(permute_graph, graph, jnp.array(perm, jnp.int32))
    assert isinstance(result, jraph.GraphsTuple), f"this is {kind_of(result)}, not a GraphsTuple"
    return result


def facts(graph):
    """Everything in the graph, its edges in the order of sender, receiver and features."""
    ends = [np.asarray(graph.senders), np.asarray(graph.receivers)]
    features = [] if graph.edges is None else [np.asarray(graph.edges)]
    order = np.lexsort((*(x[:, 0] for x in features), ends[1], ends[0]))
    edges = [x[order] for x in (*ends, *features)]
    return {"nodes": graph.nodes, "edges": edges, "globals": graph.globals} | {
        "counts": [graph.n_node, graph.n_edge]
    }


def heard(graph):
    """The sum of what arrives at each node."""
    messages = jnp.asarray(graph.nodes)[graph.senders]
    return jax.ops.segment_sum(messages, jnp.asarray(graph.receivers), len(graph.nodes))


triangle = graph_of(3, [2, 0, 2], [1, 1, 2], 1)
chain = graph_of(5, [0, 0, 1, 3, 3, 4], [1, 2, 3, 4, 4, 4], 5)


@test_case(name="features move with their nodes", points=0)
def nodes(permute_graph):
    expect(permuted(permute_graph, triangle, [2, 0, 1]).nodes)


@test_case(name="the edges of the rotated triangle", points=0)
def edges(permute_graph):
    expect(facts(permuted(permute_graph, triangle, [2, 0, 1]))["edges"])


@test_case(name="counts and globals stay", points=0)
def the_rest(permute_graph):
    expect(facts(permuted(permute_graph, triangle, [1, 2, 0])))


@test_case(name="five nodes, two edges the same", points=0)
def five(permute_graph):
    expect(facts(permuted(permute_graph, chain, [3, 0, 4, 1, 2])))


@test_case(name="nothing moves, and back again", points=0)
def and_back(permute_graph):
    expect(facts(permuted(permute_graph, chain, range(5))))
    there = permuted(permute_graph, chain, [2, 4, 0, 1, 3])
    expect(facts(permuted(permute_graph, there, np.argsort([2, 4, 0, 1, 3]))))


@test_case(name="a graph without features of edges or of its own", points=0)
def bare(permute_graph):
    graph = graph_of(4, [3, 1], [0, 2], 9, edges=None, globals=None)
    expect(facts(permuted(permute_graph, graph, [1, 2, 3, 0])))


# --- hidden: nothing below this line is released ---


@test_case(name="six nodes, renumbered", points=0.75, hidden=True)
def six(permute_graph):
    graph = graph_of(6, [0, 5, 5, 2, 1, 1, 4], [5, 3, 3, 2, 0, 4, 1], 13)
    expect(facts(permuted(permute_graph, graph, [4, 5, 1, 0, 2, 3])))


@test_case(name="one after the other", points=0.5, hidden=True)
def composed(permute_graph):
    graph = graph_of(4, [0, 1, 2, 2, 3], [1, 2, 3, 0, 3], 17)
    once = permuted(permute_graph, graph, [1, 3, 0, 2])
    expect(facts(permuted(permute_graph, once, [3, 0, 1, 2])))


@test_case(name="what arrives at the new nodes", points=0.5, hidden=True)
def equivariant(permute_graph):
    graph = graph_of(7, [6, 0, 0, 3, 5, 4, 2, 2], [0, 6, 3, 1, 4, 4, 0, 5], 21)
    expect(heard(permuted(permute_graph, graph, [6, 2, 5, 0, 1, 3, 4])))


@test_case(name="no edges, and no features of edges", points=0.25, hidden=True)
def few(permute_graph):
    expect(facts(permuted(permute_graph, graph_of(3, [], [], 25), [1, 2, 0])))
    graph = graph_of(5, [4, 2, 2], [3, 0, 4], 29, edges=None, globals=None)
    expect(facts(permuted(permute_graph, graph, [2, 3, 1, 4, 0])))
