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
