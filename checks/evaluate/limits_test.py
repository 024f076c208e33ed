"""Where the evaluator stops: refused, so that the program is compiled, or right; never wrong."""

import jax
import jax.extend
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from workbook import run
from workbook.evaluate import Unsuitable, evaluate, is_on
from workbook.evaluate.program import Mismatch

from checks.evaluate.held import hold, primitives, some


def refused(f, *args):
    """The reason why f isn't evaluated, or None."""
    try:
        evaluate(jax.jit(f).trace(*args).jaxpr, jax.tree.leaves(args))
    except Mismatch:
        raise
    except Unsuitable as why:
        return str(why)
    return None


def test_effects_are_refused():
    def printed(x):
        jax.debug.print("{}", x)
        return x

    assert refused(printed, np.float32(1)) == "it has effects"
    inside = lambda x: lax.fori_loop(0, 2, lambda n, x: printed(x), x)  # noqa: E731
    assert refused(inside, np.float32(1)) == "it has effects"


def test_callbacks():
    def f(x):
        kind = jax.ShapeDtypeStruct(x.shape, x.dtype)
        return jax.pure_callback(lambda x: np.asarray(x) * 2, kind, x, vmap_method="sequential") + 1

    hold(f, some("float32", (3,)), may_refuse=True)
    hold(jax.vmap(f), some("float32", (2, 3)), may_refuse=True)


def test_huge_work_is_refused():
    big = np.ones((2000, 2000), np.float32)
    assert refused(lambda x: x @ x @ x, big)
    assert refused(lambda x: [x + n for n in range(9)], big)
    assert refused(lambda x: lax.fori_loop(0, 10**6, lambda n, x: x + 1, x), np.float32(0))


def test_long_loops_are_refused_at_run_time():
    n = np.int32(10**6)
    count = lambda n: lax.while_loop(lambda s: s[0] < n, lambda s: (s[0] + 1, s[1] + 2), (0, 0))  # noqa: E731
    assert refused(count, n) == "too many turns"
    assert refused(count, n)  # once refused, refused from then on
    assert refused(lambda x: lax.while_loop(lambda x: x < 1, lambda x: x * 1.0, x), np.float32(0))


@pytest.mark.slow
def test_deep_nesting():
    closed = jax.make_jaxpr(jnp.sin)(np.float32(1))
    for depth in range(200):
        if depth == 20:
            hold(jax.extend.core.jaxpr_as_fun(closed), np.float32(1))
        inside = jax.jit(jax.extend.core.jaxpr_as_fun(closed))
        closed = jax.make_jaxpr(inside)(np.float32(1))
    try:
        [y] = evaluate(closed, [np.float32(1)])
    except Unsuitable:
        y = None
    assert y is None or abs(y - np.sin(1)) < 1e-6


def test_what_has_no_rule_is_compiled_by_itself():
    x = some("float32", (3, 3)) + 4 * np.eye(3, dtype=np.float32)

    def f(x):
        yield jnp.linalg.solve(x, x[0]), x
        yield jnp.linalg.cholesky(x @ x.T), jnp.linalg.qr(x)[1]

    for n in (0, 2):
        alone = lambda x, n=n: [y for pair in f(x) for y in pair][n]  # noqa: E731
        names = hold(alone, x, ulps=256, scale=10, may_refuse=True, signed=False)
        assert names & {"lu", "cholesky"}
    hold(lambda x: jnp.fft.fft(x).real, x[0], ulps=64, scale=10, signed=False)
    hold(lambda x: jax.random.gamma(jax.random.key(0), jnp.abs(x[0])), x, ulps=64)


def test_donated_arguments():
    f = jax.jit(lambda x, y: (x + y, x * y), donate_argnums=0)
    x = jnp.arange(3.0)
    traced = f.trace(x, x + 1)
    ours = evaluate(traced.jaxpr, [x, x + 1])
    assert [y.tolist() for y in ours] == [[1, 3, 5], [0, 2, 6]]
    assert x.tolist() == [0, 1, 2]
    hold(lambda x: jax.jit(lambda x: x * 2, donate_argnums=0)(x + 1), some("float32", (3,)))


def test_inputs_stay_as_they_are():
    x, y = some("float32", (4,)), some("float32", (4,))

    def f(x):
        x = x.at[1].set(9.0)
        return lax.dynamic_update_slice(x, x[:1] + 1, (2,)), lax.fori_loop(0, 3, step, x)

    def step(n, x):
        return x.at[n].add(1.0)

    evaluate(jax.jit(f).trace(x).jaxpr, [x])
    np.testing.assert_array_equal(x, y)


def test_results_are_arrays_of_jax_of_their_own():
    x = jnp.arange(4.0)
    y, z = evaluate(jax.jit(lambda x: (x, x[::-1])).trace(x).jaxpr, [x])
    assert isinstance(y, jax.Array)
    assert y.tolist() == x.tolist()
    assert z.tolist() == x[::-1].tolist()


def test_outputs_without_inputs_and_nothing_at_all():
    hold(lambda: (jnp.float32(3), np.arange(3), True))
    hold(lambda x: (), some("float32"))
    hold(lambda x: jax.grad(lambda y: y * 2.0)(x) * 0 + 1, some("float32"))
    hold(lambda x: jax.vjp(lambda n: n * 2, x)[0], np.int32(3))


def test_random_keys_inside_and_out():
    assert "random_bits" in set(primitives(jax.make_jaxpr(jax.random.bits)(jax.random.key(0))))
    hold(lambda key: (key, jax.random.split(key, 2), jax.random.normal(key)), jax.random.key(5))


# Both stand in workbook/evaluate/program.py, to_jax.


def test_weak_kinds_stay_weak():
    for value in (1.0, 3):
        traced = jax.jit(lambda x: (x + x, jnp.stack([x, x]))).trace(value)
        right = traced.lower().compile()(value)
        ours = evaluate(traced.jaxpr, [value])
        assert [x.weak_type for x in ours] == [x.weak_type for x in right]


def test_results_do_not_change_with_what_was_given():
    for size in range(64, 80):
        x = np.zeros((size, 1), np.float32)
        y, z = evaluate(jax.jit(lambda x: (x, x.reshape(-1))).trace(x).jaxpr, [x])
        x[:] = 7
        assert not y.any()
        assert not z.any()


def test_numbers_are_debugged_by_the_compiler():
    assert is_on()
    with jax.debug_nans(True):
        assert not is_on()
        with pytest.raises(FloatingPointError):
            run(lambda x: jnp.log(x - 2), jnp.ones(3))
