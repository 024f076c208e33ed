"""Rules with many parameters, at random ones."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jax import lax

from checks.evaluate.held import hold, some

pytestmark = pytest.mark.slow
a_few = settings(max_examples=25, derandomize=True)
sides = st.integers(0, 5)
SUMS = {"ulps": 256, "scale": 100, "signed": False}


def of_axes(rank, *each):
    """One tuple of what strategies give for each axis."""
    return st.tuples(*[st.lists(x, min_size=rank, max_size=rank).map(tuple) for x in each])


def traceable(f, *args):
    """Whether JAX takes these parameters at all."""
    try:
        jax.eval_shape(f, *args)
    except (TypeError, ValueError, IndexError):
        return False
    return True


@a_few
@given(
    st.integers(0, 3).flatmap(
        lambda r: of_axes(r, sides, st.integers(-4, 4), st.integers(-4, 4), st.integers(0, 2))
    )
)
def test_pad(axes):
    shape, low, high, interior = axes
    f = lambda x: lax.pad(x, np.float32(7), list(zip(low, high, interior)))  # noqa: E731
    assume(traceable(f, some("float32", shape)))
    hold(f, some("float32", shape))


windows = st.integers(1, 3).flatmap(
    lambda r: of_axes(
        r, st.integers(1, 7), *[st.integers(1, 3)] * 4, st.integers(-1, 2), st.integers(-1, 2)
    )
)


@a_few
@given(windows, st.sampled_from([(lax.add, 0), (lax.max, -np.inf), (lax.min, np.inf)]))
def test_reduce_window(axes, how):
    shape, sizes, strides, base, window, low, high = axes
    step, start = how
    pads = [(abs(lo), abs(hi)) for lo, hi in zip(low, high)]  # XLA dies of some below zero
    f = lambda x: lax.reduce_window(x, np.float32(start), step, sizes, strides, pads, base, window)  # noqa: E731
    assume(traceable(f, some("float32", shape)))
    hold(f, some("float32", shape), may_refuse=True, **SUMS)


@a_few
@given(windows, st.sampled_from([(2, 2, 1, 1), (4, 2, 2, 1), (2, 4, 1, 2), (3, 3, 3, 1)]))
def test_convolution_and_its_gradients(axes, sizes):
    shape, window, strides, left, right, low, high = axes
    features, out, groups, batches = sizes
    x = some("float32", (2 * batches, features, *shape))
    kernel = some("float32", (out, features // groups, *window), 1)

    def f(x, kernel):
        return lax.conv_general_dilated(
            x, kernel, strides, list(zip(low, high)), left, right,
            feature_group_count=groups, batch_group_count=batches,
        )  # fmt: skip

    def both(x, kernel):
        value, back = jax.vjp(f, x, kernel)
        return value, back(jnp.ones_like(value))

    assume(traceable(both, x, kernel))
    hold(both, x, kernel, may_refuse=0 in jax.eval_shape(f, x, kernel).shape, **SUMS)


@a_few
@given(st.data())
def test_dot_general(data):
    sizes = data.draw(st.lists(st.integers(0, 3), min_size=5, max_size=5))
    left, right = (
        data.draw(st.lists(st.sampled_from("abcde"), unique=True, max_size=4)) for _ in "xy"
    )
    shared = [a for a in left if a in right]
    batch = [a for a in shared if data.draw(st.booleans())]
    summed = [a for a in shared if a not in batch]
    x, y = (some("float32", [sizes["abcde".index(a)] for a in axes]) for axes in (left, right))
    dims = [[[axes.index(a) for a in some_] for axes in (left, right)] for some_ in (summed, batch)]
    hold(lambda x, y: lax.dot_general(x, y, dims), x, y, **SUMS)


places = st.one_of(
    st.integers(-3, 2),
    st.just(None),
    st.just(...),
    st.builds(slice, st.integers(-5, 5), st.integers(-5, 5), st.sampled_from([1, 2, -1, -2, None])),
    st.lists(st.integers(-6, 6), min_size=0, max_size=3).map(lambda n: np.array(n, np.int32)),
    st.lists(st.integers(-6, 6), min_size=2, max_size=2).map(lambda n: np.array([n], np.int32)),
)


@settings(max_examples=60, derandomize=True)
@given(
    st.lists(places, max_size=4).map(tuple),
    st.sampled_from(["clip", "fill", None]),
    st.sampled_from(["set", "add", "max"]),
)
def test_indexing(where, mode, write):
    x = some("int32", (3, 4, 2))
    numbers = [n for n in where if isinstance(n, np.ndarray)]

    def f(x, numbers):
        given_numbers = iter(numbers)
        at = tuple(next(given_numbers) if isinstance(n, np.ndarray) else n for n in where)
        read = x.at[at].get(mode=mode)
        return read, getattr(x.at[at], write)(5, mode="drop" if mode == "fill" else mode)

    assume(traceable(f, x, numbers))
    hold(f, x, numbers, may_refuse=True)
    hold(
        jax.vmap(f, (2, None)), x[..., None].repeat(2, -1).swapaxes(2, 3), numbers, may_refuse=True
    )
    if numbers:
        pair = [np.stack([n, n[::-1]]) for n in numbers]
        hold(jax.vmap(f, (None, 0)), x, pair, may_refuse=True)


@a_few
@given(st.integers(1, 3), st.integers(0, 2), st.booleans(), st.integers(0, 9))
def test_sort_by_several(keys, axis, stable, seed):
    xs = [np.round(some("float32", (3, 4, 5), seed + n) / 2) for n in range(3)]
    # without an order of equals, only keys are compared
    count = 3 if stable else keys
    f = lambda *xs: lax.sort(xs[:count], dimension=axis, is_stable=stable, num_keys=keys)  # noqa: E731
    hold(f, *xs, signed=False)


@a_few
@given(
    st.integers(0, 3).flatmap(lambda r: of_axes(r, sides, st.integers(-9, 9), st.integers(0, 5)))
)
def test_dynamic_slices(axes):
    shape, starts, sizes = axes
    sizes = tuple(map(min, sizes, shape))
    x, starts = some("float32", shape), np.array(starts, np.int32)

    def f(x, starts):
        window = lax.dynamic_slice(x, starts, sizes)
        return window, lax.dynamic_update_slice(x, window * 2, starts[::-1])

    hold(f, x, starts)
    hold(jax.vmap(f, (None, 0)), x, np.stack([starts, -starts]), may_refuse=0 in (*shape, *sizes))
