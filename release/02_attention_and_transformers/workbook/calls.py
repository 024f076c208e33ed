"""Calls of students' functions and Haiku modules, each as one program."""

import contextlib
import functools
import io
import re
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np


def forget() -> None:
    """Forget every compiled program: a function that one calls may have changed."""
    _program.cache_clear()
    _transformed.cache_clear()
    _SHAPES.clear()


def run(f: Callable, *args: Any, **kwargs: Any) -> Any:
    """The value of f(*args, **kwargs): one compiled program where f traces, op by op where not.

    Arrays are the program's inputs, all other arguments are fixed in it. An error while
    tracing, or anything printed, leads to a plain second call, whose outcome counts.
    """
    import jax
    import jax.numpy as jnp

    leaves, tree = jax.tree.flatten((args, kwargs))
    leaves = [jnp.asarray(x) if isinstance(x, np.ndarray) else x for x in leaves]
    is_array = tuple(isinstance(x, jax.Array) for x in leaves)
    arrays = [x for x, traced in zip(leaves, is_array) if traced]
    fixed = tuple((type(x), x) for x, traced in zip(leaves, is_array) if not traced)
    printed = io.StringIO()
    with contextlib.suppress(Exception), contextlib.redirect_stdout(printed):
        value = _program()(f, tree, is_array, fixed, arrays)
        if not printed.getvalue():
            return value
    args, kwargs = jax.tree.unflatten(tree, leaves)
    return f(*args, **kwargs)


@functools.cache
def _program():
    import jax

    def call(f, tree, is_array, fixed, arrays):
        arrays, fixed = iter(arrays), iter(fixed)
        leaves = [next(arrays) if traced else next(fixed)[1] for traced in is_array]
        args, kwargs = jax.tree.unflatten(tree, leaves)
        return f(*args, **kwargs)

    return jax.jit(call, static_argnums=(0, 1, 2, 3))


@functools.lru_cache(maxsize=64)
def over_keys(f: Callable, count: int) -> Callable:
    """The function (key, ...) that calls f(key, ...) for `count` keys split from one, all at once.

    It is the same object each time, so that `run` compiles it once for many cases.
    """
    import jax

    def call(key, *args, **kwargs):
        return jax.vmap(lambda one: f(one, *args, **kwargs))(jax.random.split(key, count))

    return call


def raises(error: type[Exception], f: Callable, *args: Any, **kwargs: Any) -> bool:
    """Whether a plain call of f raises this type of error (a blank's NotImplementedError goes on)."""
    try:
        f(*args, **kwargs)
    except NotImplementedError:
        raise
    except error:
        return True
    except Exception:
        return False
    return False


_SHAPES: dict[
    tuple, dict[tuple[str, str], tuple[int, ...]]
] = {}  # tracing init once for each module and shape of its inputs is enough


class module:
    """A Haiku module class made testable: its parameters by path and shape, and its value."""

    def __init__(self, cls: type | None, *args: Any, **kwargs: Any):
        if cls is None:
            raise NameError("the class isn't defined: run its cell first")
        self._pure = _transformed(cls, args, tuple(sorted(kwargs.items())))

    def _parameter_shapes(self, inputs, kwargs):
        import jax

        leaves, tree = jax.tree.flatten((inputs, kwargs))
        facts = tuple((x.shape, x.dtype) if hasattr(x, "dtype") else (type(x), x) for x in leaves)
        if (self._pure, tree, facts) not in _SHAPES:
            key = np.zeros(2, np.uint32)
            params = jax.eval_shape(lambda k: self._pure.init(k, *inputs, **kwargs), key)
            _SHAPES[self._pure, tree, facts] = {
                (path, name): leaf.shape for path in params for name, leaf in params[path].items()
            }
        return _SHAPES[self._pure, tree, facts]

    def shapes(self, *inputs: Any, **kwargs: Any) -> list[tuple[str, tuple[int, ...]]]:
        """Sorted (path, shape) of every parameter."""
        shapes = self._parameter_shapes(inputs, kwargs)
        return sorted((_plain_path(path, name), shape) for (path, name), shape in shapes.items())

    def fill(self, *inputs: Any, seed: int = 0, **kwargs: Any) -> dict[str, dict[str, Any]]:
        """Parameters that depend on seed, path and shape alone, not on the module's initialisers."""
        import jax.numpy as jnp

        params: dict[str, dict[str, Any]] = {}
        for (path, name), shape in self._parameter_shapes(inputs, kwargs).items():
            stream = np.random.RandomState([seed, zlib.crc32(_plain_path(path, name).encode())])
            scale = np.sqrt(shape[0]) if len(shape) > 1 else 2.0
            value = stream.normal(size=shape) / scale
            params.setdefault(path, {})[name] = jnp.asarray(value.astype(np.float32))
        return params

    def init(self, *inputs: Any, seed: int = 0, **kwargs: Any) -> dict[str, dict[str, Any]]:
        """The parameters that the module's own initialisers draw."""
        return run(
            lambda key: self._pure.init(key, *inputs, **kwargs), np.array([0, seed], np.uint32)
        )

    def __call__(self, params, *inputs, **kwargs):
        return run(self._pure.apply, params, *inputs, **kwargs)


def _plain_path(path, name):
    """A parameter's path without Haiku's marks ("~") for layers made outside __call__."""
    return re.sub(r"/~[^/]*", "", f"{path}/{name}")


@functools.lru_cache(maxsize=64)
def _transformed(cls, args, kwargs):
    import haiku as hk

    def call(*inputs, **options):
        return cls(*args, **dict(kwargs))(*inputs, **options)

    return hk.without_apply_rng(hk.transform(call))
