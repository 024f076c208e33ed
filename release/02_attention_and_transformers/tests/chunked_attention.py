from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "chunked_attention"

# batch 2, 3 queries and up to 37 keys of width 5, values of width 6
q, k, v = (
    np.asarray(normal(n, *shape)) for n, shape in ((1, (2, 3, 5)), (2, (2, 37, 5)), (3, (2, 37, 6)))
)


def both(result):
    assert isinstance(result, tuple | list) and len(result) == 2, "(out, logsumexp) is wanted"
    return {"logsumexp": result[1], "out": result[0]}


@test_case(name="ten keys in a single chunk", points=0)
def single_chunk(chunked_attention):
    expect(both(run(chunked_attention, q, k[:, :10], v[:, :10])))


@test_case(name="32 keys in two chunks, larger scores later", points=0)
def two_chunks(chunked_attention):
    rising = k[:, :32] * np.linspace(0.2, 5, 32, dtype=np.float32)[:, None]
    expect(both(run(chunked_attention, q, rising, v[:, :32])))


@test_case(name="a mask, and a query that may read nothing", points=0)
def with_a_mask(chunked_attention):
    mask = np.arange(32) % 5 < np.array([[1], [3], [0]])
    expect(both(run(chunked_attention, q, k[:, :32], v[:, :32], mask)))


@test_case(name="11 keys in chunks of 4, of 3 and of 20", points=0)
def other_chunks(chunked_attention):
    for chunk in (4, 3, 20):
        expect(both(run(chunked_attention, q, k[:, :11], v[:, :11], chunk=chunk)))


@test_case(name="masks of other shapes and of numbers, whole chunks hidden", points=0)
def other_masks(chunked_attention):
    padding = (np.arange(9) < np.array([[7], [4]]))[:, None].astype(np.int32)
    late = (np.arange(9) >= np.array([[8], [0], [4]])).astype(np.float32)
    for mask in (padding, late, padding * late):
        expect(both(run(chunked_attention, q, k[:, :9], v[:, :9], mask, chunk=4)))


@test_case(name="scores of thousands, falling and rising, with a mask and gradients", points=0)
def thousands(chunked_attention):
    seen = np.arange(9) % 4 < np.array([[2], [0], [3]])

    def total(q, k, v):
        out, logsumexp = chunked_attention(q, k, v, seen, chunk=3)
        return jnp.sum(out**2) + jnp.sum(jnp.where(jnp.isfinite(logsumexp), logsumexp, 0))

    expect(both(run(chunked_attention, 3000 * q, k[:, :9], v[:, :9], chunk=3)), rtol=1e-3)
    expect(run(jax.grad(total, argnums=(0, 1, 2)), q, k[:, :9], v[:, :9]), rtol=1e-3, atol=1e-4)


def jaxprs(value):
    """The jaxprs among an equation's parameters."""
    values = value if isinstance(value, tuple | list) else [value]
    return [getattr(v, "jaxpr", v) for v in values if hasattr(getattr(v, "jaxpr", v), "eqns")]


def made(jaxpr, *names):
    """The shapes of all arrays that a program makes on the way, or its steps of some names."""
    for equation in jaxpr.eqns:
        if not names or equation.primitive.name in names:
            yield from (var.aval.shape for var in equation.outvars)
        for inner in (j for param in equation.params.values() for j in jaxprs(param)):
            yield from made(inner, *names)


def program(chunked_attention, queries, keys, chunk):
    """What is done without a mask."""
    q, k = jnp.ones((1, queries, 4)), jnp.ones((1, keys, 4))
    return jax.make_jaxpr(partial(chunked_attention, chunk=chunk))(q, k, k).jaxpr


def small(chunked_attention, queries, keys, chunk):
    """Whether no array is as large as queries times keys, nor all keys of a query weighed at once."""
    whole = program(chunked_attention, queries, keys, chunk)
    largest = max((np.prod(shape) for shape in made(whole)), default=0)
    longest = max((n for shape in made(whole, "exp", "exp2") for n in shape), default=0)
    return bool(largest < queries * keys and longest < keys)


@test_case(name="keys are visited a chunk at a time", points=0)
def chunk_by_chunk(chunked_attention):
    expect([small(chunked_attention, 30, 48, chunk) for chunk in (6, 48)])
