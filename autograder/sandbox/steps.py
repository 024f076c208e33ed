"""What a sandbox is asked to run, what it may use, and how that ended."""

from dataclasses import dataclass, field

from workbook.values import Failure, Observed

from autograder.status import Status


@dataclass(frozen=True)
class Cell:
    """A notebook cell, run with IPython's semantics."""

    name: str
    source: str


@dataclass(frozen=True)
class Case:
    """A test case: `source` defines the function `case` after all that it needs."""

    exercise: str
    case: str
    source: str


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Seconds of a cell or case don't count while it waits for a processor, on a machine that is busy.
    """

    cell_seconds: float = 20
    case_seconds: float = 10
    submission_seconds: float = 240
    memory_bytes: int = 4 << 30
    output_bytes: int = 10_000_000  # a step
    processes: int = 16
    threads: int = 1024  # of all its processes
    file_bytes: int = 64 << 20
    files: int = 20_000


DEFAULT = Limits()


@dataclass
class StepResult:
    """How one step ended."""

    status: Status
    failure: Failure | None = None
    observations: list[Observed] = field(default_factory=list)
    output: str = ""
    seconds: float = 0.0
