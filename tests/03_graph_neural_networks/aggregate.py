import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, integers, kind_of, normal, raises, run

OK_FORMAT = False
name = "aggregate"

three = jnp.array([[5.0], [-3.0], [1.0]])
into_2 = (jnp.array([0, 1]), jnp.array([2, 2]), 3)

# 5 nodes with 3 features; node 3 hears nobody, node 4 is heard by nobody
five = normal(1, 5, 3)
arrows = (jnp.array([0, 1, 3, 0, 2, 2, 1]), jnp.array([1, 0, 1, 2, 4, 4, 4]), 5)


def jitted(aggregate, *args):
    return run(jax.jit(aggregate, static_argnums=(3, 4)), *args)


@test_case(name="a sum, a mean and a maximum", points=0)
def worked(aggregate):
    result = {"sum": run(aggregate, three, *into_2)}
    assert hasattr(result["sum"], "shape"), f"this is {kind_of(result['sum'])}, not an array"
    expect(result | {how: run(aggregate, three, *into_2, how) for how in ("mean", "max")})


@test_case(name="sums over arrows, two of them the same", points=0)
def sums(aggregate):
    expect(run(aggregate, five, *arrows, "sum"))


@test_case(name="the mean of what arrives", points=0)
def means(aggregate):
    expect(run(aggregate, five, *arrows, reduce="mean"))


@test_case(name="the largest, of negative numbers too", points=0)
def largest(aggregate):
    expect(run(aggregate, five, *arrows, "max"))
    expect({"all negative": run(aggregate, -1 - jnp.abs(five), *arrows, "max")})
    extreme = jnp.array([[3.0, -2e30], [-3.0, -1e30], [4.0, 4.0]])
    expect({"sum 0, and far below 0": run(aggregate, extreme, *into_2, "max")})


@test_case(name="an edge to itself, and no edges at all", points=0)
def few_edges(aggregate):
    selfish = (jnp.array([1, 0, 2]), jnp.array([1, 1, 0]), 4)
    nobody = (jnp.zeros(0, jnp.int32), jnp.zeros(0, jnp.int32), 4)
    for how in ("sum", "mean", "max"):
        expect({how: [run(aggregate, normal(2, 4, 2), *edges, how) for edges in (selfish, nobody)]})


@test_case(name="other words are refused", points=0)
def refused(aggregate):
    words = ("sum", "average", "max", "min")
    expect({word: raises(ValueError, aggregate, three, *into_2, word) for word in words})


@test_case(name="under jit, and the gradient", points=0)
def jit_and_slope(aggregate):
    expect({how: jitted(aggregate, five, *arrows, how) for how in ("sum", "mean", "max")})

    def total(nodes, how):
        return jnp.sum(aggregate(nodes, *arrows, how) ** 2)

    expect({how: run(jax.grad(total), five, how) for how in ("sum", "mean", "max")}, rtol=1e-3)


# --- hidden: nothing below this line is released ---

many = integers(3, 0, 8, 2, 25)  # 8 nodes, 25 edges
few = integers(4, 0, 4, 2, 6)  # of 9 nodes: the last five hear nobody


@test_case(name="sums, and in another order of edges", points=0.5, hidden=True)
def other_sums(aggregate):
    nodes = normal(5, 8, 2)
    expect(jitted(aggregate, nodes, many[0], many[1], 8, "sum"))
    expect(jitted(aggregate, nodes, many[0][::-1], many[1][::-1], 8, "sum"))
    expect(run(aggregate, normal(6, 9, 4), few[0], few[1], 9))


@test_case(name="means, with nodes that hear nobody", points=0.75, hidden=True)
def other_means(aggregate):
    expect(run(aggregate, normal(7, 8, 5), many[0], many[1], 8, "mean"))
    expect(jitted(aggregate, normal(8, 9, 2), few[0], few[1], 9, "mean"))


@test_case(name="maxima, all below zero", points=0.75, hidden=True)
def other_maxima(aggregate):
    expect(run(aggregate, -2 - normal(9, 9, 4) ** 2, few[0], few[1], 9, "max"))
    expect(jitted(aggregate, normal(10, 8, 1), many[0], many[1], 8, "max"))
    extreme = jnp.array([[-3e30, 1.0], [2.0, 2.0], [-4e30, -1.0], [6.0, 0.0]])
    expect(run(aggregate, extreme, jnp.array([2, 0]), jnp.array([1, 1]), 4, "max"))


@test_case(name="a graph beside it changes nothing", points=0.25, hidden=True)
def padding(aggregate):
    nodes = normal(11, 6, 3)
    senders, receivers = np.array([0, 2, 2, 1, 5, 5, 4]), np.array([1, 0, 2, 1, 5, 4, 4])
    for how in ("max", "mean", "sum"):
        out = run(aggregate, nodes.at[3:].set(1e6), senders, receivers, 6, how)
        expect({how: [out, run(aggregate, nodes, senders, receivers, 6, how)]})


@test_case(name="gradients are finite", points=0.5, hidden=True)
def slopes(aggregate):
    def total(nodes, edges, num_nodes, how):
        return jnp.sum(jnp.sin(aggregate(nodes, edges[0], edges[1], num_nodes, how)))

    for how, edges, num_nodes in (("sum", many, 8), ("mean", few, 10), ("max", few, 7)):
        expect(run(jax.grad(total), normal(12, num_nodes, 3), edges, num_nodes, how), rtol=1e-3)


@test_case(name="which words are refused", points=0.25, hidden=True)
def other_words(aggregate):
    two = (jnp.array([[2.0], [7.0]]), jnp.array([0]), jnp.array([1]), 2)
    words = ("mean", "Sum", "maximum", "max", "", "sum", "add")
    expect([raises(ValueError, aggregate, *two, word) for word in words])
    expect([run(aggregate, *two, word) for word in ("sum", "mean", "max")])
