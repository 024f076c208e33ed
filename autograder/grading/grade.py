"""One submission to one Result: plan, run in the sandbox, compare here."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from workbook.assess import assess, judge_all
from workbook.key import Answers

from autograder.authoring.cases import TestFile
from autograder.authoring.percent import Practical
from autograder.grading.follow_through import to_try, with_references
from autograder.grading.plan import Plan, WrongPractical, plan
from autograder.grading.result import CaseResult, ExerciseResult, Result
from autograder.grading.runs import Run, has_words, planned, run_all, run_safely
from autograder.grading.told import STRUCK, explained
from autograder.inbox.reading import Unreadable, read_notebook
from autograder.sandbox.client import Sandbox
from autograder.sandbox.steps import Allowance, Case, Cell, StepResult
from autograder.status import Status


@dataclass(frozen=True)
class Grader:
    """Grades submissions of one practical; holds the answers, which never enter the sandbox."""

    practical: Practical
    tests: Mapping[str, TestFile]
    answers: Answers
    sandbox: Sandbox

    def grade(
        self, data: bytes, student: str, file: str, allowance: Allowance | None = None
    ) -> Result:
        """Grade a submission's bytes; every submission ends as a Result.

        `allowance` is its time, if not what the sandbox's limits say.
        """
        result = Result(
            self.practical.name, student, file, Status.GRADED, max_points=self.practical.points
        )
        result.isolation = self.sandbox.level
        started = time.monotonic()
        try:
            laid_out = plan(read_notebook(data), self.practical)
        except Unreadable as error:
            return replace(result, status=Status.UNREADABLE, reason=str(error))
        except WrongPractical as error:
            return replace(result, status=Status.WRONG_PRACTICAL, reason=str(error))
        self._run_and_assess(laid_out, result, allowance or self.sandbox.allowance())
        result.seconds = round(time.monotonic() - started, 3)
        return result

    def _run_and_assess(self, laid_out: Plan, result: Result, allowance: Allowance) -> None:
        """Fill in a result from a plan."""

        def sandboxed(asked: Sequence[Cell | Case]) -> list[StepResult]:
            outcomes = self.sandbox.run(asked, self.practical.name, allowance)
            result.cpu_seconds += self.sandbox.cpu_seconds
            return outcomes

        first_runs = run_safely(planned(laid_out.steps, self.tests), sandboxed, self._is_read)
        result.warnings = laid_out.warnings + self._about_given(first_runs)
        result.exercises = [self._exercise(name, first_runs) for name in self.practical.exercises]
        del first_runs  # what they sent may be large
        for number, wrong in to_try(self.practical, result.exercises):
            first = result.exercises[number]
            steps = with_references(laid_out, self.practical, first.name, wrong)
            runs = run_all(planned(steps, self.tests), sandboxed)
            again = self._exercise(first.name, runs, quiet=True)
            if again.points > first.points:
                again.own_points, again.seconds = first.points, first.seconds
                again.note = f"graded with the reference for {', '.join(wrong)}"
                result.exercises[number] = again
        _summarise(result)

    def _is_read(self, run: Run) -> bool:
        """Whether a student reads words that the code of this run chose."""
        if isinstance(run.asked, Cell):
            return run.step.kind == "solution" and run.outcome.status == Status.ERROR
        if run.struck:  # an exit status can be chosen too
            return run.outcome.failure is not None
        [verdict] = judge_all(self.answers, run.step.id, {run.case: run.seen}).values()
        return verdict.status in (Status.FAILED, Status.ERROR) and has_words(run.outcome)

    def _about_given(self, runs: Sequence[Run]) -> list[str]:
        """Cells of ours that didn't run to their end: whatever follows may fail for that alone."""
        ours = {cell.source for cell in self.practical.cells if cell.kind == "provided"}
        return [
            f"the given cell {run.step.id!r} didn't run to its end: {run.outcome.status}"
            for run in runs
            if run.step.kind == "provided"
            and run.step.source in ours
            and run.outcome.status != Status.OK
        ]

    def _exercise(self, name: str, runs: Sequence[Run], quiet: bool = False) -> ExerciseResult:
        """What there is to say of an exercise whose cases and cells are among these."""
        own = [run for run in runs if run.step.id == name]
        cases = {run.case: run for run in own if run.step.kind == "cases"}
        failed = [r for r in own if r.step.kind == "solution" and r.outcome.status != Status.OK]
        cell = failed[-1] if failed else None
        found = assess(
            self.answers,
            name,
            {case: run.seen for case, run in cases.items()},
            lambda case, verdict: explained(verdict, cases[case], cell, quiet),
        )
        facts = self.practical.exercises[name]
        result = ExerciseResult(name, facts.title, found.status, found.points, facts.points)
        result.cases = [_case(case, found.verdicts[case.name]) for case in self.tests[name].cases]
        result.seconds = round(sum(run.outcome.seconds for run in cases.values()), 3)
        result.further, result.number = facts.further, facts.number
        if not quiet:  # the hint is one that the code may have chosen
            result.mistake, result.hint, result.more = found.mistake, found.hint, found.word.more
        return result


def _case(case, verdict) -> CaseResult:
    points = case.points if verdict.status == Status.PASSED else 0.0
    return CaseResult(
        case.name, case.title, case.hidden, verdict.status, points, case.points, verdict.message
    )


def _summarise(result: Result) -> None:
    """What a submission's exercises make of it as a whole."""
    result.points = sum(exercise.points for exercise in result.exercises)
    struck = [f"{e.name}: {e.status}" for e in result.exercises if e.status in STRUCK]
    result.reason = "; ".join(struck)
    if all(e.status == Status.NOT_STARTED for e in result.exercises):
        result.status, result.reason = Status.BLANK, "nothing is filled in yet"
    elif Status.NOT_RUN in {e.status for e in result.exercises}:
        result.status = Status.TIMED_OUT
