"""Rules with 64-bit numbers, which a notebook may have turned on."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from checks.evaluate.held import hold, odd, some

CLOSE = {"ulps": 1e-6, "scale": 10, "signed": False}  # of float32


@pytest.mark.slow
def test_wide_numbers():
    x, n = some("float64", (4, 5)), some("int64", (4, 5))

    def f(x, n):
        yield x + n, x @ x.T, n @ n.T, jnp.exp(x), jax.nn.softmax(x), x.std(0), jnp.cumsum(n, 1)
        yield jnp.sort(x), jnp.argmax(x, 1), jnp.argsort(n), x.astype("int64"), n.astype("float32")
        yield n // 3, n % -4, n << 40, n >> 2, jnp.bitwise_count(n), x[n[0]], x.at[n[0]].add(1.0)
        yield (
            jax.grad(lambda x: jnp.tanh(x @ x.T).sum())(x),
            jnp.arange(3),
            jnp.linspace(0.0, 1.0, 3),
        )
        yield jnp.searchsorted(x[0].sort(), x[1]), lax.top_k(x, 2), x.astype("bfloat16")
        yield (
            lax.convert_element_type(x * 1e12, "int32"),
            lax.convert_element_type(x * 1e19, "int64"),
        )

    with jax.enable_x64(True), jax.numpy_dtype_promotion("standard"):
        hold(lambda *xs: list(f(*xs)), x, n, **CLOSE)
        hold(
            lambda x: [lax.convert_element_type(x, k) for k in ("uint64", "int8", "float16")],
            odd("int64"),
        )


@pytest.mark.slow
def test_wide_random_numbers():
    def f(key, seed):
        yield jax.random.bits(key, (5,), "uint64"), jax.random.uniform(key, (5,), "float64")
        yield jax.random.randint(key, (5,), 0, 2**40, "int64"), jax.random.key(seed)
        yield jax.random.normal(key, (5,), "float64"), jax.random.permutation(key, 7)

    with jax.enable_x64(True):
        hold(lambda *xs: list(f(*xs)), jax.random.key(3), np.int64(2**40 + 5), **CLOSE)
        hold(lambda *xs: list(f(*xs)), jax.random.key(3), np.int64(-5), **CLOSE)
