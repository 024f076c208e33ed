"""Calls of compiled functions taken away from the compiler: what one runs op by op profits too."""

import functools
from typing import Any

from workbook.evaluate import Unsuitable, evaluate, is_on

DONE = "_evaluated_by_workbook"


def install() -> bool:
    """Evaluate this process's small programs, jitted or op by op, with NumPy; whether it can be.

    Reaches into JAX at one place, through which every call without a compiled program goes; where
    this JAX isn't built that way, nothing changes but speed. Starts no backend.
    """
    try:
        from jax._src import pjit

        original = pjit._pjit_call_impl_python
    except (ImportError, AttributeError):
        return False
    if not is_on():
        return False
    if not getattr(original, DONE, False):
        pjit._pjit_call_impl_python = _taken_over(original)
    return True


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
