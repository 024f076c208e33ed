"""A mistake costs its points once: a plan in which references stand for the work that others need."""

from collections.abc import Iterable, Mapping

from autograder.authoring.percent import Practical
from autograder.grading.plan import Plan, Step, defined_in
from autograder.grading.result import ExerciseResult
from autograder.status import Status


def to_try(
    practical: Practical, exercises: Iterable[ExerciseResult]
) -> Iterable[tuple[int, list[str]]]:
    """The exercises (by number) that may fail for others' mistakes alone, and which those are."""
    exercises = list(exercises)
    points = {exercise.name: exercise.points for exercise in exercises}
    for number, exercise in enumerate(exercises):
        needed = _needed(practical, exercise.name)
        wrong = [name for name in needed if points[name] < practical.exercises[name].points]
        if wrong and exercise.status not in (Status.PASSED, Status.NOT_STARTED):
            yield number, wrong


def _needed(practical: Practical, name: str) -> list[str]:
    """Everything an exercise needs, also indirectly, in the practical's order."""
    found: set[str] = set()
    todo = [name]
    while todo:
        new = set(practical.exercises[todo.pop()].needs) - found
        found |= new
        todo += new
    return [n for n in practical.exercises if n in found]


def with_references(plan: Plan, practical: Practical, name: str, wrong: list[str]) -> list[Step]:
    """The steps that grade one exercise with the reference for each of the wrong ones."""
    references = {n: Step("solution", n, practical.exercises[n].solution.source) for n in wrong}
    steps = [
        kept
        for step in plan.steps
        if step.kind != "cases" or step.id == name
        for kept in _replaced(step, name, references)
    ]
    placed = {step.id for step in plan.steps if step.kind == "solution"}
    missing = [reference for n, reference in references.items() if n not in placed]
    where = next((i for i, step in enumerate(steps) if step.kind != "provided"), 0)
    return steps[:where] + missing + steps[where:]


def _replaced(step: Step, name: str, references: Mapping[str, Step]) -> list[Step]:
    if step.kind != "solution" or step.id not in references:
        return [step]
    shared = [step] if name in defined_in(step.source) else []  # two exercises in one cell
    return [*shared, references[step.id]]
