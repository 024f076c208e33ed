"""The status words, and which of them may say how a submission, an exercise or a case ended.

They stand in the workbook, as a notebook's grader says some of them too.
"""

from workbook.status import STRUCK, Status

__all__ = ["OF_CASES", "OF_EXERCISES", "OF_SUBMISSIONS", "STRUCK", "Status"]

OF_CASES = frozenset(
    {
        *(Status.PASSED, Status.FAILED, Status.ERROR, Status.NOT_STARTED),
        *(*STRUCK, Status.NOT_RUN),
    }
)
OF_EXERCISES = OF_CASES | {Status.PARTLY}
OF_SUBMISSIONS = frozenset(
    {
        *(Status.GRADED, Status.BLANK, Status.UNREADABLE, Status.WRONG_PRACTICAL),
        *(Status.TIMED_OUT, Status.OUT_OF_MEMORY, Status.CRASHED),
    }
)
