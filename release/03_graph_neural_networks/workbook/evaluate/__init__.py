"""Small programs evaluated with NumPy: what runs once isn't worth compiling.

A traced function (a jaxpr) is evaluated primitive by primitive. What NumPy has no rule for is
compiled by itself; large programs are compiled whole, by whoever asked: `Unsuitable` says so.
AUTOGRADER_EVALUATE=xla has everything compiled.
"""

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from workbook.evaluate.floats import can_flush, flushed
from workbook.evaluate.rules import Unsuitable

__all__ = ["Unsuitable", "evaluate", "everything_compiled", "is_on"]

SWITCH = "AUTOGRADER_EVALUATE"


def is_on() -> bool:
    """Whether programs are evaluated here, not all compiled."""
    if os.environ.get(SWITCH, "numpy") == "xla" or not can_flush():
        return False
    jax = sys.modules.get("jax")  # debugging numbers is the compiler's
    return jax is None or not (jax.config.jax_debug_nans or jax.config.jax_debug_infs)


@contextlib.contextmanager
def everything_compiled() -> Iterator[None]:
    """Nothing is evaluated with NumPy inside the with block."""
    before = os.environ.get(SWITCH)
    os.environ[SWITCH] = "xla"
    try:
        yield
    finally:
        del os.environ[SWITCH]
        if before is not None:
            os.environ[SWITCH] = before


def evaluate(jaxpr: Any, args: Sequence[Any], consts: Sequence[Any] | None = None) -> list[Any]:
    """The outputs of a closed jaxpr for arrays, as JAX's arrays; Unsuitable: have it compiled.

    consts: what stands for its constants, where these aren't its own.
    """
    from workbook.evaluate import program

    ready = program.program_of(jaxpr.jaxpr)
    try:
        with np.errstate(all="ignore"), flushed():
            inputs = map(program.to_numpy, args, ready.inputs)
            fixed = jaxpr.consts if consts is None else consts
            values = ready(list(map(program.to_numpy, fixed)), *inputs)
            return program.to_jax(values, ready.outputs)
    except Unsuitable as why:
        program.mark_unsuitable(jaxpr.jaxpr, str(why))
        raise
    except Exception as why:  # a rule that another JAX gives other facts: the compiler knows
        program.mark_unsuitable(jaxpr.jaxpr, f"{type(why).__name__}: {why}")
        raise Unsuitable(str(why)) from why
