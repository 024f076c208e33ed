import jax.numpy as jnp
import jraph
import numpy as np
from otter.test_files import test_case
from workbook import expect, integers, kind_of, module, normal

OK_FORMAT = False
name = "gcn_3_layer"


def graph_of(nodes, senders, receivers):
    return jraph.GraphsTuple(
        nodes=nodes,
        edges=None,
        senders=jnp.asarray(senders, jnp.int32),
        receivers=jnp.asarray(receivers, jnp.int32),
        globals=jnp.full((1, 1), 3.0),
        n_node=jnp.full(1, len(nodes)),
        n_edge=jnp.full(1, len(senders)),
    )


def network(gcn_3_layer):
    """The function, in a form whose parameters can be given."""

    def call(graph):
        out = gcn_3_layer(graph)
        assert isinstance(out, jraph.GraphsTuple), f"this is {kind_of(out)}, not a GraphsTuple"
        return out

    return module(lambda: call)


# 5 nodes: a path 0-1-2-3 in both directions, and 4 alone
path = graph_of(normal(1, 5, 4), [0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2])
arrows = graph_of(normal(2, 6, 3), [0, 0, 0, 4, 2, 3], [1, 2, 3, 3, 5, 1])


@test_case(name="three layers with weights and biases", points=0)
def parameters(gcn_3_layer):
    expect(network(gcn_3_layer).shapes(path))


@test_case(name="two logits for each node", points=0)
def values(gcn_3_layer):
    net = network(gcn_3_layer)
    expect(net(net.fill(path, seed=1), path).nodes, rtol=1e-3, atol=1e-4)


@test_case(name="arrows, and other features", points=0)
def one_way(gcn_3_layer):
    net = network(gcn_3_layer)
    expect(net(net.fill(arrows, seed=7), arrows).nodes, rtol=1e-3, atol=1e-4)


@test_case(name="everything else in the tuple stays", points=0)
def the_rest(gcn_3_layer):
    net = network(gcn_3_layer)
    expect(net(net.fill(path), path)._replace(nodes=None))


# --- hidden: nothing below this line is released ---

many = integers(3, 0, 8, 2, 14)
web = graph_of(normal(4, 8, 5), many[0], many[1])


@test_case(name="a web of arrows", points=1, hidden=True)
def other_values(gcn_3_layer):
    net = network(gcn_3_layer)
    expect(net.shapes(web))
    expect(net(net.fill(web, seed=6), web).nodes, rtol=1e-3, atol=1e-4)


@test_case(name="other numbers for the nodes, and none but self-edges", points=0.5, hidden=True)
def other_numbers(gcn_3_layer):
    net, perm = network(gcn_3_layer), np.array([2, 4, 6, 0, 1, 3, 5])
    nodes, back = normal(5, 7, 2), jnp.asarray(np.argsort(perm))
    ends = integers(6, 0, 7, 2, 9)
    graph = graph_of(nodes[perm], back[ends[0]], back[ends[1]])
    params = net.fill(graph, seed=3)
    expect(net(params, graph).nodes, rtol=1e-3, atol=1e-4)
    alone = graph_of(3 * normal(7, 4, 2), [], [])
    expect(net(params, alone).nodes, rtol=1e-3, atol=1e-4)


@test_case(name="large and small features, and all of the tuple", points=0.5, hidden=True)
def sizes(gcn_3_layer):
    net = network(gcn_3_layer)
    graph = path._replace(
        nodes=jnp.array([[30.0, -30, 5], [0, 0, 0], [1, 2, 3], [-9, 8, 7], [0.1, 0, 0]])
    )
    expect(net(net.fill(graph, seed=5), graph), rtol=1e-3, atol=1e-3)
