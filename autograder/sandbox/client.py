"""The trusted side: gives a submission's steps to a sandbox and believes nothing it says."""

import contextlib
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbook.values import Failure

from autograder.sandbox.conversation import Child, Struck
from autograder.sandbox.host import Host, ZygoteDied
from autograder.sandbox.inside import protocol
from autograder.sandbox.steps import DEFAULT, Allowance, Case, Cell, Limits, StepResult
from autograder.status import Status

USED_UP = (
    "can't start new thread",
    "Resource temporarily unavailable",
    "Too many open files",
    "No space left on device",
)


LOOK_EVERY = 0.5  # seconds


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

    def allowance(self, seconds: float | None = None) -> Allowance:
        """A submission's time, for all the runs that it causes; None: what its limits say."""
        most = self.limits.submission_seconds
        return Allowance(most if seconds is None else min(seconds, most))

    def run(
        self, steps: Sequence[Cell | Case], folder: str, allowance: Allowance | None = None
    ) -> list[StepResult]:
        """Run one submission's steps in order, in a fresh child whose files are `folder`'s.

        `allowance` is what earlier runs left of its time; without it this is the only run.
        """
        allowance, asked = allowance or self.allowance(), time.monotonic()
        self._host.await_ready()
        allowance.lend(time.monotonic() - asked)  # its imports aren't the submission's time
        run = _Run(self._host, self.limits, folder, allowance)
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

    def __init__(self, host, limits, folder, allowance):
        self._host, self._limits, self._folder = host, limits, folder
        self._allowance, self._looked = allowance, 0.0
        self._child, self._done = None, []
        self._slow = set()  # exercises with a case that ran out of time
        self._kept: Counter[str] = Counter()  # bytes of the values of each exercise's cases
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
        left = self._allowance.left
        if not left or (left <= self._limits.cell_seconds and self._is_time_to_look()):
            self._allowance.credit(self._child_waited())
        while self._child is None and self._allowance.left:
            self._child = self._new_child()
            for cell in list(self._done):
                timed_out = self._attempt(cell).status == Status.TIMED_OUT
                if self._child is None or timed_out:
                    self._blame(cell)
                    self.close()
                    break
        return self._allowance.left > 0

    def _is_time_to_look(self):
        """Whether the last look at what the child waited is long ago: looking costs milliseconds."""
        now = time.monotonic()
        is_time = now - self._looked > LOOK_EVERY
        self._looked = now if is_time else self._looked
        return is_time

    def _child_waited(self):
        """Seconds that the child waited for a processor: they aren't the submission's own."""
        return 0.0 if self._child is None else self._host.usage().waited_seconds

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
        left = self._allowance.left
        try:
            failure, observations = self._child.ask(
                step, min(seconds, left), self._allowance.latest
            )
            result = StepResult(_status(failure), failure, observations)
            if isinstance(step, Case):
                result = self._within_bounds(step, result)
        except Struck as struck:
            result = StepResult(struck.status, struck.failure)
        if result.status == Status.TIMED_OUT:
            if left < seconds:
                self._allowance.use_up()
            if isinstance(step, Case):
                self._slow.add(step.exercise)
        result.output = self._child.tail()
        result.seconds = time.monotonic() - started
        if self._child.broken or _is_used_up(result):
            self._end_child()
        return result

    def _within_bounds(self, case, result):
        """The result, without its values if they make its exercise's more than we hold."""
        self._kept[case.exercise] += self._child.heard
        if self._kept[case.exercise] <= self._limits.value_bytes:
            return result
        self._kept[case.exercise] -= self._child.heard
        return StepResult(Status.ERROR, Failure("ValueError", protocol.TOO_LARGE))

    def _seconds(self, step):
        """A step's time; once a case was too slow, its exercise's other cases get a quarter."""
        if isinstance(step, Cell):
            return self._limits.cell_seconds
        return self._limits.case_seconds / (4 if step.exercise in self._slow else 1)

    def _end_child(self):
        with contextlib.suppress(ZygoteDied):
            self._allowance.keep(self._child_waited())
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
