"""Calls of students' functions, each as one program."""

import contextlib
import functools
import io
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from workbook.evaluate import Unsuitable, evaluate, is_on

ALSO_FORGET: list[Callable[[], None]] = []  # what else is kept by the function that it calls


def forget() -> None:
    """Forget every compiled program: a function that one calls may have changed."""
    _program.cache_clear()
    for forget_more in ALSO_FORGET:
        forget_more()


def run(f: Callable, *args: Any, **kwargs: Any) -> Any:
    """The value of f(*args, **kwargs): one program where f traces, op by op where not.

    A small program is evaluated, a large one compiled. Arrays are its inputs, all other arguments are fixed in it. An error while
    tracing, or anything printed, leads to a plain second call, whose outcome counts.
    """
    import jax.numpy as jnp

    call = split(args, kwargs)
    printed = io.StringIO()
    with contextlib.suppress(Exception), contextlib.redirect_stdout(printed):
        value = _value(f, *call)
        if not printed.getvalue():
            return value
    tree, is_array, fixed, arrays = call
    args, kwargs = joined(tree, is_array, fixed, map(jnp.asarray, arrays))
    return f(*args, **kwargs)


def split(args: tuple, kwargs: dict) -> tuple[Any, tuple[bool, ...], tuple, list]:
    """(tree, which leaves are arrays, the other leaves with their types, the arrays) of a call."""
    import jax

    leaves, tree = jax.tree.flatten((args, kwargs))
    is_array = tuple(isinstance(x, jax.Array | np.ndarray) for x in leaves)
    fixed = tuple((type(x), x) for x, traced in zip(leaves, is_array) if not traced)
    return tree, is_array, fixed, [x for x, traced in zip(leaves, is_array) if traced]


def joined(tree: Any, is_array: tuple, fixed: tuple, arrays: Iterable) -> tuple[tuple, dict]:
    """The (args, kwargs) that split took apart."""
    import jax

    given, others = iter(arrays), iter(fixed)
    return jax.tree.unflatten(tree, [next(given) if x else next(others)[1] for x in is_array])


def _value(*call):
    """What a call gives, evaluated where that is faster than compiling it."""
    import jax

    if is_on():
        traced = _program().trace(*call)
        with contextlib.suppress(Unsuitable):
            leaves = evaluate(traced.jaxpr, call[-1])
            return jax.tree.unflatten(jax.tree.structure(traced.out_info), leaves)
    return _program()(*call)


@functools.cache
def _program():
    import jax

    def call(f, tree, is_array, fixed, arrays):
        args, kwargs = joined(tree, is_array, fixed, arrays)
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
