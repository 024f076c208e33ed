import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, integers, kind_of, normal, run

OK_FORMAT = False
name = "dense_view"


def view(dense_view, senders, receivers, num_nodes):
    jitted = jax.jit(dense_view, static_argnums=2)
    return run(jitted, jnp.array(senders, jnp.int32), jnp.array(receivers, jnp.int32), num_nodes)


@test_case(name="two edges into node 2", points=0)
def worked(dense_view):
    result = run(dense_view, jnp.array([0, 1]), jnp.array([2, 2]), 3)
    assert isinstance(result, tuple), f"this is {kind_of(result)}; A and two degrees are expected"
    expect(result[0])


@test_case(name="the degrees of the same graph", points=0)
def degrees(dense_view):
    views = run(dense_view, jnp.array([0, 1]), jnp.array([2, 2]), 3)
    expect({"in": views[1], "out": views[2]})


@test_case(name="several edges between two nodes, and an edge to itself", points=0)
def several(dense_view):
    expect(run(dense_view, jnp.array([0, 3, 0, 3, 0, 2]), jnp.array([1, 2, 1, 0, 1, 2]), 4))


@test_case(name="the last nodes have no edge", points=0)
def lonely(dense_view):
    expect(run(dense_view, jnp.array([0, 2, 1]), jnp.array([1, 1, 0]), 5))


@test_case(name="no edges, and under jit", points=0)
def none_and_jit(dense_view):
    expect({"no edges": view(dense_view, [], [], 2)})
    expect({"jit": view(dense_view, [3, 0, 0], [1, 1, 3], 4)})


# --- hidden: nothing below this line is released ---

many = integers(1, 0, 6, 2, 20)  # six nodes, twenty edges, several of them more than once


@test_case(name="a product with A adds up what arrives", points=0.75, hidden=True)
def product(dense_view):
    senders, receivers = [4, 4, 1, 0, 0], [2, 1, 2, 4, 4]
    A, arrive, leave = run(dense_view, jnp.array(senders), jnp.array(receivers), 7)
    expect([A @ normal(2, 7, 3), arrive, leave])


@test_case(name="many edges at random", points=0.75, hidden=True)
def at_random(dense_view):
    expect(view(dense_view, many[0], many[1], 6))


@test_case(name="no edges, one self-edge, and nodes that nobody knows", points=0.5, hidden=True)
def few_edges(dense_view):
    expect([view(dense_view, [], [], 3), view(dense_view, [1], [1], 4)])
    expect(view(dense_view, np.arange(3), np.array([3, 3, 1]), 9))
