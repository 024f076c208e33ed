"""Rules of shapes, and of sums, orders and places along axes."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from checks.evaluate.held import EVERY, FLOATS, INTS, NUMBERS, covers, each, hold, odd, some

SHAPES = [(), (3,), (2, 3, 4), (2, 0, 3)]


@covers("broadcast_in_dim", "reshape", "squeeze", "transpose", "rev", "tile")
def test_other_shapes():
    def f(x):
        shape = x.shape
        yield lax.broadcast_in_dim(x, (2, *shape, 2), range(1, len(shape) + 1))
        yield jnp.broadcast_to(x, (4, *shape))
        yield x.reshape(-1)
        yield lax.reshape(x, (x.size, 1), tuple(range(x.ndim))[::-1])
        yield jnp.expand_dims(x, 0).squeeze(0)
        yield x.T
        yield jnp.flip(x)
        yield jnp.flip(x[None], 0)
        yield jnp.tile(x, (2, 1, 3))
        yield lax.tile(x, (2,) * x.ndim)
        yield jnp.repeat(x, 2)

    hold(lambda *xs: [y for x in xs for y in f(x)], *(some("int8", shape) for shape in SHAPES))


@covers("slice", "split", "concatenate", "stack", "unstack", "copy")
def test_parts():
    def f(x):
        yield x[1:5:2, :0]
        yield lax.slice(x, (1, 2), (6, 3), (3, 1))
        yield lax.split(x, (1, 0, 5), 0)
        yield jnp.split(x, 3, 0)
        yield jnp.concatenate([x, x[:, :1], x[:, :0]], 1)
        yield jnp.stack([x, x], 1)
        yield list(jnp.unstack(x, axis=1))
        yield jax.vmap(lambda y: jnp.unstack(y))(x)
        yield jnp.copy(x)

    hold(
        lambda *xs: [list(f(x)) for x in xs], *(some(kind, (6, 4)) for kind in ("int8", "bfloat16"))
    )
    # what jnp.stack makes of itself differs between versions of JAX: the primitives too
    hold(
        lambda x: lax.stack_p.bind(x, x, axis=1) if hasattr(lax, "stack_p") else x,
        some("int8", (2,)),
    )


PADS = [
    ((1, 2, 0), (0, 0, 3)),
    ((-1, -2, 0), (2, -1, 1)),
    ((-3, 1, 2), (-9, 9, 0)),
    ((-2, -2, 1), (-1, 0, 2)),
    ((5, -4, 3), (0, -8, 0)),
]


@covers("pad")
def test_padding():
    xs = [some(kind, shape) for kind in ("float32", "uint8", "bool") for shape in ((4, 3), (0, 3))]

    def f(*xs):
        for x in xs:
            for pads in PADS:
                full = [n + lo + hi + max(n - 1, 0) * c for n, (lo, hi, c) in zip(x.shape, pads)]
                if min(full) >= 0:
                    yield lax.pad(x, jnp.ones((), x.dtype), pads)

    hold(lambda *xs: list(f(*xs)), *xs)


@covers("iota", "empty")
def test_what_needs_no_input():
    def f():
        for kind in NUMBERS:
            yield lax.broadcasted_iota(kind, (2, 100), 1)
        yield jnp.arange(0, dtype="int32")
        yield jnp.linspace(0.0, 1.0, 5)
        yield jnp.eye(3, k=1)
        yield lax.empty((2, 3), jnp.dtype("float32"))

    hold(lambda: list(f()))


@covers("reduce_sum", "reduce_prod", "reduce_max", "reduce_min")
@each(NUMBERS)
def test_reductions(kind):
    # sums of what overflows depend on their order: floats are small here
    xs = [some(kind, (5, 3, 4)), some(kind, ()), some(kind, (3, 0))]
    steps = (jnp.sum, jnp.prod, jnp.max, jnp.min)

    def f(x, y, z):
        for step in steps:
            yield from (step(x), step(x, 1), step(x, (0, 2), keepdims=True), step(y))
            yield from (step(z, axis=0), jax.vmap(step)(x))
        yield from (jnp.sum(z), jnp.prod(z, 1))
        yield from (jax.lax.reduce_max(z, (1,)), jax.lax.reduce_min(z, (1,)))

    hold(lambda *xs: list(f(*xs)), *xs, ulps=64, scale=30, signed=False)


@covers("reduce_max", "reduce_min", "argmax", "argmin")
@each(EVERY)
def test_the_largest_with_ties_and_nan(kind):
    x = np.stack([odd(kind), odd(kind)[::-1], np.sort(odd(kind)), some(kind, odd(kind).shape)])

    def f(x):
        for axis in (0, 1):
            yield from (jnp.max(x, axis), jnp.min(x, axis))
            yield from (jnp.argmax(x, axis), jnp.argmin(x, axis))
        yield from (jnp.argmax(x), lax.argmin(x, 1, jnp.uint8))

    hold(lambda x: list(f(x)), x, signed=False)


@covers("reduce_and", "reduce_or", "reduce_xor")
@each([*INTS, "bool"])
def test_bits_reduced(kind):
    x = some(kind, (4, 3))

    def f(x):
        for step in (lax.reduce_and, lax.reduce_or, lax.reduce_xor):
            yield from (step(x, (0,)), step(x, (0, 1)), step(x, ()), step(x[:0], (0,)))

    hold(lambda x: list(f(x)), x)


@covers("cumsum", "cumprod")
@each(NUMBERS)
def test_running_sums(kind):
    x = some(kind, (4, 9))

    def f(x):
        for axis, reverse in ((0, False), (1, True)):
            yield from (lax.cumsum(x, axis, reverse), lax.cumprod(x, axis, reverse))
            if kind in FLOATS:
                yield lax.cumlogsumexp(x, axis, reverse)
        yield lax.cumsum(x[:0], 0)

    # XLA rounds 16-bit floats at every step
    hold(lambda x: list(f(x)), x, ulps=64 if kind == "float32" else 2**17, scale=30, signed=False)


@covers("cummax", "cummin")
@each(NUMBERS)
def test_the_largest_so_far(kind):
    x = np.stack([odd(kind), odd(kind)[::-1], some(kind, odd(kind).shape)])

    def f(x):
        yield from (lax.cummax(x, 1), lax.cummin(x, 1, reverse=True))
        yield from (lax.cummax(x, 0, reverse=True), lax.cummin(x[:0], 0))

    hold(lambda x: list(f(x)), x, signed=False)


@covers("cumlogsumexp", "cumsum")
def test_running_sums_of_what_is_not_finite():
    x = np.array([1, -np.inf, 2, np.inf, 3, np.nan, 1], np.float32)
    low = np.full(3, -np.inf, np.float32)
    hold(lambda *xs: [(jnp.cumsum(x), lax.cumlogsumexp(x)) for x in xs], x, low, x[:4], ulps=64)


@covers("sort")
@each(EVERY)
def test_orders(kind):
    x = np.concatenate([odd(kind), odd(kind)[::-1]])
    xs = np.stack([x, x[::-1], np.roll(x, 5)])

    def f(x):
        yield from (jnp.sort(x, 0), jnp.sort(x, 1), jnp.sort(x, descending=True))
        yield from (jnp.argsort(x, 0), jnp.argsort(x, 1), jnp.argsort(x, descending=True))
        yield lax.sort((x, jnp.flip(x, 1), lax.iota("int32", x.size).reshape(x.shape)), num_keys=2)
        yield lax.sort((x, x[::-1], x > x[0]), dimension=0, num_keys=3)
        yield jnp.lexsort((x[0], x[1]))
        yield jnp.sort(x[:0], 1)

    hold(lambda x: list(f(x)), xs, signed=False)


@covers("top_k")
@each(NUMBERS)
def test_top_k(kind):
    # -0.0 and 0.0 count as equal in one of XLA's ways and not in the other: no zero twice
    x = np.array([x for x in odd(kind) if x != 0 or not np.signbit(np.float32(x))])
    x = np.stack([np.concatenate([x, x[::-1]]), np.concatenate([x[::-1], x])])
    x = np.where((x == 0) & (np.arange(x.shape[1]) > len(x[0]) // 2), x.dtype.type(1), x)
    hold(lambda x: [lax.top_k(x, k) for k in (0, 1, 5, x.shape[1])], x, signed=False)
    hold(lambda x: lax.top_k(x, 1, axis=0), x, signed=False)


@covers("lt_to", "le_to", "eq_to", "mulhi")
def test_rarer_steps():
    x = np.sort(np.array([-np.inf, -2, -0.0, 0.0, 1, 1, 3, np.inf, np.nan], np.float32))
    n = np.sort(odd("int32"))

    def f(x, n):
        for method in ("scan", "compare_all", "sort"):
            yield jnp.searchsorted(x, x[::-1], method=method)
            yield jnp.searchsorted(x, x, side="right", method=method)
            yield jnp.searchsorted(n, n[::-1], side="right", method=method)
        yield lax.eq_to_p.bind(x, -x), lax.lt_to_p.bind(-x, x), lax.le_to_p.bind(x, -x)
        for kind in INTS:
            y = n.astype(kind)
            yield lax.mulhi(y, y[::-1])

    hold(lambda x, n: list(f(x, n)), x, n)
