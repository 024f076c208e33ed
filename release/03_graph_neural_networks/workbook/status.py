"""How things end, each word once: submissions, exercises, cases, and the steps of a sandbox."""

import enum


class Status(enum.StrEnum):
    """A word that results, pages and tables show as it is."""

    # a case, and an exercise whose cases all ended so
    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"  # of a step in the sandbox too
    NOT_STARTED = "not started"
    # an exercise some of whose cases passed
    PARTLY = "partly right"
    # whatever a grader's limits ended
    TIMED_OUT = "timed out"
    OUT_OF_MEMORY = "out of memory"
    TOO_MUCH_OUTPUT = "too much output"
    TOO_MANY_FILES = "too many files"
    CRASHED = "crashed"
    NOT_RUN = "not run"
    # a step in the sandbox that ran to its end
    OK = "ok"
    # a submission
    GRADED = "graded"
    BLANK = "blank"
    UNREADABLE = "unreadable"
    WRONG_PRACTICAL = "wrong practical"


# What says most of an exercise whose cases ended in several ways, the first of them that occurs.
STRUCK = (
    Status.TIMED_OUT,
    Status.OUT_OF_MEMORY,
    Status.TOO_MUCH_OUTPUT,
    Status.TOO_MANY_FILES,
    Status.CRASHED,
)
