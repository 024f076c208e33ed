"""One submission to one Result: plan, run in the sandbox, compare here."""

import builtins
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from workbook.key import Answers, Verdict
from workbook.values import CaseOutcome, Failure

from autograder.authoring.cases import TestFile
from autograder.authoring.percent import Practical
from autograder.grading.plan import Plan, Step, WrongPractical, defines, plan
from autograder.grading.result import CaseResult, ExerciseResult, Result
from autograder.inbox.reading import Unreadable, read_notebook
from autograder.sandbox.client import Sandbox
from autograder.sandbox.steps import Case, Cell, StepResult
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


@dataclass(frozen=True)
class Grader:
    """Grades submissions of one practical; holds the answers, which never enter the sandbox."""

    practical: Practical
    tests: dict[str, TestFile]
    answers: Answers
    sandbox: Sandbox

    def grade(self, data: bytes, student: str, file: str) -> Result:
        """Grade a submission's bytes; every submission ends as a Result."""
        result = Result(
            self.practical.name, student, file, Status.GRADED, max_points=self.practical.points
        )
        result.isolation = self.sandbox.level
        started = time.monotonic()
        try:
            plan_ = plan(read_notebook(data), self.practical)
        except Unreadable as error:
            return replace(result, status=Status.UNREADABLE, reason=str(error))
        except WrongPractical as error:
            return replace(result, status=Status.WRONG_PRACTICAL, reason=str(error))
        result.warnings = plan_.warnings
        steps, owners = self._sandbox_steps(plan_.steps)
        outcomes = self._safe_to_repeat(steps, owners, result)
        result.warnings += self._about_given(owners, outcomes)
        names = self.practical.exercises
        result.exercises = self._exercises(names, steps, owners, outcomes)
        self._follow_through(plan_, result)
        _summarise(result)
        result.seconds = round(time.monotonic() - started, 3)
        return result

    def _run(self, steps, result) -> list[StepResult]:
        outcomes = self.sandbox.run(steps, self.practical.name)
        result.cpu_seconds += self.sandbox.cpu_seconds
        return outcomes

    def _safe_to_repeat(self, steps, owners, result) -> list[StepResult]:
        """How each step ended; what students will read comes from code that saw no hidden case.

        Code can keep what a hidden case shows it and say it later, in a public one's error: then
        all but the hidden cases run again, without them.
        """
        outcomes = self._run(steps, result)
        hidden = [isinstance(step, Case) and self._is_hidden(step) for step in steps]
        later = range(hidden.index(True) if any(hidden) else len(steps), len(steps))
        if not any(
            self._will_be_read(steps[i], owners[i], outcomes[i]) for i in later if not hidden[i]
        ):
            return outcomes
        again = iter(self._run([step for step, h in zip(steps, hidden) if not h], result))
        return [outcome if h else next(again) for outcome, h in zip(outcomes, hidden)]

    def _about_given(self, owners, outcomes) -> list[str]:
        """Cells of ours that didn't run to their end: whatever follows may fail for that alone."""
        ours = {c.source for c in self.practical.cells if c.kind == "provided"}
        return [
            f"the given cell {owner.id!r} didn't run to its end: {outcome.status}"
            for owner, outcome in zip(owners, outcomes)
            if owner.kind == "provided" and owner.source in ours and outcome.status != Status.OK
        ]

    def _is_hidden(self, step: Case) -> bool:
        return next(c.hidden for c in self.tests[step.exercise].cases if c.name == step.case)

    def _will_be_read(self, step, owner, outcome) -> bool:
        if isinstance(step, Cell):
            return owner.kind == "solution" and outcome.status == Status.ERROR
        seen = CaseOutcome(outcome.observations, outcome.failure)
        verdict = self.answers.judge(step.exercise, step.case, seen)
        return verdict.status in (Status.FAILED, Status.ERROR) and _has_words(outcome)

    def _exercises(
        self, names: Iterable[str], steps, owners, outcomes, quiet: bool = False
    ) -> list[ExerciseResult]:
        seen: dict[str, dict[str, StepResult]] = {name: {} for name in self.practical.exercises}
        cell_faults: dict[str, StepResult] = {}
        for step, owner, outcome in zip(steps, owners, outcomes, strict=True):
            if isinstance(step, Case):
                seen[step.exercise][step.case] = outcome
            elif outcome.status != Status.OK and owner.kind == "solution":
                cell_faults[owner.id] = outcome
        return [self._exercise(name, seen[name], cell_faults.get(name), quiet) for name in names]

    def _sandbox_steps(self, steps: list[Step]):
        made, owners = [], []
        for step in steps:
            if step.kind == "cases":
                new = [Case(step.id, case.name, case.source) for case in self.tests[step.id].cases]
            else:
                new = [Cell(step.id, step.source)]
            made += new
            owners += [step] * len(new)
        return made, owners

    def _exercise(self, name, seen, cell_fault, quiet) -> ExerciseResult:
        facts = self.practical.exercises[name]
        outcomes = {case: CaseOutcome(o.observations, o.failure) for case, o in seen.items()}
        cases = [
            self._case(case, self._verdict(name, case, seen[case.name], cell_fault, quiet))
            for case in self.tests[name].cases
        ]
        points = sum(case.points for case in cases)
        result = ExerciseResult(name, facts.title, _status(cases), points, facts.points, cases)
        result.seconds = round(sum(outcome.seconds for outcome in seen.values()), 3)
        result.further = facts.further
        ran = {
            case: o
            for case, o in outcomes.items()
            if seen[case].status in (Status.OK, Status.ERROR)
        }
        if mistake := self.answers.recognise(name, ran):
            result.mistake, result.hint = mistake["name"], mistake["hint"]
        return result

    def _case(self, case, verdict) -> CaseResult:
        points = case.points if verdict.status == Status.PASSED else 0.0
        return CaseResult(
            case.name, case.title, case.hidden, verdict.status, points, case.points, verdict.message
        )

    def _verdict(self, name, case, outcome, cell_fault, quiet) -> Verdict:
        if outcome.status in STRUCK:
            return Verdict(outcome.status, _struck(outcome))
        verdict = self.answers.judge(
            name, case.name, CaseOutcome(outcome.observations, outcome.failure)
        )
        if quiet and verdict.status in (
            Status.FAILED,
            Status.ERROR,
        ):  # a number is a word too, in small
            return Verdict(verdict.status, QUIET)
        if cell_fault and verdict.status == Status.ERROR and outcome.failure.type == "NameError":
            return Verdict(*_cell_fault(cell_fault))
        return verdict

    # ------------------------------------------------------------ follow-through

    def _follow_through(self, plan_: Plan, result: Result) -> None:
        """Grade a failed exercise again with the reference for its failed prerequisites alone."""
        points = {e.name: e.points for e in result.exercises}
        for number, exercise in enumerate(result.exercises):
            started = exercise.status not in (Status.PASSED, Status.NOT_STARTED)
            wrong = [
                n
                for n in self._prerequisites(exercise.name)
                if points[n] < self.practical.exercises[n].points
            ]
            if not started or not wrong:
                continue
            again = self._run_with_references(plan_, exercise.name, wrong, result)
            if again.points > exercise.points:
                again.own_points = exercise.points
                again.note = f"graded with the reference for {', '.join(wrong)}"
                result.exercises[number] = again

    def _prerequisites(self, name):
        """Everything an exercise needs, also indirectly, in the practical's order."""
        found, todo = set(), [name]
        while todo:
            new = set(self.practical.exercises[todo.pop()].needs) - found
            found |= new
            todo += new
        return [n for n in self.practical.exercises if n in found]

    def _run_with_references(self, plan_, name, wrong, result) -> ExerciseResult:
        """The code could read the references and say them: its words aren't repeated."""
        steps, placed = [], set()
        for step in plan_.steps:
            if step.kind == "cases" and step.id != name:
                continue
            if step.kind == "solution" and step.id in wrong:
                if defines(step.source, name):  # two exercises in one cell
                    steps.append(step)
                steps.append(
                    Step("solution", step.id, self.practical.exercises[step.id].solution.source)
                )
                placed.add(step.id)
            else:
                steps.append(step)
        missing = [
            Step("solution", n, self.practical.exercises[n].solution.source)
            for n in wrong
            if n not in placed
        ]
        where = next((i for i, step in enumerate(steps) if step.kind != "provided"), 0)
        steps, owners = self._sandbox_steps(steps[:where] + missing + steps[where:])
        return self._exercises([name], steps, owners, self._run(steps, result), quiet=True)[0]


def _has_words(outcome: StepResult) -> bool:
    """Whether a case saw text of the student's making, more than a number can tell."""
    return outcome.failure is not None or not all(
        _is_numbers(seen.tree, seen.arrays) for seen in outcome.observations
    )


def _is_numbers(node, arrays) -> bool:
    if "list" in node:  # a message tells a list of plain numbers as a whole
        return all("number" not in n and _is_numbers(n, arrays) for n in node["list"])
    if "array" in node:  # an empty array's shape can be anything
        return arrays[node["array"]].size > 0
    return "number" in node or "none" in node


def _struck(outcome: StepResult) -> str:
    """What to tell of a limit; for a crash the sandbox's own words (never the student's)."""
    if outcome.status == Status.CRASHED and outcome.failure:
        return outcome.failure.message
    return STRUCK[outcome.status]


def _cell_fault(outcome: StepResult) -> tuple[str, str]:
    """Why an exercise's name isn't there: its cell failed."""
    if outcome.status in STRUCK:
        return outcome.status, f"its cell was stopped: {_struck(outcome)}"
    failure: Failure = outcome.failure
    known = isinstance(getattr(builtins, failure.type, None), type)
    message = re.sub(r"<ipython-input[^>]*>, |<unknown>, ", "", failure.message)
    line = f" ({failure.line})" if failure.line else ""
    return (
        Status.ERROR,
        f"its cell stops with {failure.type if known else 'an error'}: {message}{line}",
    )


def _status(cases: list[CaseResult]) -> str:
    """An exercise's status, from its cases'."""
    found = {case.status for case in cases}
    if len(found) == 1:
        return found.pop()
    for struck in (
        Status.TIMED_OUT,
        Status.OUT_OF_MEMORY,
        Status.TOO_MUCH_OUTPUT,
        Status.TOO_MANY_FILES,
        Status.CRASHED,
    ):
        if struck in found:
            return struck
    if Status.PASSED in found:
        return Status.PARTLY
    return Status.ERROR if Status.ERROR in found else Status.FAILED


def _summarise(result: Result) -> None:
    result.points = sum(exercise.points for exercise in result.exercises)
    struck = [f"{e.name}: {e.status}" for e in result.exercises if e.status in STRUCK]
    result.reason = "; ".join(struck)
    if all(e.status == Status.NOT_STARTED for e in result.exercises):
        result.status, result.reason = Status.BLANK, "nothing is filled in yet"
    elif Status.NOT_RUN in {e.status for e in result.exercises}:
        result.status = Status.TIMED_OUT
