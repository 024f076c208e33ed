import jax
import jax.numpy as jnp
import jraph
import numpy as np
from otter.test_files import test_case
from workbook import expect, integers, normal, run

OK_FORMAT = False
name = "graph_network_step"

# the arguments of a test's functions have names of their own: they are called by position


def web(seed, sizes, links, widths):
    """Graphs of so many nodes and directed edges; widths of nodes, edges and globals."""
    starts = np.cumsum([0, *sizes[:-1]])
    ends = [
        integers(seed + n, 0, max(size, 1), 2, link) + start
        for n, (size, link, start) in enumerate(zip(sizes, links, starts))
    ]
    senders, receivers = np.concatenate(ends, axis=1).astype(np.int32)
    node, edge, whole = widths
    return jraph.GraphsTuple(
        nodes=normal(seed + 10, sum(sizes), node),
        edges=normal(seed + 11, sum(links), edge),
        globals=normal(seed + 12, len(sizes), whole),
        senders=senders,
        receivers=receivers,
        n_node=np.array(sizes, np.int32),
        n_edge=np.array(links, np.int32),
    )


def affine(seed, *widths):
    """A function of so many arguments: each times a matrix of its own, the sum bent."""
    *given, out = widths
    matrices = [normal(seed + n, width, out) for n, width in enumerate(given)]

    def f(*a):
        total = sum(x @ m for x, m in zip(a, matrices, strict=True)) + 0.3
        return total + jnp.tanh(total)

    return f


def functions(seed, widths, new):
    """edge_fn, node_fn and global_fn for widths of nodes, edges and globals, old and new."""
    (v, e, u), (v2, e2, u2) = widths, new
    return (
        affine(seed, e, v, v, u, e2),
        affine(seed + 4, v, e2, e2, u, v2),
        affine(seed + 8, v2, e2, u, u2),
    )


def parts(graph):
    return {"edges": graph.edges, "nodes": graph.nodes, "globals": graph.globals}


line = jraph.GraphsTuple(
    nodes=np.array([[1.0], [2], [4]], np.float32),
    edges=np.array([[10.0], [20]], np.float32),
    globals=np.array([[100.0]], np.float32),
    senders=np.array([0, 1], np.int32),
    receivers=np.array([2, 2], np.int32),
    n_node=np.array([3], np.int32),
    n_edge=np.array([2], np.int32),
)


@test_case(name="the worked number", points=0)
def worked_number(graph_network_step):
    step = run(
        graph_network_step,
        line,
        lambda a, b, c, d: a + b,
        lambda a, b, c, d: a + c,
        lambda a, b, c: a + b + c,
    )
    expect({"edges": step.edges})
    expect({"nodes": step.nodes})
    expect({"globals": step.globals})


@test_case(name="one graph, where all vectors have three entries", points=0)
def one_graph(graph_network_step):
    graph, threes = web(20, [5], [7], (3, 3, 3)), functions(30, (3, 3, 3), (3, 3, 3))
    expect(parts(run(graph_network_step, graph, *threes)))


@test_case(name="two graphs in one tuple", points=0)
def two_graphs(graph_network_step):
    graph, threes = web(50, [4, 6], [8, 5], (3, 3, 3)), functions(60, (3, 3, 3), (3, 3, 3))
    expect(parts(run(graph_network_step, graph, *threes)))


@test_case(name="nodes, edges and globals of different widths", points=0)
def widths(graph_network_step):
    graph, fs = web(80, [3, 4], [5, 6], (2, 3, 1)), functions(90, (2, 3, 1), (4, 5, 6))
    step = run(graph_network_step, graph, *fs)
    shapes = [np.shape(x) for x in (step.nodes, step.edges, step.globals)]
    assert shapes == [(7, 4), (11, 5), (2, 6)], (
        f"nodes (7, 4), edges (11, 5) and globals (2, 6) were asked for; yours are {shapes}"
    )
    expect(parts(step))


@test_case(name="a graph without edges, and one without nodes", points=0)
def without(graph_network_step):
    graph, fs = web(110, [4, 0, 2], [6, 0, 0], (2, 2, 2)), functions(120, (2, 2, 2), (2, 3, 2))
    expect(parts(run(graph_network_step, graph, *fs)))


@test_case(name="padding disturbs nobody, and jit knows no counts", points=0)
def padding(graph_network_step):
    graph, fs = web(140, [3, 4], [5, 6], (2, 1, 3)), functions(150, (2, 1, 3), (3, 2, 4))
    graph = jraph.pad_with_graphs(graph, 10, 13, 4)
    step = run(jax.jit(lambda g: graph_network_step(g, *fs)), graph)
    expect({"edges": step.edges[:11], "nodes": step.nodes[:7], "globals": step.globals[:2]})


@test_case(name="each function is called once, and the arrows stay", points=0)
def calls(graph_network_step):
    seen = []

    def noting(word, f):
        def noted(*a):
            seen.append([word, [list(np.shape(x)) for x in a]])
            return f(*a)

        return noted

    fs = functions(160, (2, 3, 1), (4, 5, 6))
    words = ("edge_fn", "node_fn", "global_fn")
    step = graph_network_step(web(170, [3, 4], [5, 6], (2, 3, 1)), *map(noting, words, fs))
    expect(seen)
    expect([step.senders, step.receivers, step.n_node, step.n_edge])


@test_case(name="gradients by nodes, edges and globals", points=0)
def gradients(graph_network_step):
    graph, fs = web(180, [3, 4], [5, 6], (2, 3, 2)), functions(190, (2, 3, 2), (2, 2, 1))

    def total(nodes, edges, whole):
        given = graph._replace(nodes=nodes, edges=edges, globals=whole)
        return jnp.sum(graph_network_step(given, *fs).globals)

    slope = jax.grad(total, argnums=(0, 1, 2))
    expect(run(slope, graph.nodes, graph.edges, graph.globals), rtol=1e-3, atol=1e-3)
