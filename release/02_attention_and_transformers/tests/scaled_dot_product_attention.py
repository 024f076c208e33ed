import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, kind_of, normal, run

OK_FORMAT = False
name = "scaled_dot_product_attention"

# batch 2, 3 queries and 5 keys of width 7, values of width 6
query, key, value = (np.asarray(normal(*x)) for x in ((1, 2, 3, 7), (2, 2, 5, 7), (3, 2, 5, 6)))
# what each query may read, and the same for each example: there query 1 of example 0 reads nothing
window = np.array([[0, 1, 0, 0, 1], [1, 1, 1, 0, 0], [0, 0, 1, 1, 1]], bool)
lonely = np.stack([window, window[::-1]])
lonely[0, 1] = False


def assert_rows_sum_to_one(weights):
    assert weights.shape == (2, 3, 5), (
        f"3 queries meet 5 keys in 2 examples and the weights have shape {weights.shape}"
    )
    total = np.asarray(weights).sum(axis=-1)
    assert np.allclose(total, 1, atol=1e-4), (
        f"the weights of the first query add up to {total[0, 0]:.4g}, not to 1"
    )


@test_case(name="one query looks at three keys", points=0)
def worked_number(scaled_dot_product_attention):
    query = np.array([[1.0, 0.0, 2.0, 1.0]], np.float32)
    key = np.array([[0, 1, 0, 0], [1, 0, 1, 1], [2, 1, 0, 0]], np.float32)
    value = np.array([[10.0, 0.0], [0.0, 20.0], [5.0, 5.0]], np.float32)
    result = run(scaled_dot_product_attention, query, key, value)
    assert isinstance(result, tuple | list) and len(result) == 2, (
        f"{kind_of(result)} came back, not the pair (output, weights)"
    )
    output, weights = result
    expect({"weights": weights, "output": output})


@test_case(name="each query of a batch blends the values of its own example", points=0)
def batch(scaled_dot_product_attention):
    output, weights = run(scaled_dot_product_attention, query, key, value)
    assert_rows_sum_to_one(weights)
    expect({"weights": weights, "output": output})


@test_case(name="only keys where the mask is true are read", points=0)
def masked(scaled_dot_product_attention):
    output, weights = run(scaled_dot_product_attention, query, key, value, window)
    assert_rows_sum_to_one(weights)
    stolen = np.asarray(weights)[:, ~window].max()
    assert not stolen > 1e-6, f"a key that must not be read gets the weight {stolen:.3g}"
    expect({"weights": weights, "output": output})


@test_case(name="a query that may read nothing gives zeros", points=0)
def nothing_to_read(scaled_dot_product_attention):
    output, weights = run(scaled_dot_product_attention, query, key, value, lonely)
    unclear = np.isnan(np.asarray(weights)).sum()
    assert not unclear, f"{unclear} of {weights.size} weights are nan, where nothing may be read"
    expect({"weights": weights, "output": output})


@test_case(name="a mask may hold numbers, and have one row for all queries", points=0)
def numbers(scaled_dot_product_attention):
    padding = np.array([[[3, 0, 1, 1, 0]], [[0, 1, 5, 0, 0]]], np.int32)
    expect(run(scaled_dot_product_attention, query, key, value, padding))
    expect(run(scaled_dot_product_attention, query, key, value, padding[0] * np.float32(0.5)))


@test_case(name="scores of ten thousands: a hidden one may be the largest by far", points=0)
def thousands(scaled_dot_product_attention):
    expect(run(scaled_dot_product_attention, 150 * query, 150 * key, value))
    expect(run(scaled_dot_product_attention, 150 * query, 150 * key, value, lonely))


@test_case(name="gradients stay finite, where nothing may be read too", points=0)
def finite_gradients(scaled_dot_product_attention):
    def size(query, key, value):
        return (scaled_dot_product_attention(query, key, value, lonely)[0] ** 3).sum()

    expect(run(jax.grad(size, argnums=(0, 1, 2)), query, key, value))


@test_case(name="any number of axes in front, none too, also under jit", points=0)
def more_axes(scaled_dot_product_attention):
    query, key, value = normal(8, 3, 2, 3, 6), normal(9, 3, 2, 5, 6), normal(10, 3, 2, 5, 4)
    attend = jax.jit(scaled_dot_product_attention)
    expect(attend(query, key, value, window))
    expect(attend(query[0, 0], key[0, 0], value[0, 0], window))
