"""Subnormal numbers count as zero, as in compiled programs, inside the evaluator only."""

import ctypes

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from workbook.evaluate import Unsuitable, evaluate
from workbook.evaluate.floats import can_flush, flushed

from checks.evaluate.held import hold

TINY = np.float32(1e-38)
pytestmark = pytest.mark.skipif(
    not can_flush(), reason="this machine's floats can't be told to flush"
)


def flushes():
    """Whether this thread's floats flush now, asked of NumPy."""
    return not (np.full(1, TINY) * np.float32(1e-3)).any()


def test_results_too_small_are_zero_as_in_xla():
    x = np.array([1e-38, 3e-39, 1e-45, -2e-39, 1.2e-38, -1e-40, 88.0, 100.0, -100.0], np.float32)

    def f(x):
        yield jnp.exp(-jnp.abs(x) * 1), jnp.exp(x), x * 0.5, x + x, x * 1e20, x / 3, x - TINY
        yield x > 0, x == 0, jnp.sign(x), jnp.sqrt(x), softmax(x), x.sum(), jnp.max(x), x @ x
        yield 1 / x, jnp.log(x), x**2, jnp.where(x > 0, 1.0, 0.0), x.astype("bool"), jnp.tanh(x)
        yield jnp.argmax(x[:6]), jnp.cumsum(x), jnp.sinh(x[:6]), jnp.expm1(x), jnp.log1p(x[:6])

    hold(lambda x: list(f(x)), x, signed=False)


def softmax(x):
    x = x - lax.stop_gradient(x.max())
    return jnp.exp(x) / jnp.exp(x).sum()


def test_the_mode_is_on_inside_and_off_after():
    before = flushes()
    with flushed():
        assert flushes()
        with flushed():
            assert flushes()
        assert flushes()
    assert flushes() == before


def test_the_mode_is_off_after_an_exception():
    before = flushes()

    def fail():
        with flushed():
            assert flushes()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert flushes() == before


def test_the_mode_and_numpys_errors_are_as_before_when_a_program_is_refused():
    before, errors = flushes(), np.geterr()
    endless = jax.jit(lambda x: lax.while_loop(lambda n: n >= 0, lambda n: n * 1, x))
    with pytest.raises(Unsuitable):
        evaluate(endless.trace(np.int32(1)).jaxpr, [np.int32(1)])
    assert (flushes(), np.geterr()) == (before, errors)


def test_rounding_is_as_before():
    library = ctypes.CDLL(None)
    before = library.fegetround()
    evaluate(jax.jit(lambda x: x + 1).trace(TINY).jaxpr, [TINY])
    assert library.fegetround() == before
