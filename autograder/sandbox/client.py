"""The trusted side: gives a submission's steps to a sandbox and believes nothing it says."""

import contextlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.sandbox.conversation import Child, Struck
from autograder.sandbox.host import Host, ZygoteDied
from autograder.sandbox.steps import DEFAULT, Case, Cell, Limits, StepResult
from autograder.status import Status

USED_UP = (
    "can't start new thread",
    "Resource temporarily unavailable",
    "Too many open files",
    "No space left on device",
)


PATIENCE = 4  # times its seconds that a submission may take while others have the processors


class Sandbox:
    """A zygote in a sandbox, and the child that runs the current submission.

    Args:
        files: what students get, as folders by name.
        level: "bubblewrap" or "process"; None takes bubblewrap where it works.
    """

    def __init__(
        self,
        files: Mapping[str, Path],
        limits: Limits = DEFAULT,
        level: str | None = None,
    ):
        self.limits, self.cpu_seconds = limits, 0.0
        self._host = Host(files, level)
        self.level = self._host.level

    @property
    def keeps_files_apart(self) -> bool:
        """Whether code inside can't open files that only our own user may read."""
        return self._host.keeps_files_apart

    def run(self, steps: Sequence[Cell | Case], folder: str) -> list[StepResult]:
        """Run one submission's steps in order, in a fresh child whose files are `folder`'s."""
        self._host.await_ready()  # its imports aren't the submission's time
        run = _Run(self._host, self.limits, folder)
        try:
            return [run.step(step) for step in steps]
        finally:
            run.close()
            self.cpu_seconds = run.cpu_seconds

    def close(self) -> None:
        """End every process of this sandbox, also one that is grading in another thread."""
        self._host.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


class _Run:
    """One submission: a child, and what a fresh child must repeat to take its place."""

    def __init__(self, host, limits, folder):
        self._host, self._limits, self._folder = host, limits, folder
        self._started = time.monotonic()
        self._deadline = self._started + limits.submission_seconds
        self._waited = 0.0  # seconds that earlier children waited for a processor
        self._used_up = False  # a step took all the time that was left
        self._child, self._done = None, []
        self._slow = set()  # exercises with a case that ran out of time
        self._failed_again = set()  # cells that failed once when they were repeated
        self.cpu_seconds = 0.0

    def step(self, step):
        """The result of one step; a dead zygote costs it one retry."""
        result = StepResult(Status.NOT_RUN)
        for attempt in ("first", "last"):
            try:
                if self._ready():
                    result = self._attempt(step)
                break
            except ZygoteDied:
                self._lose_child()
                if attempt == "last":
                    result = StepResult(Status.CRASHED)
        if isinstance(step, Cell) and self._child is not None and result.status != Status.TIMED_OUT:
            self._done.append(step)
        return result

    def _ready(self):
        """Whether there is time and a child that has run the cells so far.

        One that died unasked isn't the next step's fault; a cell that kills the child or takes
        too long twice when it is repeated is left out from then on.
        """
        if self._child is not None and self._host.has_news():
            self._end_child()
        if time.monotonic() + self._limits.cell_seconds >= self._deadline:
            self._credit_waiting()
        while self._child is None and self._has_time():
            self._child = self._new_child()
            for cell in list(self._done):
                timed_out = self._attempt(cell).status == Status.TIMED_OUT
                if self._child is None or timed_out:
                    self._blame(cell)
                    self.close()
                    break
        return self._has_time()

    def _has_time(self):
        return not self._used_up and time.monotonic() < self._deadline

    def _credit_waiting(self):
        """Move the deadline by what the submission waited for a processor: that isn't its own time."""
        waited, own = self._waited, self._limits.submission_seconds
        if self._child is not None:
            waited += self._host.usage().waited_seconds
        self._deadline = self._started + min(own + waited, PATIENCE * own)

    def _blame(self, cell):
        """A cell that ran before and doesn't now gets one more try: the machine may be to blame."""
        if cell in self._failed_again:
            self._done.remove(cell)
        self._failed_again.add(cell)

    def _new_child(self):
        messages, output = self._host.fork(self._folder, self._limits)
        return Child(self._host, messages, output, self._limits)

    def _attempt(self, step):
        """The result of a step in the current child, which is gone if the step killed it."""
        seconds, started = self._seconds(step), time.monotonic()
        left = max(self._deadline - started, 0.0)
        latest = self._started + PATIENCE * self._limits.submission_seconds
        try:
            failure, observations = self._child.ask(step, min(seconds, left), latest)
            result = StepResult(_status(failure), failure, observations)
        except Struck as struck:
            result = StepResult(struck.status, struck.failure)
        if result.status == Status.TIMED_OUT:
            self._used_up = left < seconds
            if isinstance(step, Case):
                self._slow.add(step.exercise)
        result.output = self._child.tail()
        result.seconds = time.monotonic() - started
        if self._child.broken or _is_used_up(result):
            self._end_child()
        return result

    def _seconds(self, step):
        """A step's time; once a case was too slow, its exercise's other cases get a quarter."""
        if isinstance(step, Cell):
            return self._limits.cell_seconds
        return self._limits.case_seconds / (4 if step.exercise in self._slow else 1)

    def _end_child(self):
        with contextlib.suppress(ZygoteDied):
            self._waited += self._host.usage().waited_seconds
        self._child.close()
        self._child = None
        self.cpu_seconds += self._host.clear()

    def _lose_child(self):
        if self._child is not None:
            self._child.close()
            self._child = None
        self._host.abandon()

    def close(self):
        """Leave nothing of the submission behind."""
        if self._child is not None:
            self._end_child()


def _status(failure):
    if failure is None:
        return Status.OK
    out_of_memory = failure.type == "MemoryError" or "RESOURCE_EXHAUSTED" in failure.message
    return Status.OUT_OF_MEMORY if out_of_memory else Status.ERROR


def _is_used_up(result):
    """Whether a step took all of something and keeps it from the steps that follow."""
    return result.status == Status.OUT_OF_MEMORY or any(
        words in (result.failure.message if result.failure else "") for words in USED_UP
    )
