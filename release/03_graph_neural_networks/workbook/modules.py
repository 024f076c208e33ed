"""Students' Haiku modules made testable: parameters by path and shape alone, and values."""

import contextlib
import functools
import io
import re
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbook.calls import ALSO_FORGET, joined, run, split
from workbook.evaluate import Unsuitable, evaluate, is_on
from workbook.inputs import stream

Shapes = dict[tuple[str, str], tuple[int, ...]]  # by path and name


@dataclass(frozen=True)
class Traced:
    """A module traced once: its parameters, and its value as a program of them and its inputs."""

    shapes: Shapes
    program: Any = None  # a closed jaxpr whose constants are the parameters; None: there is none
    constants: tuple[Any, ...] = ()  # in their order; for a parameter its path and name
    tree: Any = None  # of the value

    def value(self, params: Any, arrays: list) -> Any:
        """The module's value; Unsuitable where its pure function must be called."""
        import jax

        given = {(path, name): x for path in params for name, x in params[path].items()}
        if self.program is None or {key: x.shape for key, x in given.items()} != self.shapes:
            raise Unsuitable("it isn't traced with such parameters")
        if any(x.dtype != np.float32 for x in given.values()):
            raise Unsuitable("parameters of a rare kind")
        consts = [given[x] if isinstance(x, tuple) else x for x in self.constants]
        return jax.tree.unflatten(self.tree, evaluate(self.program, arrays, consts))


_traced: dict[tuple, Traced] = {}  # once for each module and shape of its inputs is enough


class module:
    """A Haiku module class made testable: its parameters by path and shape, and its value."""

    def __init__(self, cls: type | None, *args: Any, **kwargs: Any):
        if cls is None:
            raise NameError("the class isn't defined: run its cell first")
        self._call, self._pure = _transformed(cls, args, tuple(sorted(kwargs.items())))

    def _trace(self, inputs, kwargs, call) -> Traced:
        """The module traced with these arguments, which `call` is what split made of."""
        tree, is_array, fixed, arrays = call
        known = (self._pure, tree, is_array, fixed, tuple((x.shape, x.dtype) for x in arrays))
        if known not in _traced:
            made = _as_program(self._call, call) if is_on() else None
            _traced[known] = made or Traced(self._shapes(inputs, kwargs))
        return _traced[known]

    def _shapes(self, inputs, kwargs):
        import jax

        def init(key):
            return self._pure.init(key, *inputs, **kwargs)

        key = np.zeros(2, np.uint32)
        try:
            params = jax.eval_shape(init, key)
        except jax.errors.ConcretizationTypeError:  # it asks for numbers, as a plain call may
            params = init(key)
        return {(path, name): x.shape for path in params for name, x in params[path].items()}

    def shapes(self, *inputs: Any, **kwargs: Any) -> list[tuple[str, tuple[int, ...]]]:
        """Sorted (path, shape) of every parameter."""
        shapes = self._trace(inputs, kwargs, split(inputs, kwargs)).shapes
        return sorted((_plain_path(path, name), shape) for (path, name), shape in shapes.items())

    def fill(self, *inputs: Any, seed: int = 0, **kwargs: Any) -> dict[str, dict[str, Any]]:
        """Parameters that depend on seed, path and shape alone, not on the module's initialisers."""
        import jax

        params: dict[str, dict[str, Any]] = {}
        traced = self._trace(inputs, kwargs, split(inputs, kwargs))
        for (path, name), shape in traced.shapes.items():
            numbers = stream([seed, zlib.crc32(_plain_path(path, name).encode())])
            scale = np.sqrt(shape[0]) if len(shape) > 1 else 2.0
            value = numbers.normal(size=shape) / scale
            params.setdefault(path, {})[name] = value.astype(np.float32)
        return jax.device_put(params)

    def init(self, *inputs: Any, seed: int = 0, **kwargs: Any) -> dict[str, dict[str, Any]]:
        """The parameters that the module's own initialisers draw."""
        return run(
            lambda key: self._pure.init(key, *inputs, **kwargs), np.array([0, seed], np.uint32)
        )

    def __call__(self, params, *inputs, **kwargs):
        if is_on():
            with contextlib.suppress(Exception):  # also whatever is odd about the parameters
                call = split(inputs, kwargs)
                return self._trace(inputs, kwargs, call).value(params, call[-1])
        return run(self._pure.apply, params, *inputs, **kwargs)


def _plain_path(path, name):
    """A parameter's path without Haiku's marks ("~") for layers made outside __call__."""
    return re.sub(r"/~[^/]*", "", f"{path}/{name}")


@functools.lru_cache(maxsize=64)
def _transformed(cls, args, kwargs):
    """(a call of the module, the same as pure functions)."""
    import haiku as hk

    def call(*inputs, **options):
        return cls(*args, **dict(kwargs))(*inputs, **options)

    return call, hk.without_apply_rng(hk.transform(call))


@functools.lru_cache(maxsize=4096)
def _array(shape, dtype, number):
    """An array that is another one for each number."""
    import jax

    with jax.ensure_compile_time_eval():
        return jax.device_put(np.zeros(shape, dtype))


def _as_program(call, of) -> Traced | None:
    """A call traced once, with a mark in each parameter's place; None where that can't be.

    Nothing is drawn: a module that asks for random numbers beside its initialisers fails here as
    it does when it is applied.
    """
    import haiku as hk
    import jax
    import jax.numpy as jnp

    tree, is_array, fixed, arrays = of
    marks: dict[tuple[str, str], Any] = {}
    values: list[Any] = []

    def mark(creator, shape, dtype, init, context):
        place = _array(tuple(shape), np.dtype(dtype), len(marks))
        marks[context.module_name, context.name] = place
        return jnp.array(place)  # traced, so that its numbers can't be looked at

    def marked(*inputs, **options):
        with hk.custom_creator(mark):
            values.append(call(*inputs, **options))

    def whole(arrays):
        inputs, options = joined(tree, is_array, fixed, arrays)
        params.update(hk.transform(marked).init(None, *inputs, **options))
        return values.pop()

    params: dict[str, dict] = {}
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            program, shape = jax.make_jaxpr(whole, return_shape=True)(arrays)
    except Exception:
        return None
    names = {id(place): key for key, place in marks.items()}
    constants = tuple(names.get(id(x), x) for x in program.consts)
    found = {(path, name) for path in params for name in params[path]}
    if (
        printed.getvalue()
        or found != set(marks)
        or not found <= {x for x in constants if isinstance(x, tuple)}
    ):
        return None
    shapes = {key: marks[key].shape for path in params for key in ((path, n) for n in params[path])}
    return Traced(shapes, program, constants, jax.tree.structure(shape))


ALSO_FORGET.extend([_transformed.cache_clear, _traced.clear])
