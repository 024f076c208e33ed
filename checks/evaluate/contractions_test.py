"""Rules of sums of products and of sliding windows, and their gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from checks.evaluate.held import covers, each, hold, some

# of numbers around 0: errors are relative to the size of what is summed
SUMS = {"ulps": 64, "scale": 30, "signed": False}
KINDS = ["float32", "float16", "bfloat16", "int32", "int8", "uint16"]


@covers("dot_general")
@each(KINDS)
def test_dot(kind):
    x, y = some(kind, (2, 3, 4, 5)), some(kind, (5, 3, 2, 4), 1)

    def f(x, y):
        for dims in (
            (((3,), (0,)), ((), ())),
            (((3,), (0,)), ((0,), (2,))),
            (((3, 1), (0, 1)), ((0,), (2,))),
            (((2, 3), (3, 0)), ((0, 1), (2, 1))),
            (((), ()), ((1, 0), (1, 2))),
            (((0, 1, 2, 3), (2, 1, 3, 0)), ((), ())),
        ):
            yield lax.dot_general(x, y, dims)
        yield x[0, 0] @ y[:, 0, 0]
        yield x[0, 0, 0] @ y[:, 0, 0, 0]
        yield x[..., :0] @ x[..., :0].swapaxes(2, 3)
        yield x[:0] @ x[:0].swapaxes(2, 3)
        yield jnp.einsum("abcd,dbac->ab", x, y)
        yield jax.vmap(jnp.dot, (0, None))(x[0, 0], y[:, 0, 0])
        wide = jnp.float32 if jnp.issubdtype(x.dtype, jnp.floating) else jnp.int32
        yield jnp.matmul(x[0, 0], y[:, 0, 0], preferred_element_type=wide)
        yield lax.dot_general(x, y, (((3,), (0,)), ((), ())), preferred_element_type=wide)

    hold(lambda *xs: list(f(*xs)), x, y, **SUMS)


def test_dot_of_nan_and_booleans():
    x = np.array([[1, np.nan, 0], [np.inf, 0, 1]], np.float32)
    y = np.array([[0, 1], [2, 3], [np.inf, -1]], np.float32)
    hold(jnp.matmul, x, y)
    hold(lambda x, y: jnp.dot(x, y), x > 0, y > 0, may_refuse=True)


def test_gradients_of_dot():
    x, y = some("float32", (2, 3, 4)), some("float32", (2, 4, 3), 1)

    def f(x, y):
        return jnp.tanh(jnp.einsum("bij,bjk->bik", x, y)).sum()

    hold(jax.grad(f, (0, 1)), x, y, **SUMS)
    hold(jax.vmap(jax.grad(f), (None, 0)), x, np.stack([y, 2 * y]), **SUMS)


CONVOLUTIONS = [
    {"window_strides": (1,), "padding": "SAME"},
    {"window_strides": (2,), "padding": "VALID", "rhs_dilation": (2,)},
    {"window_strides": (2, 1), "padding": "SAME"},
    {"window_strides": (1, 2), "padding": [(-1, 2), (3, -2)], "lhs_dilation": (2, 3)},
    {"window_strides": (1, 1), "padding": "VALID", "rhs_dilation": (1, 2)},
    {"window_strides": (1, 1), "padding": "SAME", "feature_group_count": 2},
    {"window_strides": (2, 2), "padding": "SAME", "feature_group_count": 4},
    {"window_strides": (1, 1), "padding": "VALID", "batch_group_count": 2},
    {"window_strides": (1, 2, 1), "padding": "SAME"},
]


def convolution(params, kind):
    axes, groups = len(params["window_strides"]), params.get("feature_group_count", 1)
    x = some(kind, (2, 4, *(7, 6, 5)[:axes]))
    kernel = some(kind, (4, 4 // groups, *(3, 2, 2)[:axes]), 1)
    return lambda x, kernel: lax.conv_general_dilated(x, kernel, **params), x, kernel


@covers("conv_general_dilated")
@pytest.mark.parametrize("params", CONVOLUTIONS, ids=range(len(CONVOLUTIONS)))
def test_convolution(params):
    f, x, kernel = convolution(params, "float32")

    def gradients(x, kernel):
        value, back = jax.vjp(f, x, kernel)
        return value, *back(value)

    hold(gradients, x, kernel, ulps=256, scale=100, signed=False)


@each(["float16", "bfloat16", "int32"])
def test_convolution_of_other_kinds(kind):
    hold(*convolution(CONVOLUTIONS[2], kind), may_refuse=True, **SUMS)
    f, x, kernel = convolution(CONVOLUTIONS[2], kind)
    layout = ("NHWC", "HWIO", "NHWC")
    f = lambda x, k: lax.conv_general_dilated(x, k, (1, 1), "SAME", dimension_numbers=layout)  # noqa: E731
    hold(f, x.transpose(0, 2, 3, 1), kernel.transpose(2, 3, 1, 0), may_refuse=True, **SUMS)


def test_convolutions_over_a_batch_and_of_nothing():
    f, x, kernel = convolution(CONVOLUTIONS[2], "float32")
    hold(jax.vmap(f), np.stack([x, 2 * x]), np.stack([kernel, -kernel]), **SUMS)
    hold(f, x[:0], kernel, may_refuse=True)
    hold(f, x[:, :, :0], kernel, may_refuse=True)
    hold(lambda x, k: jnp.convolve(x, k, "full"), x[0, 0, 0], kernel[0, 0, 0], **SUMS)


WINDOWS = [
    {"window_dimensions": (2, 3), "window_strides": (1, 2), "padding": "VALID"},
    {"window_dimensions": (3, 2), "window_strides": (2, 2), "padding": "SAME"},
    {
        "window_dimensions": (2, 2),
        "window_strides": (1, 1),
        "padding": [(1, 0), (2, 1)],
        "base_dilation": (1, 2),
        "window_dilation": (2, 1),
    },
    {"window_dimensions": (2, 2), "window_strides": (1, 1), "padding": [(-1, 0), (2, -1)]},
]


@covers("reduce_window_sum", "reduce_window_max", "reduce_window_min")
@each(["float32", "int8", "bfloat16"])
def test_windows(kind):
    x = some(kind, (7, 6))
    least, most = (
        (-np.inf, np.inf) if kind != "int8" else (jnp.iinfo(kind).min, jnp.iinfo(kind).max)
    )
    starts = [np.asarray(n, kind) for n in (0, least, most)]

    def f(x):
        for params in WINDOWS:
            for start, step in zip(starts, (lax.add, lax.max, lax.min)):
                yield lax.reduce_window(x, start, step, **params)

    hold(lambda x: list(f(x)), x, may_refuse=kind == "bfloat16", **SUMS)


def pooled(x, step=lax.max, start=-np.inf, **params):
    return lax.reduce_window(x, np.asarray(start, x.dtype), step, **params)


@covers("select_and_scatter_add", "reduce_window_max")
def test_gradients_of_pooling():
    x = some("float32", (7, 6))
    tied = np.round(x)
    low = np.where(x < 0, np.float32(-np.inf), x)
    bad = np.where(x < -2, np.float32(np.nan), x)
    for params in WINDOWS[:2]:

        def largest(x, params=params):
            return (pooled(x, **params) * 2).sum() + pooled(x, lax.min, np.inf, **params).sum()

        def mean(x, params=params):
            return (pooled(x, lax.add, 0.0, **params) ** 2).sum()

        hold(lambda x: (jax.grad(largest)(x), jax.grad(mean)(x)), x, **SUMS)
        hold(jax.grad(largest), tied, **SUMS)
        for odd in (low, bad):
            hold(jax.grad(largest), odd, may_refuse=True, **SUMS)
        hold(lambda x: jax.jvp(largest, (x,), (x,)), x, **SUMS)
    hold(jax.vmap(jax.grad(largest)), np.stack([x, -x]), **SUMS)


@pytest.mark.parametrize("params", WINDOWS[:2])
def test_gradients_of_windows_that_start_low(params):
    # all of a window's numbers are the least there is, and so is the padding
    x = np.full((7, 6), -np.inf, np.float32)
    hold(jax.grad(lambda x: pooled(x, **params).sum()), x, may_refuse=True)


def test_attention_layer_norm_and_dense():
    q, k, v = (some("float32", (2, 5, 8), seed) for seed in range(3))

    def f(q, k, v):
        weights = jax.nn.softmax(jnp.einsum("btd,bsd->bts", q, k) / np.float32(8**0.5))
        x = jnp.einsum("bts,bsd->btd", weights, v)
        x = (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return jax.nn.gelu(x).sum()

    hold(jax.value_and_grad(f, (0, 1, 2)), q, k, v, ulps=256, scale=30, signed=False)
