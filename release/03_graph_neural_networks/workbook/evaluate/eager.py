"""Calls of compiled functions taken away from the compiler: what one runs op by op profits too."""

import contextlib
import functools
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from workbook.evaluate import Unsuitable, evaluate, is_on

NAME = "_pjit_call_impl_python"  # through it goes every call that has no compiled program yet
DONE = "_evaluated_by_workbook"


def install() -> bool:
    """Evaluate this process's small programs, jitted or op by op, with NumPy; whether it can be.

    Reaches into JAX at one place; where this JAX isn't built that way, nothing changes but speed.
    Starts no backend.
    """
    place = _place() if is_on() else None
    if place and not getattr(getattr(place, NAME), DONE, False):
        setattr(place, NAME, _taken_over(getattr(place, NAME)))
    return place is not None


@contextlib.contextmanager
def installed() -> Iterator[None]:
    """Have it so inside the with block."""
    place = _place()
    before = getattr(place, NAME, None)
    install()
    try:
        yield
    finally:
        if place:
            setattr(place, NAME, before)


def _place() -> ModuleType | None:
    """The module of JAX that calls programs."""
    try:
        from jax._src import pjit
    except ImportError:
        return None
    return pjit if callable(getattr(pjit, NAME, None)) else None


def _taken_over(original):
    @functools.wraps(original)
    def call(*args: Any, jaxpr: Any, **facts: Any) -> Any:
        from workbook.evaluate import program

        mine = is_on() and not program.is_compiling()
        if mine and not any(facts.get("donated_invars", ())):
            try:
                program.spend(jaxpr.jaxpr)
                return evaluate(jaxpr, args), None, None, []
            except Unsuitable:
                pass
        return original(*args, jaxpr=jaxpr, **facts)

    setattr(call, DONE, True)
    return call
