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
