"""Calls and modules give the same under both evaluators, and what is large or odd is compiled."""

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from workbook import modules, normal, over_keys, run
from workbook.evaluate import SWITCH, eager, program
from workbook.modules import module


@pytest.fixture(params=["numpy", "xla"])
def evaluator(request, monkeypatch):
    monkeypatch.setenv(SWITCH, request.param)
    modules._traced.clear()
    return request.param


CALLS = {
    "a softmax": (lambda x: jax.nn.softmax(x, axis=-1), normal(0, 3, 4)),
    "a gradient": (jax.grad(lambda x: jnp.sum(jnp.tanh(x) @ x.T)), normal(1, 3, 4)),
    "float64 in": (lambda x: x * 2, np.arange(3.0)),
    "a dict and None": (lambda x: {"a": x.sum(), "b": None, "c": (x, x * 3)}, normal(2, 2)),
    "integers": (lambda x: x // 2 % 3 - 7, np.arange(-4, 5)),
    "a scan": (lambda x: jax.lax.scan(lambda c, y: (c + y, c * y), 0.0, x), normal(3, 6)),
    "a random draw": (lambda x: x + jax.random.normal(jax.random.key(3), x.shape), normal(4, 5)),
    "a key in": (lambda key: jax.random.split(key, 3), jax.random.key(1)),
    "a linear solver": (lambda x: jnp.linalg.solve(x @ x.T + jnp.eye(3), x), normal(5, 3, 4)),
    "a constant": (lambda x: jnp.eye(2), normal(6, 2)),
    "not traced": (lambda x: x if float(x.sum()) > 0 else -x, normal(7, 4)),
}


@pytest.mark.parametrize(("f", "x"), CALLS.values(), ids=CALLS)
def test_a_call_gives_what_a_plain_call_gives(f, x, evaluator):
    got, plain = run(f, x), f(jnp.asarray(x))
    assert jax.tree.structure(got) == jax.tree.structure(plain)
    for one, other in zip(jax.tree.leaves(got), jax.tree.leaves(plain)):
        assert jnp.shape(one) == jnp.shape(other)
        assert jnp.asarray(one).dtype == jnp.asarray(other).dtype
        if jax.dtypes.issubdtype(other.dtype, jax.dtypes.extended):
            one, other = jax.random.key_data(one), jax.random.key_data(other)
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=1e-6)


def test_small_programs_are_not_compiled(monkeypatch):
    monkeypatch.setenv(SWITCH, "numpy")
    compiled = []
    monkeypatch.setattr("workbook.calls._program", lambda: _noting(compiled))
    run(lambda x: x * 3 + 1, normal(0, 7))
    assert compiled == []
    run(lambda x: jax.lax.fori_loop(0, 10**6, lambda i, y: y + 1, x), normal(0, 7))
    run(lambda x: jnp.sin(jnp.ones((1 << 12, 1 << 13))).sum() + x, normal(0, 7))
    assert compiled == ["called", "called"]


def _noting(calls):
    from workbook.calls import joined

    def call(f, tree, is_array, fixed, arrays):
        args, kwargs = joined(tree, is_array, fixed, arrays)
        return f(*args, **kwargs)

    class Program:
        trace = staticmethod(jax.jit(call, static_argnums=(0, 1, 2, 3)).trace)

        def __call__(self, *args):
            calls.append("called")

    return Program()


def test_over_keys(evaluator):
    draw = over_keys(lambda key, p: jax.random.bernoulli(key, p), 500)
    got = run(draw, jax.random.key(0), 0.3)
    assert jnp.array_equal(got, draw(jax.random.key(0), 0.3))


# ---------------------------------------------------------------- modules


class Plain(hk.Module):
    def __call__(self, x, scale=1.0):
        power = hk.get_parameter("power", (), init=jnp.ones)
        return hk.nets.MLP([5, 3])(x) * power * scale + hk.LayerNorm(-1, True, True)(x).sum()


class Looks(hk.Module):
    """Takes a parameter for a number of Python's."""

    def __call__(self, x):
        return x * float(hk.get_parameter("scale", (), init=jnp.ones))


class Branches(hk.Module):
    """Asks its input, which can't be traced, and has other parameters each time."""

    def __call__(self, x):
        return hk.Linear(2 if float(x.sum()) > 0 else 3)(x)


class Draws(hk.Module):
    def __call__(self, x):
        return hk.Linear(2)(x + jax.random.normal(hk.next_rng_key(), x.shape))


class Repeats(hk.Module):
    """Layers whose parameters are stacked for a scan."""

    def __call__(self, x):
        return hk.experimental.layer_stack(3)(lambda y: jnp.tanh(hk.Linear(4)(y)))(x)


@pytest.mark.parametrize("cls", [Plain, Looks, Branches, Repeats])
def test_a_module_gives_what_its_pure_function_gives(cls, evaluator):
    layer, x = module(cls), normal(0, 2, 4)
    params = layer.fill(x, seed=1)
    pure = hk.without_apply_rng(hk.transform(lambda x: cls()(x)))
    shapes = pure.init(jax.random.key(0), x)
    assert jax.tree.map(jnp.shape, params) == jax.tree.map(jnp.shape, shapes)
    got = layer(params, x)
    np.testing.assert_allclose(got, pure.apply(params, x), rtol=1e-5, atol=1e-6)
    other = jax.tree.map(lambda w: w * 2 + 1, params)
    np.testing.assert_allclose(layer(other, x), pure.apply(other, x), rtol=1e-5, atol=1e-6)


def test_a_module_is_traced_once_for_its_parameters_and_its_value(monkeypatch):
    monkeypatch.setenv(SWITCH, "numpy")
    modules._traced.clear()
    traced = []

    class Counted(Plain):
        def __call__(self, x):
            traced.append(type(x))
            return super().__call__(x)

    layer, x = module(Counted), normal(0, 2, 4)
    layer.shapes(x)
    layer(layer.fill(x, seed=2), x)
    layer(layer.fill(x, seed=3), normal(1, 2, 4))
    assert len(traced) == 1


def test_a_module_that_draws_fails_as_it_does_when_applied(evaluator):
    layer, x = module(Draws), normal(0, 2, 4)
    params = layer.fill(x)
    with pytest.raises(ValueError, match="PRNGKey"):
        layer(params, x)


def test_odd_parameters_fail_as_they_do_when_applied(evaluator):
    layer, x = module(Plain), normal(0, 2, 4)
    params = layer.fill(x)
    params.pop("plain/mlp/~/linear_0")
    with pytest.raises(ValueError, match="linear_0"):
        layer(params, x)


def test_arguments_that_are_not_arrays_make_another_program(evaluator):
    layer, x = module(Plain), normal(0, 2, 4)
    params = layer.fill(x)
    one, two = layer(params, x, scale=1.0), layer(params, x, scale=2.0)
    assert not np.allclose(one, two)


# ---------------------------------------------------------------- op by op


def test_op_by_op_gives_the_same_and_jax_is_left_as_it_was(monkeypatch):
    from jax._src import pjit

    monkeypatch.setenv(SWITCH, "numpy")
    before = getattr(pjit._pjit_call_impl_python, "__wrapped__", pjit._pjit_call_impl_python)
    monkeypatch.setattr(pjit, "_pjit_call_impl_python", before)
    x = normal(8, 3, 5)
    with eager.installed():
        inside = [
            jnp.sort(x).at[1].add(2.0),
            jnp.linalg.norm(x),
            jax.random.uniform(jax.random.key(1)),
        ]
        assert pjit._pjit_call_impl_python is not before
    assert pjit._pjit_call_impl_python is before
    jax.clear_caches()
    outside = [
        jnp.sort(x).at[1].add(2.0),
        jnp.linalg.norm(x),
        jax.random.uniform(jax.random.key(1)),
    ]
    for one, other in zip(inside, outside):
        np.testing.assert_allclose(one, other, rtol=1e-6)
        assert (one.dtype, one.shape) == (other.dtype, other.shape)


def test_what_is_called_often_is_compiled(monkeypatch):
    monkeypatch.setenv(SWITCH, "numpy")
    step = jax.jit(lambda x: jnp.tanh(x * 1.01 + 0.1))
    x = normal(9, 3)
    with eager.installed():
        expected = step(x)
        for _ in range(program.MOST_STEPS):
            step(x)
            if step._cache_size():
                break
        else:
            pytest.fail("it was never compiled")
        np.testing.assert_allclose(step(x), expected, rtol=1e-6)


def test_a_donated_array_is_gone(monkeypatch):
    monkeypatch.setenv(SWITCH, "numpy")
    x = normal(10, 3) + 1
    with eager.installed():
        jax.jit(lambda x: x * 2, donate_argnums=0)(x)
    assert x.is_deleted()


@pytest.mark.parametrize("when", ["made", "run"])
def test_what_a_rule_fails_at_is_compiled(monkeypatch, when):
    def faulty(eqn):
        if when == "made":
            raise KeyError("a parameter of another JAX")
        return lambda x: x.no_such_method()

    monkeypatch.setenv(SWITCH, "numpy")
    monkeypatch.setitem(program.RULES, "sin", faulty)
    x = normal(11, 3)
    np.testing.assert_allclose(run(lambda x: jnp.sin(x) + 1, x), np.sin(x) + 1, rtol=1e-6)
    with eager.installed():
        np.testing.assert_allclose(jnp.sin(x[None]), np.sin(x)[None], rtol=1e-6)
