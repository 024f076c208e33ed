"""A jaxpr as a list of NumPy calls, made once and run as often as it is needed."""

import contextlib
import functools
import importlib
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax.extend.core import Literal

from workbook.evaluate.randomness import is_known, joined, words
from workbook.evaluate.rules import RULES, Unsuitable

for _rules in ("shapes", "indexing", "contractions", "control"):
    importlib.import_module(f"workbook.evaluate.{_rules}")

# Beyond these a compiled program is faster, its compilation included.
MOST_STEPS = 10_000  # equations, a loop's as often as they run
MOST_WORK = 20_000_000  # numbers made, multiply-adds by a quarter
MOST_BOUND = 8  # primitives that have no rule and are compiled one by one


@dataclass(frozen=True)
class Cost:
    """What running a program takes at least: a loop without a known end counts once."""

    steps: int = 0
    work: float = 0.0
    bound: int = 0  # primitives without a rule

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.steps + other.steps, self.work + other.work, self.bound + other.bound)

    def __mul__(self, times: int) -> "Cost":
        return Cost(self.steps * times, self.work * times, self.bound * times)

    def check(self) -> None:
        """Raise Unsuitable where a compiled program is faster."""
        if self.steps > MOST_STEPS or self.work > MOST_WORK or self.bound > MOST_BOUND:
            raise Unsuitable("too much work")


class Program:
    """A jaxpr (without its constants) made ready; calling it evaluates it with NumPy.

    Raises Unsuitable, when made or called, for what is better compiled.
    """

    def __init__(self, jaxpr: Any):
        if jaxpr.effects:
            raise Unsuitable("it has effects")
        self._places: dict[Any, int] = {}
        self._blank: list[Any] = []
        self.cost, self.calls = Cost(), 0
        self._inputs = [self._place(var) for var in [*jaxpr.constvars, *jaxpr.invars]]
        self._calls = [self._call(eqn) for eqn in jaxpr.eqns]
        self._outputs = [self._place(var) for var in jaxpr.outvars]
        self.inputs = [var.aval for var in jaxpr.invars]
        self.outputs = [var.aval for var in jaxpr.outvars]

    def _place(self, var):
        """Where a variable's value will lie; a literal's lies there already."""
        if isinstance(var, Literal):
            self._blank.append(np.asarray(var.val, var.aval.dtype))
            return len(self._blank) - 1
        if var not in self._places:
            self._places[var] = len(self._blank)
            self._blank.append(None)
        return self._places[var]

    def _call(self, eqn):
        call, cost = _function(eqn)
        self.cost += cost
        self.cost.check()
        places = [self._place(var) for var in eqn.invars]
        facts = [(self._place(var), var.aval.shape, kind(var.aval.dtype)) for var in eqn.outvars]
        return call, places, facts, eqn.primitive.multiple_results

    def __call__(self, consts: Sequence[Any], *args: Any) -> list[Any]:
        values = self._blank.copy()
        for place, value in zip(self._inputs, (*consts, *args), strict=True):
            values[place] = value
        for call, places, facts, several in self._calls:
            result = call(*[values[place] for place in places])
            for (place, shape, dtype), one in zip(facts, result if several else (result,)):
                if one.shape != shape or one.dtype != dtype:
                    raise Mismatch(f"{one.dtype}{one.shape}, not {dtype}{shape}")
                values[place] = one
        return [values[place] for place in self._outputs]


class Mismatch(Unsuitable):
    """A rule gave another shape or kind than the equation says: a fault of the rule."""


def kind(dtype: Any) -> np.dtype:
    """The NumPy kind of what lies in the place of an array."""
    return np.dtype(np.uint64) if is_known(dtype) else dtype


def _function(eqn) -> tuple[Callable, Cost]:
    """What evaluates an equation, and what that costs."""
    size = sum(_size(var.aval) for var in eqn.outvars)
    make = RULES.get(eqn.primitive.name)
    if make and all(_is_plain(var.aval) for var in (*eqn.invars, *eqn.outvars)):
        call = make(eqn)
        cost = getattr(call, "cost", None)
        return call, cost or Cost(1, size + getattr(call, "work", 0) / 4)
    return _bound(eqn), Cost(1, size, 1)


def _size(aval):
    return aval.size if hasattr(aval, "size") else 0


def _is_plain(aval):
    dtype = getattr(aval, "dtype", None)
    if dtype is None:
        return False
    return is_known(dtype) or (
        isinstance(dtype, np.dtype) and (dtype.kind in "biufc" or dtype.name == "bfloat16")
    )


def _bound(eqn):
    """A primitive without a rule: one compiled program of it alone."""
    primitive = eqn.primitive
    found = primitive.get_bind_params(eqn.params)
    functions, params = found if isinstance(found, tuple) else ((), found)  # before JAX 0.9
    avals = [var.aval for var in eqn.invars]

    def call(*args):
        with compiling():
            result = primitive.bind(*functions, *to_jax(args, avals), **params)
        if primitive.multiple_results:
            return map(to_numpy, result)
        return to_numpy(result)

    return call


class _Here(threading.local):
    compiling = False


_here = _Here()


@contextlib.contextmanager
def compiling() -> Iterator[None]:
    """Calls inside the with block are the compiler's: nobody takes them away from it."""
    before, _here.compiling = _here.compiling, True
    try:
        yield
    finally:
        _here.compiling = before


def is_compiling() -> bool:
    """Whether a `with compiling():` of this thread is open."""
    return _here.compiling


# ---------------------------------------------------------------- to and fro


def to_numpy(x: Any, aval: Any = None) -> np.ndarray:
    """An array of JAX, NumPy or Python as what rules work with, of an abstract value's kind."""
    dtype = getattr(x, "dtype", None)
    if isinstance(dtype, np.dtype) or dtype is None:
        # a NumPy array may change after the call, and its result mustn't
        return np.array(x, getattr(aval, "dtype", None), copy=isinstance(x, np.ndarray) or None)
    if is_known(dtype):
        return joined(np.asarray(jax.random.key_data(x)))
    raise Unsuitable("another generator of random numbers")


def to_jax(values: Sequence[Any], avals: Sequence[Any]) -> list[jax.Array]:
    """The same as arrays of JAX, of the kinds that abstract values say."""
    keys = [is_known(aval.dtype) for aval in avals]
    plain = [words(x) if key else np.asarray(x) for x, key in zip(values, keys)]
    arrays = jax.device_put(plain)
    if any(keys):
        wrap = functools.partial(jax.random.wrap_key_data, impl="threefry2x32")
        arrays = [wrap(x) if key else x for x, key in zip(arrays, keys)]
    if any(aval.weak_type for aval in avals):
        arrays = [_weakened(x) if aval.weak_type else x for x, aval in zip(arrays, avals)]
    return arrays


def _weakened(x):
    """The same array, of a kind that gives way to others."""
    if x.ndim == 0:
        return jax.device_put(x.item())
    from jax._src.array import ArrayImpl  # no public function makes one without compiling

    weak = x.aval.update(weak_type=True)
    return ArrayImpl(weak, x.sharding, x._arrays, committed=x.committed, _skip_checks=True)


# ---------------------------------------------------------------- kept by jaxpr

_programs: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def program_of(jaxpr: Any) -> Program:
    """The program of a jaxpr, made at its first use; Unsuitable where there is none."""
    found = _programs.get(jaxpr)
    if found is None:
        try:
            found = Program(jaxpr)
        except Unsuitable as why:
            found = str(why)
        except Exception as why:  # facts of another JAX that a rule doesn't know
            found = f"{type(why).__name__}: {why}"
        _programs[jaxpr] = found
    if isinstance(found, str):
        raise Unsuitable(found)
    return found


def spend(jaxpr: Any) -> None:
    """Note that a program is called once more; Unsuitable when compiling it will have paid."""
    ready = program_of(jaxpr)
    ready.calls += 1
    try:
        (ready.cost * ready.calls).check()
    except Unsuitable as why:
        mark_unsuitable(jaxpr, str(why))
        raise


def mark_unsuitable(jaxpr: Any, why: str) -> None:
    """Have a jaxpr compiled from now on."""
    _programs[jaxpr] = why
