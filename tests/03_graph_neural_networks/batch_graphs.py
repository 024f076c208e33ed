import jax
import jax.numpy as jnp
import jraph
import numpy as np
from otter.test_files import test_case
from workbook import expect, kind_of, normal

OK_FORMAT = False
name = "batch_graphs"


def graph(seed, num_nodes, ends, edges=2, features=3, wide=1):
    """A graph whose nodes, edges and globals carry features; 0 edge features are None."""
    senders, receivers = (jnp.array(end, jnp.int32) for end in zip(*ends)) if ends else (jnp.zeros(0, jnp.int32),) * 2  # fmt: skip
    return jraph.GraphsTuple(
        nodes=normal(seed, num_nodes, features),
        edges=normal(seed + 1, len(ends), edges) if edges else None,
        globals=normal(seed + 2, 1, wide) if wide else None,
        senders=senders,
        receivers=receivers,
        n_node=jnp.array([num_nodes]),
        n_edge=jnp.array([len(ends)]),
    )


def triangle(seed, **widths):
    return graph(seed, 3, [(0, 1), (1, 2), (2, 0)], **widths)


def arrow_and_pair(**widths):
    return [graph(1, 3, [(0, 1)], **widths), graph(5, 2, [(0, 1)], **widths)]


def four(**widths):
    """Graphs of 4, 1, 5 and 2 nodes; the second has no edges."""
    ends = [[(0, 1), (1, 0), (3, 1)], [], [(4, 0), (2, 3), (0, 2), (3, 3)], [(1, 0)]]
    sizes = zip((4, 1, 5, 2), ends)
    return [graph(10 * (n + 1), size, pairs, **widths) for n, (size, pairs) in enumerate(sizes)]


def edges_of(batch):
    """Edges with their features, sorted within each graph, those of padding without their ends."""
    n_edge = np.asarray(batch.n_edge)
    ends = np.stack([np.asarray(batch.senders), np.asarray(batch.receivers)], axis=1)
    rows = ends if batch.edges is None else np.concatenate([ends, np.asarray(batch.edges)], axis=1)
    rows = rows.astype(np.float32)
    parts = np.split(rows, np.cumsum(n_edge)[:-1])
    return [part[np.lexsort(part.T[::-1])] for part in parts]


def whole(result, real):
    """A batch as values that don't depend on the order of edges within a graph."""
    assert isinstance(result, tuple | list) and len(result) == 3, (
        f"(batch, node_mask, graph_mask) is wanted, {kind_of(result)} came back"
    )
    batch, node_mask, graph_mask = result
    assert hasattr(batch, "n_node"), f"batch should be a GraphsTuple, yours is {kind_of(batch)}"
    ints = [np.asarray(end).dtype.kind in "iu" for end in (batch.senders, batch.receivers)]
    edges, first = edges_of(batch), int(np.sum(np.asarray(node_mask)))
    ends = np.concatenate([edge[:, :2] for edge in edges[real:]])
    return {
        "n_node": batch.n_node,
        "n_edge": batch.n_edge,
        "sizes": {"senders": np.shape(batch.senders), "receivers": np.shape(batch.receivers)},
        "nodes": batch.nodes,
        "edges, sorted": edges[:real],
        "padding edges from and to real nodes": [
            int(np.sum((end >= 0) & (end < first))) for end in ends.T
        ],
        "padding edges whose ends are no nodes": int(np.sum((ends < 0) | (ends >= len(node_mask)))),
        "padding edges' features": [edge[:, 2:] for edge in edges[real:]],
        "globals": batch.globals,
        "edge features": None if batch.edges is None else np.shape(batch.edges),
        "node_mask": node_mask,
        "graph_mask": graph_mask,
        "senders and receivers are ints": ints,
    }


def heard(batch):
    """What each node hears: the sum over its arriving edges."""
    messages = jnp.asarray(batch.nodes)[batch.senders]
    return jax.ops.segment_sum(messages, jnp.asarray(batch.receivers), len(batch.nodes))


def refusals(batch_graphs, graphs, budgets):
    """Which budgets are refused, by a ValueError or a RuntimeError."""

    def refused(budget):
        try:
            batch_graphs(graphs, *budget)
        except NotImplementedError:
            raise
        except (ValueError, RuntimeError):
            return True
        return False

    return {f"{budget}": refused(budget) for budget in budgets}


@test_case(name="two graphs in 7 nodes, 4 edges and 4 graphs", points=0)
def two_graphs(batch_graphs):
    expect(whole(batch_graphs(arrow_and_pair(), 7, 4, 4), 2))


@test_case(name="three graphs, the second without edges", points=0)
def three_graphs(batch_graphs):
    graphs = four(wide=2)[:3]
    expect(whole(batch_graphs(graphs, 15, 9, 5), 3))


@test_case(name="neither edge features nor globals, and no edge left over", points=0)
def nothing_left(batch_graphs):
    graphs = [triangle(1, edges=0, wide=0), *four(edges=0, wide=0)[2:]]
    expect(whole(batch_graphs(graphs, 11, 8, 4), 3))


@test_case(name="what nodes hear is what they hear alone", points=0)
def hearing(batch_graphs):
    graphs = [*four()[:2], triangle(7)]
    batch, node_mask, _ = batch_graphs(graphs, 20, 12, 6)
    sums = heard(batch)
    expect([sums[:4], sums[4:5], sums[5:8]])
    expect({"a mask for nodes": node_mask})


@test_case(name="which budgets are too small", points=0)
def small_budgets(batch_graphs):
    budgets = [(6, 2, 3), (5, 2, 3), (6, 1, 3), (6, 2, 2), (9, 9, 9)]
    expect(refusals(batch_graphs, arrow_and_pair(), budgets))


# --- hidden: nothing below this line is released ---


@test_case(name="graphs of other sizes", points=1.5, hidden=True)
def other_sizes(batch_graphs):
    graphs = four(edges=1, features=2, wide=3)
    expect(whole(batch_graphs(graphs, 16, 13, 7), 4))
    expect(whole(batch_graphs(graphs[::-1], 13, 8, 5), 4))


@test_case(name="one graph alone, and graphs without edges", points=0.5, hidden=True)
def few(batch_graphs):
    expect(whole(batch_graphs([triangle(61)], 5, 5, 2), 1))
    lonely = [graph(65, 2, []), graph(70, 3, [])]
    expect(whole(batch_graphs(lonely, 8, 2, 3), 2))
    expect(whole(batch_graphs(lonely[::-1], 6, 0, 4), 2))


@test_case(name="no edge features, or no globals", points=0.5, hidden=True)
def without(batch_graphs):
    expect(whole(batch_graphs(four(edges=0)[1:], 10, 7, 4), 3))
    expect(whole(batch_graphs(four(wide=0)[2:], 9, 6, 5), 2))


@test_case(name="what nodes hear, graph by graph", points=0.5, hidden=True)
def messages(batch_graphs):
    graphs = [triangle(81), graph(85, 2, [(1, 0), (1, 1)]), *four()[2:]]
    batch, node_mask, graph_mask = batch_graphs(graphs, 14, 15, 6)
    sums = heard(batch)
    expect([sums[:3], sums[3:5], sums[5:10], sums[10:12], node_mask, graph_mask])


@test_case(name="budgets", points=1, hidden=True)
def budgets(batch_graphs):
    graphs = four()[1:]
    tried = [(9, 5, 4), (8, 5, 4), (9, 4, 4), (9, 5, 3), (7, 9, 9), (12, 5, 6)]
    expect(refusals(batch_graphs, graphs, tried))
    tried = [(4, 3, 2), (4, 3, 1), (3, 3, 2), (4, 2, 2), (30, 30, 30)]
    expect(refusals(batch_graphs, [triangle(91)], tried))
    expect(whole(batch_graphs(graphs, 10, 6, 4), 3))
