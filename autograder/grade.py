"""One submission to one Result: plan, run in the sandbox, compare here."""

import builtins
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from answerkey import Answers, CaseOutcome, Failure, Verdict

from autograder import result as r
from autograder.cases import TestFile
from autograder.percent import Practical
from autograder.result import CaseResult, ExerciseResult, Result
from autograder.sandbox.client import Case, Cell, Sandbox, StepResult
from autograder.submission import Plan, Step, Unreadable, WrongPractical, plan, read_submission

STRUCK = {  # what to tell a student whose code met a limit
    r.TIMED_OUT: "it was still running when its time was over: is there a loop that never ends?",
    r.OUT_OF_MEMORY: "it asked for more memory than there is: look at the shapes it makes",
    r.TOO_MUCH_OUTPUT: "it printed more than is allowed: remove the print",
    r.CRASHED: "it ended Python itself",
    r.NOT_RUN: "the submission's time was over before this could run",
}


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
            self.practical.name, student, file, r.GRADED, max_points=self.practical.points
        )
        result.isolation = self.sandbox.level
        started = time.monotonic()
        try:
            plan_ = plan(read_submission(data, self.practical), self.practical)
        except Unreadable as error:
            return replace(result, status=r.UNREADABLE, reason=str(error))
        except WrongPractical as error:
            return replace(result, status=r.WRONG_PRACTICAL, reason=str(error))
        result.warnings = plan_.warnings
        result.exercises = self._run(plan_, self.practical.exercises)
        result.cpu_seconds = self.sandbox.cpu_seconds
        self._follow_through(plan_, result)
        _summarise(result)
        result.seconds = round(time.monotonic() - started, 3)
        return result

    def _run(self, plan_: Plan, names: Iterable[str]) -> list[ExerciseResult]:
        steps, owners = self._sandbox_steps(plan_.steps)
        outcomes = self.sandbox.run(steps, self.practical.name)
        seen: dict[str, dict[str, StepResult]] = {name: {} for name in self.practical.exercises}
        cell_faults: dict[str, StepResult] = {}
        for step, owner, outcome in zip(steps, owners, outcomes, strict=True):
            if isinstance(step, Case):
                seen[step.exercise][step.case] = outcome
            elif outcome.status != "ok" and owner.kind == "solution":
                cell_faults[owner.id] = outcome
        return [self._exercise(name, seen[name], cell_faults.get(name)) for name in names]

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

    def _exercise(self, name, seen, cell_fault) -> ExerciseResult:
        facts = self.practical.exercises[name]
        outcomes = {case: CaseOutcome(o.observations, o.failure) for case, o in seen.items()}
        cases = [
            self._case(name, case, seen[case.name], cell_fault) for case in self.tests[name].cases
        ]
        points = sum(case.points for case in cases)
        result = ExerciseResult(name, facts.title, _status(cases), points, facts.points, cases)
        result.seconds = round(sum(outcome.seconds for outcome in seen.values()), 3)
        ran = {case: o for case, o in outcomes.items() if seen[case].status in ("ok", "error")}
        if mistake := self.answers.recognise(name, ran):
            result.mistake, result.hint = mistake["name"], mistake["hint"]
        return result

    def _case(self, name, case, outcome, cell_fault) -> CaseResult:
        verdict = self._verdict(name, case, outcome, cell_fault)
        points = case.points if verdict.status == r.PASSED else 0.0
        return CaseResult(
            case.name, case.title, case.hidden, verdict.status, points, case.points, verdict.message
        )

    def _verdict(self, name, case, outcome, cell_fault) -> Verdict:
        if outcome.status in STRUCK:
            return Verdict(outcome.status, _struck(outcome))
        verdict = self.answers.judge(
            name, case.name, CaseOutcome(outcome.observations, outcome.failure)
        )
        if cell_fault and verdict.status == r.ERROR and outcome.failure.type == "NameError":
            return Verdict(*_cell_fault(cell_fault))
        return verdict

    # ------------------------------------------------------------ follow-through

    def _follow_through(self, plan_: Plan, result: Result) -> None:
        """Grade a failed exercise again with the reference for its failed prerequisites alone."""
        points = {e.name: e.points for e in result.exercises}
        for number, exercise in enumerate(result.exercises):
            started = exercise.status not in (r.PASSED, r.NOT_STARTED)
            wrong = [
                n
                for n in self._prerequisites(exercise.name)
                if points[n] < self.practical.exercises[n].points
            ]
            if not started or not wrong:
                continue
            again = self._run_with_references(plan_, exercise.name, wrong)
            result.cpu_seconds += self.sandbox.cpu_seconds
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

    def _run_with_references(self, plan_, name, wrong) -> ExerciseResult:
        steps, placed = [], set()
        for step in plan_.steps:
            if step.kind == "cases" and step.id != name:
                continue
            if step.kind == "solution" and step.id in wrong:
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
        plan_ = Plan(steps[:where] + missing + steps[where:])
        return self._run(plan_, [name])[0]


def _struck(outcome: StepResult) -> str:
    """What to tell of a limit; for a crash the sandbox's own words (never the student's)."""
    if outcome.status == r.CRASHED and outcome.failure:
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
        r.ERROR,
        f"its cell stops with {failure.type if known else 'an error'}: {message}{line}",
    )


def _status(cases: list[CaseResult]) -> str:
    """An exercise's status, from its cases'."""
    found = {case.status for case in cases}
    if len(found) == 1:
        return found.pop()
    for struck in (r.TIMED_OUT, r.OUT_OF_MEMORY, r.TOO_MUCH_OUTPUT, r.CRASHED):
        if struck in found:
            return struck
    if r.PASSED in found:
        return r.PARTLY
    return r.ERROR if r.ERROR in found else r.FAILED


def _summarise(result: Result) -> None:
    result.points = sum(exercise.points for exercise in result.exercises)
    struck = [f"{e.name}: {e.status}" for e in result.exercises if e.status in STRUCK]
    result.reason = "; ".join(struck)
    if all(e.status == r.NOT_STARTED for e in result.exercises):
        result.status, result.reason = r.BLANK, "nothing is filled in yet"
    elif r.NOT_RUN in {e.status for e in result.exercises}:
        result.status = r.TIMED_OUT
