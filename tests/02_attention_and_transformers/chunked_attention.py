import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "chunked_attention"

# batch 2, 3 queries and up to 37 keys of width 4, values of width 6
q, k, v = (
    np.asarray(normal(n, *shape)) for n, shape in ((1, (2, 3, 4)), (2, (2, 37, 4)), (3, (2, 37, 6)))
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


# --- hidden: nothing below this line is released ---

from functools import partial


@test_case(name="37 keys in chunks of 16", points=1.5, hidden=True)
def uneven_chunks(chunked_attention):
    expect(both(run(chunked_attention, q, k, v)))


@test_case(name="key by key", points=0.75, hidden=True)
def key_by_key(chunked_attention):
    expect(both(run(chunked_attention, q, k[:, :10], v[:, :10], chunk=1)))


@test_case(name="a mask that hides whole chunks, the first among them", points=1.5, hidden=True)
def hidden_chunks(chunked_attention):
    hidden = np.array([[[20], [0], [37]], [[33], [16], [35]]])
    expect(both(run(chunked_attention, q, k, v, np.arange(37) >= hidden)))


@test_case(name="padding: one row of a mask for all queries", points=0.25, hidden=True)
def padded_keys(chunked_attention):
    words = (np.arange(37) < np.array([[30], [5]]))[:, None]
    expect(both(run(chunked_attention, q, k, v, words)))


@test_case(name="scores of a million", points=1.25, hidden=True)
def million(chunked_attention):
    expect(both(run(chunked_attention, 1e6 * q, k, v)), rtol=1e-3)


@test_case(name="gradients are those of the dense way", points=1.5, hidden=True)
def dense_gradients(chunked_attention):
    mask = np.arange(37) >= np.array([[[20], [0], [37]], [[33], [16], [35]]])
    weights = np.asarray(normal(4, 2, 3, 6))

    def total(q, k, v):
        out, logsumexp = chunked_attention(q, k, v, mask)
        return jnp.sum(out * weights) + jnp.sum(jnp.where(mask.any(axis=-1), logsumexp, 0))

    expect(run(jax.grad(total, argnums=(0, 1, 2)), q, k, v), rtol=1e-3, atol=1e-4)


def jaxprs(value):
    """The jaxprs among an equation's parameters."""
    values = value if isinstance(value, tuple | list) else [value]
    return [getattr(v, "jaxpr", v) for v in values if hasattr(getattr(v, "jaxpr", v), "eqns")]


def largest(jaxpr):
    """The size of the largest array that a program makes on the way."""
    made = [np.prod(var.aval.shape) for equation in jaxpr.eqns for var in equation.outvars]
    inner = [j for eqn in jaxpr.eqns for param in eqn.params.values() for j in jaxprs(param)]
    return max([*made, *map(largest, inner), 0])


@test_case(name="no array as large as queries times keys", points=1.25, hidden=True)
def largest_array(chunked_attention):
    wide, keys = jnp.ones((1, 40, 4)), jnp.ones((1, 64, 4))
    small = []
    for chunk in (8, 64):  # a chunk of all keys can't be small: no answer by rote
        program = jax.make_jaxpr(partial(chunked_attention, chunk=chunk))(wide, keys, keys)
        small.append(bool(largest(program.jaxpr) < 40 * 64))
    expect(small)
    expect(both(run(chunked_attention, q, k[:, :10], v[:, :10])))
