"""What students are told of a case whose verdict the answer key alone can't explain."""

import builtins
import re

from workbook.key import Verdict
from workbook.values import Failure

from autograder.grading.runs import Run
from autograder.status import Status

STRUCK = {  # what to tell a student whose code met a limit
    Status.TIMED_OUT: "it was still running when its time was over: is there a loop that never ends?",
    Status.OUT_OF_MEMORY: "it asked for more memory than there is: look at the shapes it makes",
    Status.TOO_MUCH_OUTPUT: "it printed more than is allowed: remove the print",
    Status.TOO_MANY_FILES: "it made more files than there is room for",
    Status.CRASHED: "it ended Python itself",
    Status.NOT_RUN: "the submission's time was over before this could run",
}
QUIET = "it isn't right, even with the reference for what it needs"
UNTOLD = "it isn't right; the submission's time was over before it could run for its message"

UNCHOSEN = (Status.PASSED, Status.NOT_RUN)  # which say nothing that code could choose to say


def explained(verdict: Verdict, case: Run, cell: Run | None, quiet: bool) -> Verdict:
    """The verdict as a student gets it.

    Args:
        cell: the exercise's own cell, if it didn't run to its end.
        quiet: the code could read a reference and say it: none of its words is repeated.
    """
    failure = case.outcome.failure
    if verdict.status in UNCHOSEN:
        return Verdict(verdict.status, STRUCK.get(verdict.status, ""))
    if quiet:  # a number is a word too, in small, and so are an exit status and the limit met
        return Verdict(Status.FAILED, QUIET)
    if case.untold:
        return Verdict(verdict.status, UNTOLD)
    if case.struck:
        return Verdict(case.struck, _of_limit(case.struck, failure))
    if cell and failure and failure.type == "NameError" and verdict.status == Status.ERROR:
        return _of_cell(cell)
    return verdict


def _of_limit(struck: Status, failure: Failure | None) -> str:
    """What to tell of a limit; for a crash the sandbox's own words (never the student's)."""
    return failure.message if struck == Status.CRASHED and failure else STRUCK[struck]


def _of_cell(cell: Run) -> Verdict:
    """Why an exercise's name isn't there: its cell failed."""
    failure = cell.outcome.failure
    if cell.struck:
        return Verdict(cell.struck, f"its cell was stopped: {_of_limit(cell.struck, failure)}")
    assert failure, "a cell that ends by itself and not well has failed"
    known = isinstance(getattr(builtins, failure.type, None), type)
    message = re.sub(r"<ipython-input[^<>]*>, |<unknown>, ", "", failure.message)
    line = f" ({failure.line})" if failure.line else ""
    what = failure.type if known else "an error"
    return Verdict(Status.ERROR, f"its cell stops with {what}: {message}{line}")
