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
