"""What NumPy's rules give, held to what XLA gives; and numbers that are worth a look."""

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from workbook.evaluate import Unsuitable, evaluate
from workbook.evaluate.program import Mismatch

FLOATS = ("float32", "float16", "bfloat16")
INTS = ("int8", "int16", "int32", "uint8", "uint16", "uint32")
SIGNED, HALVES = INTS[:3], FLOATS[1:]
NUMBERS = (*FLOATS, *INTS)
EVERY = (*NUMBERS, "bool")
ULPS = 16  # of float32, 2e-6; of a 16-bit float two, as each step may round the other way
RARE = ("int16", "uint8", "uint16", "uint32", "float16")  # tested with the slow ones
COVERED: set[str] = set()  # primitives that some test claims to meet
_met: set[str] = set()  # primitives that the test running now has met


def each(kinds: Iterable[str]) -> Any:
    """A test for each kind, slow for the rare ones."""
    slow = [pytest.param(kind, marks=pytest.mark.slow) if kind in RARE else kind for kind in kinds]
    return pytest.mark.parametrize("kind", slow)


def covers(*names: str) -> Callable:
    """Claim that a test holds these primitives to XLA; it fails where it doesn't meet them."""
    COVERED.update(names)

    def mark(test):
        @functools.wraps(test)
        def run(*args, **kwargs):
            _met.clear()
            test(*args, **kwargs)
            assert set(names) - _met == set(), "these were to be met"

        return run

    return mark


def hold(f: Callable, *args: Any, may_refuse: bool = False, **tolerance: Any) -> set[str]:
    """Hold f(*args) with NumPy to the same with XLA; gives the primitives it consists of.

    Args:
        f: traceable; all of its arguments are arrays, or trees of them.
        may_refuse: whether Unsuitable will do as well as the right value.
        tolerance: ulps, scale, signed (see `same`).
    """
    traced = jax.jit(f).trace(*args)
    right = jax.tree.leaves(traced.lower().compile()(*args))
    names = set(primitives(traced.jaxpr))
    _met.update(names)
    try:
        ours = evaluate(traced.jaxpr, jax.tree.leaves(args))
    except Mismatch:
        raise
    except Unsuitable as why:
        if not may_refuse or why.__cause__ not in (
            None,
            why,
        ):  # an error within a rule is none that it chose
            raise
        return names
    assert len(ours) == len(right)
    for number, (x, y) in enumerate(zip(ours, right)):
        same(x, y, f"output {number}", **tolerance)
    return names


def primitives(jaxpr: Any) -> Iterator[str]:
    """The names of a jaxpr's primitives, those inside calls and loops too."""
    for eqn in getattr(jaxpr, "jaxpr", jaxpr).eqns:
        yield eqn.primitive.name
        for inside in jax.tree.leaves(list(eqn.params.values()), is_leaf=_has_equations):
            if _has_equations(inside):
                yield from primitives(inside)


def _has_equations(x):
    return hasattr(getattr(x, "jaxpr", x), "eqns")


def same(
    ours: Any, right: Any, what: str, ulps: float = ULPS, scale: float = 0.0, signed: bool = True
) -> None:
    """Assert that an array is what XLA gives.

    Args:
        ours, right: arrays of JAX; shapes, kinds, integers, NaN and infinities are the same.
        what: the name of the array.
        ulps: how far floats may be apart, in units of float32's last place; at least two of
            their own kind's.
        scale: the size of the numbers that were summed, which errors are relative to.
        signed: whether zeros have the same sign too.
    """
    assert (ours.shape, ours.dtype) == (right.shape, right.dtype), what
    if jnp.issubdtype(ours.dtype, jax.dtypes.prng_key):
        ours, right = jax.random.key_data(ours), jax.random.key_data(right)
    ours, right = np.asarray(ours), np.asarray(right)
    if ours.dtype.kind in "biu":
        np.testing.assert_array_equal(ours, right, what)
        return
    if ours.dtype.kind == "c":
        ours, right = (np.stack([x.real, x.imag]) for x in (ours, right))
    facts = jnp.finfo(ours.dtype)
    rtol = max(ulps * 2.0**-23, 2 * float(facts.eps) if ulps else 0)
    atol = rtol * scale + (float(facts.tiny) if ulps else 0)
    wide, wanted = ours.astype(np.float64), right.astype(np.float64)
    np.testing.assert_allclose(wide, wanted, rtol, atol, err_msg=what)
    if signed:
        zeros = (wide == 0) & (wanted == 0)
        np.testing.assert_array_equal(np.signbit(wide[zeros]), np.signbit(wanted[zeros]), what)


def some(dtype: Any, shape: Any = (), seed: int = 0) -> np.ndarray:
    """Well-behaved random numbers of a kind: floats around 0, small integers, coins."""
    random, dtype = np.random.RandomState(seed), jnp.dtype(dtype)
    if dtype.kind == "b":
        return random.rand(*shape) < 0.5
    if jnp.issubdtype(dtype, jnp.integer):
        return random.randint(-9 if dtype.kind == "i" else 0, 10, shape).astype(dtype)
    return np.asarray(2 * random.randn(*shape)).astype(dtype)


def odd(dtype: Any) -> np.ndarray:
    """Numbers of a kind at which functions go wrong, in a row."""
    dtype = jnp.dtype(dtype)
    if dtype.kind == "b":
        return np.array([False, True])
    if jnp.issubdtype(dtype, jnp.integer):
        facts = jnp.iinfo(dtype)
        near = [facts.min, facts.min + 1, facts.max // 2, facts.max - 1, facts.max]
        return np.array([*near, -2 % 256 if facts.min == 0 else -2, 0, 1, 2, 3, 7, 31, 100], dtype)
    facts = jnp.finfo(dtype)
    sizes = [0.0, 1.0, 0.5, 1.5, 2.5, 0.49999997, 1e-3, 3.1415927, 7.0, 88.8, 3e4]
    edges = [float(facts.max), float(facts.tiny), np.inf]
    up = np.array([*sizes, *edges, np.nan])
    return np.concatenate([up, -up[:-1]]).astype(dtype)
