"""Running a test case: what it expects of a student's work, and how it fails."""

import contextlib
import dis
import functools
import inspect
import linecache
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from workbook.key import Answers
from workbook.values import CaseOutcome, Failure, Observed, encode

_outcome: CaseOutcome | None = (
    None  # the case that run_case is running: expect only notes values for it
)


def run_case(function: Callable, env: Mapping[str, Any]) -> CaseOutcome:
    """Call a case with the names it asks for from env; note what it expects and how it fails."""
    global _outcome
    _outcome = outcome = CaseOutcome()
    try:
        names = list(inspect.signature(function).parameters)
        if missing := [name for name in names if name not in env]:
            raise NameError(f"{missing[0]} isn't defined: run its cell first")
        function(**{name: env[name] for name in names})
    except (Exception, SystemExit) as error:
        outcome.failure = describe_failure(error, env)
    finally:
        _outcome = None
    return outcome


def describe_failure(error: BaseException, env: Mapping[str, Any]) -> Failure:
    """The Failure of an exception; `line` is the innermost line of code whose globals are env."""
    line, own = "", False
    for frame, number in traceback.walk_tb(error.__traceback__):
        own = frame.f_globals is env
        if own:
            line = f"line {number}: {linecache.getline(frame.f_code.co_filename, number).strip()}"
    own = own and _raises(_innermost(error.__traceback__))
    with contextlib.suppress(Exception):
        return Failure(type(error).__name__, str(error)[:1000], line[:300], own)
    return Failure(type(error).__name__, "", line[:300], own)


def _innermost(trace):
    while trace.tb_next:
        trace = trace.tb_next
    return trace


def _raises(trace):
    """Whether what stopped there is a `raise` or an `assert`."""
    return trace.tb_frame.f_code.co_code[trace.tb_lasti] == dis.opmap["RAISE_VARARGS"]


def expect(
    value: Any, rtol: float | None = None, atol: float | None = None, judge: str | None = None
) -> None:
    """State a value that the case is about; it is compared with the reference's value.

    Args:
        value: any pytree of arrays, numbers, strings and None.
        rtol, atol: tolerances for floats (default 1e-4 and 1e-5); other kinds must be equal.
        judge: a function of judges.py; the grader compares what it makes of the value.

    Raises:
        AssertionError: under plain otter, when the value differs.
    """
    tree, arrays = encode(value)
    seen = Observed(tree, arrays, rtol, atol, judge)
    if _outcome is not None:
        _outcome.observations.append(seen)
    else:
        _expect_now(seen, sys._getframe(1))


_counted = (None, 0)  # under plain otter: the running case's frame, and its expects so far


def _expect_now(seen, frame):
    global _counted
    n = _counted[1] if _counted[0] is frame else 0
    _counted = (frame, n + 1)
    answers = answers_for(frame.f_code.co_filename)
    exercise, case = frame.f_globals["name"], frame.f_code.co_name
    reveal = not answers.exercises[exercise]["cases"][case]["hidden"]
    message = answers.difference(seen, answers.observed(exercise, case)[n], reveal)
    assert message is None, message


@functools.lru_cache(maxsize=8)
def answers_for(test_file: str) -> Answers:
    """The answer key beside a test file, or in the working folder."""
    for folder in (Path(test_file).parent, Path()):
        if (folder / "answers.safetensors").exists():
            return Answers.load(folder / "answers.safetensors")
    raise FileNotFoundError("answers.safetensors must lie beside the test files or in this folder")
