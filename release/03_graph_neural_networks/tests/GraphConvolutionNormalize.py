import jax
import jax.numpy as jnp
import jraph
import numpy as np
from otter.test_files import test_case
from workbook import expect, integers, kind_of, normal, run

OK_FORMAT = False
name = "GraphConvolutionNormalize"

KINDS = ("symmetric", "mean", None)


def graph_of(nodes, senders, receivers):
    return jraph.GraphsTuple(
        nodes=nodes,
        edges=normal(len(senders), len(senders), 1),
        senders=jnp.asarray(senders, jnp.int32),
        receivers=jnp.asarray(receivers, jnp.int32),
        globals=jnp.full((1, 2), 7.0),
        n_node=jnp.full(1, len(nodes)),
        n_edge=jnp.full(1, len(senders)),
    )


def linear(seed, features_in, features_out):
    """A layer with fixed weights and a fixed bias."""
    W, b = normal(seed, features_in, features_out), 1 + normal(seed + 1, features_out)
    return lambda x: x @ W + b


def same(x):
    return x


def largest(messages, receivers, num_nodes):
    """The largest message of each node, twice; only for nodes that hear somebody."""
    return 2 * jax.ops.segment_max(messages, receivers, num_nodes)


def applied(GraphConvolutionNormalize, graph, *args, **options):
    def apply(graph):
        layer = GraphConvolutionNormalize(*args, **options)
        assert callable(layer), f"this is {kind_of(layer)}; a function of a graph is expected"
        return layer(graph)

    return run(jax.jit(apply), graph)


def values(*args, **options):
    return applied(*args, **options).nodes


pair = graph_of(jnp.array([[4.0], [6.0]]), [0, 1], [1, 0])
# 5 nodes: arrows of different degrees, 3 hears nobody, 4 has no edge
arrows = graph_of(normal(1, 5, 3), [0, 1, 3, 0, 2, 1], [1, 0, 1, 2, 1, 2])
loops = graph_of(normal(2, 4, 2), [0, 1, 1, 1, 2, 2], [0, 1, 2, 2, 1, 0])


@test_case(name="two nodes exchange their numbers, or meet in the middle", points=0)
def worked(GraphConvolutionNormalize):
    expect(values(GraphConvolutionNormalize, pair, same))
    expect({"self-edges": values(GraphConvolutionNormalize, pair, same, add_self_edges=True)})


@test_case(name="no normalisation: sums of updated nodes", points=0)
def no_weights(GraphConvolutionNormalize):
    update = linear(3, 3, 4)
    expect(values(GraphConvolutionNormalize, arrows, update, normalization=None))


@test_case(name="the mean", points=0)
def mean(GraphConvolutionNormalize):
    update = linear(5, 3, 2)
    options = {"add_self_edges": False, "normalization": "mean"}
    expect(values(GraphConvolutionNormalize, arrows, update, **options))


@test_case(name="symmetric, on one-way edges", points=0)
def one_way(GraphConvolutionNormalize):
    expect(values(GraphConvolutionNormalize, arrows, linear(7, 3, 4)))


@test_case(name="self-edges count in the degrees", points=0)
def with_selves(GraphConvolutionNormalize):
    update = linear(9, 3, 2)
    for kind in KINDS:
        out = values(
            GraphConvolutionNormalize, arrows, update, add_self_edges=True, normalization=kind
        )
        expect({str(kind): out})


@test_case(name="another way to collect", points=0)
def another_aggregator(GraphConvolutionNormalize):
    out = values(GraphConvolutionNormalize, arrows, same, largest, add_self_edges=True)
    expect(out)


@test_case(name="self-edges beside those that are there", points=0)
def more_selves(GraphConvolutionNormalize):
    expect(values(GraphConvolutionNormalize, loops, linear(11, 2, 3), add_self_edges=True))


@test_case(name="nothing but the nodes changes", points=0)
def the_rest(GraphConvolutionNormalize):
    out = applied(GraphConvolutionNormalize, arrows, linear(13, 3, 2), add_self_edges=True)
    expect(out._replace(nodes=None))
