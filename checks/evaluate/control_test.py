"""Rules of calls, branches and loops, and what differentiating and batching make of them."""

import functools

import jax
import jax.ad_checkpoint
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from checks.evaluate.held import covers, hold, some

SUMS = {"ulps": 64, "scale": 10, "signed": False}


@jax.custom_jvp
def doubled(x):
    return 2 * x


@doubled.defjvp
def _(primals, tangents):
    return doubled(*primals), 3 * tangents[0]


@jax.custom_vjp
def tripled(x):
    return 3 * x


tripled.defvjp(lambda x: (3 * x, x), lambda x, g: (g * x,))


@covers("jit", "custom_jvp_call", "custom_vjp_call", "remat2", "name")
def test_calls():
    def inside(x):
        y = jax.jit(jnp.sin)(jax.nn.relu(x))
        y = doubled(y) + tripled(x)
        y = jax.checkpoint(lambda y: jnp.exp(jax.ad_checkpoint.checkpoint_name(y, "y")))(y)
        return jax.jit(lambda y: lax.stop_gradient(y) * y)(y).sum()

    with_all = lambda x: (  # noqa: E731
        inside(x),
        jax.grad(inside)(x),
        jax.vmap(jax.grad(inside))(x[None]),
        jax.vmap(jax.value_and_grad(inside))(x[:, None]),
    )
    hold(with_all, some("float32", (5,)) / 3, **SUMS)


def steps(x, xs):
    def step(carry, x):
        new = jnp.tanh(carry + x)
        return new, (new[0], x > 0, jnp.int32(3))

    return lax.scan(step, x, xs)


@covers("scan")
@pytest.mark.parametrize("length", [0, 1, 4])
def test_scan(length):
    x, xs = some("float32", (3,)), some("float32", (length, 3), 1)

    def f(x, xs):
        yield steps(x, xs)
        yield lax.scan(lambda c, x: (c + x.sum(), c), jnp.float32(0), xs, reverse=True)
        yield lax.scan(lambda c, _: (c * 2, None), x, length=length)
        yield jax.grad(lambda x, xs: steps(x, xs)[0].sum(), (0, 1))(x, xs)
        yield jax.vmap(steps, (0, None))(jnp.stack([x, -x]), xs)
        yield jax.vmap(steps, (None, 1))(x[:1], xs[..., None])
        yield lax.map(lambda x: x**2, xs), lax.associative_scan(jnp.add, xs) if length else x

    hold(lambda *xs: list(f(*xs)), x, xs, **SUMS)


def halved(x):
    return lax.while_loop(lambda s: s[0] > 1, lambda s: (s[0] / 2, s[1] + 1), (x, jnp.int32(0)))


@covers("while")
def test_while_and_fori():
    xs = np.array([100, 3, 0.5, np.nan, -7], np.float32)

    def f(xs, n):
        yield halved(xs[0]), halved(xs[2]), halved(xs[3])
        yield jax.vmap(halved)(xs), jax.vmap(jax.vmap(halved))(xs[None])
        yield jax.vmap(lambda x: jax.vmap(lambda y: halved(x + y)[0])(xs))(xs[:2])
        yield lax.fori_loop(0, n, lambda i, s: s * 2 + i, jnp.int32(1))
        yield lax.fori_loop(n, 0, lambda i, s: s + 1, xs)
        yield lax.fori_loop(0, 4, lambda i, s: s.at[i].set(s[i - 1]), xs)
        yield jax.grad(lambda xs: lax.fori_loop(0, 3, lambda i, s: jnp.sin(s), xs)[0])(xs)
        yield jax.vmap(lambda n: lax.fori_loop(0, n, lambda i, s: s + i, 0))(jnp.arange(5))
        yield jax.jvp(lambda x: halved(x)[0], (xs[0],), (xs[1],))

    hold(lambda *xs: list(f(*xs)), xs, np.int32(9))


BRANCHES = [lambda x: x + 1, lambda x: jnp.sin(x) * 2, lambda x: x[::-1]]


@covers("cond")
@pytest.mark.parametrize("kind", ["int32", "int8", "uint8", "bool"])
def test_branches(kind):
    which = np.array([0, 1, 2, 5, -1, -7]).astype(kind)
    x = some("float32", (3,))

    def f(which, x):
        for n in which:
            if kind == "bool":
                yield lax.cond(n, *BRANCHES[:2], x)
            else:
                yield lax.switch(n, BRANCHES, x)
                yield jax.grad(lambda x, n=n: lax.switch(n, BRANCHES, x)[0])(x)
        yield jax.vmap(lambda n: lax.cond(n.astype("bool"), *BRANCHES[:2], x))(which)
        yield jax.vmap(lambda n: lax.switch(n.astype("int32"), BRANCHES, x))(which)
        yield jax.vmap(lambda x: lax.cond(which[0].astype("bool"), *BRANCHES[:2], x))(x[:, None])
        yield jax.grad(lambda x: lax.cond(x[0] > 0, *BRANCHES[1:], x).sum())(x)

    hold(lambda *xs: list(f(*xs)), which, x, **SUMS)


def test_loops_in_loops():
    def f(x):
        def outer(carry, row):
            inner = lax.fori_loop(0, 3, lambda i, s: s + row[i] * carry, jnp.float32(0))
            return lax.cond(inner > 0, jnp.sin, jnp.cos, inner), inner

        return lax.scan(outer, jnp.float32(1), x)

    x = some("float32", (4, 3))
    hold(f, x, **SUMS)
    hold(jax.grad(lambda x: f(x)[0]), x, **SUMS)
    hold(jax.vmap(f), np.stack([x, -x]), **SUMS)
    hold(jax.jit(jax.checkpoint(jax.grad(lambda x: f(x)[1].sum()))), x, **SUMS)


@covers("optimization_barrier", "device_put", "add_any")
def test_what_changes_no_value():
    def f(x):
        y = jax.lax.optimization_barrier((x, x + 1))
        return y, jax.device_put(x), jax.grad(lambda x: (x * x * jnp.sin(x)).sum())(x)

    hold(f, some("float32", (3,)), **SUMS)


def test_constants_closed_over():
    table, numbers = some("float32", (4, 3)), np.arange(3, dtype=np.int32)
    f = lambda x: jnp.asarray(table)[jnp.asarray(numbers)] @ x + jax.jit(lambda x: x * table[0])(x)  # noqa: E731
    hold(f, some("float32", (3,), 1), **SUMS)


def test_weak_scalars():
    hold(lambda x, n: [x * 2, n + 1, n * 2.5, x**2, 2**n], 0.5, 3)
    f = functools.partial(jnp.where, np.array([True, False]))
    hold(lambda x, n: [f(x, 0.0), f(n, 1), jnp.maximum(x, 0.0)], np.float32(2), np.int32(1))
