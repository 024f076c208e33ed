"""A plan in the sandbox: each step that ran, with what it is of and how it ended, as one object."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from workbook.values import CaseOutcome, Observed

from autograder.authoring.cases import TestFile
from autograder.grading.plan import Step
from autograder.sandbox.steps import Case, Cell, StepResult
from autograder.status import Status

Sandboxed = Callable[[Sequence[Cell | Case]], Sequence[StepResult]]


@dataclass(frozen=True)
class Run:
    """One cell or case that the sandbox is asked to run, the plan's step that it is of, and its end."""

    step: Step
    asked: Cell | Case
    hidden: bool = False  # a case that students don't have
    outcome: StepResult = field(default_factory=lambda: StepResult(Status.NOT_RUN))
    untold: bool = False  # its words could be a hidden case's, so nobody reads them

    @property
    def case(self) -> str:
        """The case's name; "" of a cell."""
        return self.asked.case if isinstance(self.asked, Case) else ""

    @property
    def struck(self) -> Status | None:
        """The limit that ended it, or kept it from running."""
        status = self.outcome.status
        return None if status in (Status.OK, Status.ERROR) else status

    @property
    def seen(self) -> CaseOutcome:
        """What a case saw."""
        return CaseOutcome(self.outcome.observations, self.outcome.failure, self.struck)


def planned(steps: Iterable[Step], tests: Mapping[str, TestFile]) -> list[Run]:
    """What the sandbox is to run for a plan: its cells, and the cases of each exercise."""
    runs = []
    for step in steps:
        if step.kind == "cases":
            cases = tests[step.id].cases
            runs += [Run(step, Case(step.id, c.name, c.source), c.hidden) for c in cases]
        else:
            runs.append(Run(step, Cell(step.id, step.source)))
    return runs


def run_all(runs: Sequence[Run], sandboxed: Sandboxed) -> list[Run]:
    """The runs with their outcomes."""
    outcomes = sandboxed([each.asked for each in runs])
    return [replace(each, outcome=end) for each, end in zip(runs, outcomes, strict=True)]


def run_safely(
    runs: Sequence[Run], sandboxed: Sandboxed, is_read: Callable[[Run], bool]
) -> list[Run]:
    """The runs with their outcomes, of which what students will read saw no hidden case.

    Code can keep what a hidden case shows it and say it later, in a public one's error: then
    cells and the public cases of the exercises that are read of run again, without hidden ones.
    `is_read` says whether a run's words are read.
    """
    done = run_all(runs, sandboxed)
    first = next((number for number, each in enumerate(done) if each.hidden), len(done))
    read = {each.step.id for each in done[first:] if not each.hidden and is_read(each)}
    if not read:
        return done
    chosen = [not each.hidden and (not each.case or each.step.id in read) for each in done]
    again = iter(run_all([each for each, wanted in zip(runs, chosen) if wanted], sandboxed))
    return [_told(each, next(again)) if wanted else each for each, wanted in zip(done, chosen)]


def _told(first: Run, again: Run) -> Run:
    """The run that may be read; the first one in silence where no time was left for it."""
    in_vain = again.struck == Status.NOT_RUN != first.struck
    return replace(first, untold=True) if in_vain else again


def has_words(outcome: StepResult) -> bool:
    """Whether a case saw what can say more than one number: whatever isn't a number alone."""
    return outcome.failure is not None or not all(map(_is_a_number, outcome.observations))


def _is_a_number(seen: Observed) -> bool:
    arrays = list(seen.arrays)
    return "none" in seen.tree or "number" in seen.tree or [a.shape for a in arrays] == [()]
