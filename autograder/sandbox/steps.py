"""What a sandbox is asked to run, what it may use, and how that ended."""

import time
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
    value_bytes: int = 8 << 20  # that the cases of an exercise send, as they are held outside
    processes: int = 16
    threads: int = 1024  # of all its processes
    file_bytes: int = 64 << 20
    files: int = 20_000


DEFAULT = Limits()
PATIENCE = 4  # times its seconds that a submission may take while others have the processors


class Allowance:
    """The time of one submission, however often it is run, on one clock."""

    def __init__(self, seconds: float):
        self._seconds, self._started = seconds, time.monotonic()
        self._waited = 0.0  # seconds that children which have ended waited for a processor
        self._is_used_up = False  # a step took all that was left
        self._deadline = self._started + seconds

    @property
    def latest(self) -> float:
        """When it ends whatever happens, as time.monotonic() counts."""
        return self._started + PATIENCE * self._seconds

    @property
    def left(self) -> float:
        """Seconds that are left, as far as is known."""
        return 0.0 if self._is_used_up else max(self._deadline - time.monotonic(), 0.0)

    def lend(self, seconds: float) -> None:
        """Give back what wasn't the submission's: seconds that a sandbox took to start."""
        self._started += seconds
        self._deadline += seconds

    def credit(self, waited: float) -> None:
        """Move the end by what its children waited, those that ended and `waited` of one that runs."""
        self._deadline = min(self._started + self._seconds + self._waited + waited, self.latest)

    def keep(self, waited: float) -> None:
        """Remember what a child that ends has waited."""
        self._waited += waited

    def use_up(self) -> None:
        """Nothing is left, whatever is credited."""
        self._is_used_up = True


@dataclass
class StepResult:
    """How one step ended."""

    status: Status
    failure: Failure | None = None
    observations: list[Observed] = field(default_factory=list)
    output: str = ""
    seconds: float = 0.0
