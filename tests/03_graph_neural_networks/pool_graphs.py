from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, raises, run

OK_FORMAT = False
name = "pool_graphs"


def all_three(pool_graphs, nodes, n_node):
    """What each of the three words gives, compiled."""
    words = ("sum", "mean", "max")
    return {word: run(jax.jit(partial(pool_graphs, reduce=word)), nodes, n_node) for word in words}


def slopes(pool_graphs, nodes, n_node):
    """The gradient of a sum by the nodes, for each of the three words."""

    def total(nodes, word):
        return jnp.sum(jnp.sin(pool_graphs(nodes, n_node, word)))

    by_nodes = jax.grad(total)
    return {word: run(by_nodes, nodes, word) for word in ("sum", "mean", "max")}


@test_case(name="the means of (1), (3), (5), with an empty graph between", points=0)
def three_nodes(pool_graphs):
    means = pool_graphs(jnp.array([[1.0], [3.0], [5.0]]), jnp.array([1, 0, 2]))
    assert np.shape(means) == (3, 1), (
        f"three graphs and one feature should give (3, 1), yours is {np.shape(means)}"
    )
    expect(means)


@test_case(name="the sum and the largest of the same nodes", points=0)
def other_words(pool_graphs):
    nodes, n_node = jnp.array([[1.0], [3.0], [5.0]]), jnp.array([1, 0, 2])
    expect({"sum": pool_graphs(nodes, n_node, "sum"), "max": pool_graphs(nodes, n_node, "max")})
    expect({"mean": pool_graphs(nodes, n_node, reduce="mean")})


@test_case(name="graphs of 4, 1, 0 and 2 nodes, under jit", points=0)
def four_graphs(pool_graphs):
    expect(all_three(pool_graphs, normal(1, 7, 3), jnp.array([4, 1, 0, 2])))


@test_case(name="negative features, an empty graph first and last", points=0)
def negative(pool_graphs):
    nodes = -1 - jnp.abs(normal(2, 5, 2))
    expect(all_three(pool_graphs, nodes, jnp.array([0, 3, 2, 0])))


@test_case(name="gradients, with an empty graph", points=0)
def gradients(pool_graphs):
    expect(slopes(pool_graphs, normal(3, 4, 2), jnp.array([3, 0, 1])))


@test_case(name="which words are known", points=0)
def words(pool_graphs):
    nodes, n_node = normal(4, 3, 2), jnp.array([1, 2])
    known = ("sum", "mean", "max", "min", "Sum", "")
    expect({word: raises(ValueError, pool_graphs, nodes, n_node, word) for word in known})


# --- hidden: nothing below this line is released ---


@test_case(name="graphs of other sizes", points=1, hidden=True)
def sizes(pool_graphs):
    expect(all_three(pool_graphs, normal(11, 11, 4), jnp.array([2, 5, 1, 3])))
    expect(all_three(pool_graphs, 3 * normal(12, 6, 1), jnp.array([6])))
    expect(run(pool_graphs, normal(13, 5, 2), jnp.array([1, 4])))


@test_case(name="empty graphs, negative features", points=0.75, hidden=True)
def empty(pool_graphs):
    nodes = -2 + jnp.tanh(normal(14, 8, 3))
    expect(all_three(pool_graphs, nodes, jnp.array([3, 0, 0, 4, 1, 0])))
    expect(all_three(pool_graphs, nodes[:4, :2], jnp.array([0, 4, 0])))


@test_case(name="the order within a graph doesn't matter", points=0.25, hidden=True)
def order(pool_graphs):
    nodes, n_node = normal(15, 9, 2), jnp.array([5, 4])
    expect(all_three(pool_graphs, nodes[jnp.array([3, 0, 4, 1, 2, 8, 5, 7, 6])], n_node))


@test_case(name="gradients of other graphs", points=0.5, hidden=True)
def derivatives(pool_graphs):
    expect(slopes(pool_graphs, normal(16, 6, 3), jnp.array([2, 0, 4])))
    expect(slopes(pool_graphs, -5 - normal(17, 5, 1), jnp.array([0, 1, 4, 0])))


@test_case(name="words and plain calls", points=0.5, hidden=True)
def refused(pool_graphs):
    nodes, n_node = normal(18, 6, 2), jnp.array([1, 3, 2])
    expect([raises(ValueError, pool_graphs, nodes, n_node, word) for word in ("max", "median", "SUM", "mean", "sum")])  # fmt: skip
    expect([pool_graphs(nodes, n_node), pool_graphs(nodes[:4], jnp.array([2, 2]), reduce="max")])
