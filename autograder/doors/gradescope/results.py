"""A result in the format of Gradescope's results.json."""

from collections.abc import Iterable

from autograder.grading.result import CaseResult, ExerciseResult, Result
from autograder.names import printable
from autograder.status import Status

VISIBLE, WHEN_PUBLISHED = "visible", "after_published"


def results(result: Result) -> dict:
    """The content of results.json: two tests for each exercise, its public cases and its hidden ones.

    Students see the public one at once. Points come from hidden cases: they and what those say
    are shown when grades are published. No text names a value of the reference's hidden cases.
    """
    tests = [
        test
        for number, exercise in zip(result.numbers, result.exercises)
        for test in (_public(number, exercise), _hidden(number, exercise))
    ]
    facts = {"practical": result.practical, "status": result.status, "isolation": result.isolation}
    return {
        "score": result.points,
        "execution_time": round(result.seconds),
        "output": _lines([_how_it_ended(result), *result.warnings]),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": VISIBLE,
        "stdout_visibility": "hidden",
        "extra_data": facts,
        "tests": tests,
    }


def _how_it_ended(result):
    if result.status == Status.GRADED:
        return "graded: your points appear when grades are published"
    return f"{result.status}: {result.reason}" if result.reason else result.status


def _public(number, exercise: ExerciseResult) -> dict:
    cases = [case for case in exercise.cases if not case.hidden]
    passed = all(case.status == Status.PASSED for case in cases)
    return {
        "name": f"{exercise.title}: the cases you have",
        "number": f"{number or exercise.name}.1",
        "status": "passed" if passed else "failed",
        "output": _said(cases, "" if passed else exercise.unsaid_hint),
        "visibility": VISIBLE,
    }


def _hidden(number, exercise: ExerciseResult) -> dict:
    cases = [case for case in exercise.cases if case.hidden]
    passed = all(case.status == Status.PASSED for case in cases)
    return {
        "name": f"{exercise.title}: hidden cases",
        "number": f"{number or exercise.name}.2",
        "score": exercise.points,
        "max_score": exercise.max_points,
        "status": "passed" if passed else "failed",
        "output": _said(cases, "" if passed else exercise.unsaid_hint, exercise.note),
        "tags": ["further" if exercise.further else "core"],
        "visibility": WHEN_PUBLISHED,
    }


def _said(cases: list[CaseResult], hint: str, note: str = "") -> str:
    if cases and all(case.status == Status.NOT_STARTED for case in cases):
        return Status.NOT_STARTED
    marks = [f"{'✓' if case.status == Status.PASSED else '✗'} {case.title}" for case in cases]
    words = [f": {case.message or case.status}" * (case.status != Status.PASSED) for case in cases]
    lines = [mark + word for mark, word in zip(marks, words)]
    return _lines([*lines, hint and f"Hint: {hint}", note])


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(printable(text) for text in texts if text)
