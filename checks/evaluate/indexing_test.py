"""Rules of reading and writing at computed places: in every mode, past both ends, with duplicates."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from checks.evaluate.held import EVERY, covers, each, hold, some

PAST = np.array([0, -1, 2, 4, -5, -6, 5, 9, 1, 1, -100, 2**31 - 1, -(2**31)], np.int32)
WITHIN = np.array([0, 3, 3, 1, -1, -5], np.int32)
MODES = ["clip", "fill", "promise_in_bounds"]


@covers("dynamic_slice", "dynamic_update_slice")
@each(["int32", "uint8", "int8"])
def test_windows_are_moved_inside(kind):
    x, new = some("float32", (5, 4)), some("float32", (2, 3), 1)
    starts = np.array([[0, 0], [2, 1], [4, 9], [100, 3]]).astype(kind)
    if kind != "uint8":
        starts = np.concatenate([starts, -starts])

    def f(x, new, starts):
        for start in starts:
            yield lax.dynamic_slice(x, start, (2, 3))
            yield lax.dynamic_update_slice(x, new, start)
        yield lax.dynamic_slice(x, starts[0], (0, 4))
        yield lax.dynamic_update_slice(x, new[:0], starts[0])

    hold(lambda *xs: list(f(*xs)), x, new, starts)

    def batched(x, new, starts):
        yield jax.vmap(lambda s: lax.dynamic_slice(x, s, (2, 3)))(starts)
        yield jax.vmap(lambda s: lax.dynamic_update_slice(x, new, s))(starts)
        yield jax.vmap(lambda y, s: lax.dynamic_slice(y, s[:1], (2,)))(x[:4, :3], starts[:4])

    hold(lambda *xs: list(batched(*xs)), x, new, starts)


@covers("gather")
@pytest.mark.parametrize("mode", MODES)
@each(["float32", "int8", "uint16", "bool", "bfloat16"])
def test_gather(mode, kind):
    # promise_in_bounds leaves open what is past the end
    at = WITHIN if mode == "promise_in_bounds" else PAST
    x, y = some(kind, (5, 4, 3)), some(kind, (6, 5))
    to = np.abs(at % 3)

    def f(x, y, at, to):
        get = lambda x, *where: x.at[where].get(mode=mode)  # noqa: E731
        yield get(x, at)
        yield get(x, slice(None), at if mode != "promise_in_bounds" else to)
        yield get(x, at, slice(1, 3), to)
        yield get(x, at[:, None], to)
        yield get(x, 2, ..., to)
        yield get(x, at[:0])
        if mode == "fill":
            yield x.at[at].get(mode="fill", fill_value=x.dtype.type(1))
            yield jnp.take(x, at, 1)
        yield jax.vmap(lambda x, n: get(x, n))(y, at[:6])
        yield jax.vmap(lambda x, n: get(x, n), (None, 0))(y, at)
        yield jax.vmap(lambda n, x: get(x, n), (None, 1))(at, x)
        yield jnp.take_along_axis(x, jnp.argsort(x, 1), 1)
        yield jnp.take_along_axis(y, at[: 6 * 2].reshape(6, -1)[:, :1], 1, mode=mode)

    hold(lambda *xs: list(f(*xs)), x, y, at, to)


def test_gather_with_unsigned_and_short_places():
    x = some("float32", (300, 2))
    for kind in ("uint8", "uint16", "int16", "uint32"):
        at = np.array([0, 1, 127, 128, 255, 299, 2**16 - 1]).astype(kind)
        x = x[: 200 if kind == "uint8" else 300]
        hold(lambda x, at: [x[at], x.at[at].get(mode="clip"), x.at[at].set(0)], x, at)


def test_gather_of_a_window_and_from_a_number():
    dims = lax.GatherDimensionNumbers((1, 2), (), (0, 1))
    at = np.array([[0, 0], [3, 2], [4, 3], [-1, 0], [2, 1]], np.int32)
    for mode in ("clip", "fill"):
        hold(lambda x, at: lax.gather(x, at, dims, (2, 2), mode=mode), some("int32", (5, 4)), at)  # noqa: B023
    hold(
        lambda x: [x[None][jnp.zeros(3, "int32")], x.at[()].get(), x.at[()].set(x + 1)],
        some("int8"),
    )


WRITES = ["set", "add", "multiply", "min", "max", "subtract"]
WRITTEN = [("float32", mode) for mode in (None, "clip", "drop", "promise_in_bounds")]
WRITTEN += [
    pytest.param(kind, mode, marks=pytest.mark.slow)
    for kind, mode in (("int8", None), ("uint16", "clip"), ("bfloat16", None))
]


@covers("scatter", "scatter-add", "scatter-mul", "scatter-min", "scatter-max", "scatter-sub")
@pytest.mark.parametrize(("kind", "mode"), WRITTEN)
def test_scatter(kind, mode):
    at = WITHIN if mode == "promise_in_bounds" else PAST
    x = some(kind, (5, 4, 3))

    def new(name, *shape):
        # which of several written to one place stays is left open: they are the same
        numbers = (jnp.arange(np.prod(shape, dtype=int)) % 3 + 1).reshape(shape)
        return (numbers * 0 + 1 if name == "set" else numbers).astype(x.dtype)

    def f(x, at):
        for name in WRITES:
            yield getattr(x.at[at], name)(new(name, len(at), 4, 3), mode=mode)
            yield getattr(x.at[..., at % 3], name)(new(name, 5, 4, len(at)), mode=mode)
        for name in ("set", "add"):
            yield getattr(x.at[at], name)(new(name, 4, 3), mode=mode)
            yield getattr(x.at[at, at % 5 - 1], name)(new(name, len(at), 3), mode=mode)
            yield getattr(x.at[2, :, 1], name)(new(name, 4), mode=mode)
            yield getattr(x.at[at[:0]], name)(new(name, 0, 4, 3), mode=mode)

            def put(x, n, name=name):
                return getattr(x.at[n], name)(1, mode=mode)

            yield jax.vmap(put)(x, at[:5])
            yield jax.vmap(put, (None, 0))(x[:, 0, 0], at)
            yield jax.vmap(put, (1, None), 1)(x[0], at)

    hold(lambda *xs: list(f(*xs)), x, at, ulps=64)


def test_scatter_of_booleans():
    def f(x, at):
        for name in ("set", "min", "max"):
            yield getattr(x.at[at], name)(True)

    hold(lambda *xs: list(f(*xs)), some("bool", (5, 2)), PAST)


def test_scatter_into_nothing_and_of_a_function():
    x = some("float32", (5, 2))

    def f(x, at):
        yield x[:0].at[at].set(1.0)
        yield x[:, :0].at[at].add(1.0)
        yield x.at[at[:0]].mul(2.0)

    hold(lambda *xs: list(f(*xs)), x, PAST, may_refuse=True)
    for at in (PAST, np.array([1, 1, 3], np.int32)):
        hold(lambda x, at: x.at[at].apply(jnp.exp), x, at, may_refuse=True)


def test_scatter_promised_within_drops_what_is_not():
    hold(lambda x, at: x.at[at].add(1.0, mode="promise_in_bounds"), some("float32", (5,)), PAST)


@each(EVERY)
def test_masks_and_one_hot(kind):
    x = some(kind, (4, 5))

    def f(x, at):
        yield jnp.where(x > x[0], x, x[1])
        yield jax.nn.one_hot(at, 5)
        yield x[jnp.arange(4), at[:4] % 5]
        yield x.at[:, 1].set(x[:, 0]), x.at[1:3, ::2].set(x[0, 0])
        yield jnp.nonzero(x, size=6, fill_value=-1)
        yield jnp.roll(x, at[0] + 3, 1)

    hold(lambda *xs: list(f(*xs)), x, PAST)


def test_gradients_of_reading_and_writing():
    x, y = some("float32", (5, 4)), some("float32", (13, 4), 1)

    def f(x, y, at):
        yield jax.grad(lambda x: (x[at] * y).sum())(x)
        yield jax.grad(lambda x: (x.at[at].get(mode="fill", fill_value=0) * y).sum())(x)
        yield jax.grad(lambda y: (x.at[at].add(y, mode="drop") ** 2).sum())(y)
        yield jax.grad(lambda x: (x.at[at[:3]].set(y[:3]) ** 2).sum())(x)
        yield jax.grad(lambda x: jnp.sort(x, 1)[:, 0].sum() + jnp.max(x, 0).sum())(x)
        yield jax.vmap(jax.grad(lambda r, n: r[n % 4] ** 2))(x, at[:5])
        yield jax.jacobian(lambda r: lax.dynamic_slice(r, (at[2],), (2,)))(x[0])
        yield jax.hessian(lambda r: (r[at[:5]] ** 3).sum())(x[0])

    hold(lambda *xs: list(f(*xs)), x, y, PAST, ulps=64, scale=10)
