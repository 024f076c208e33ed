"""Everything an author wrote for one practical, parsed and held against each other."""

from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.cases import TestFile, read_tests
from autograder.authoring.mistakes import Notes, Variant, read_mistakes
from autograder.authoring.percent import Practical, read_practical
from autograder.course import Course
from autograder.errors import AuthorError

MISTAKES = "mistakes.toml"


@dataclass(frozen=True)
class Material:
    """Everything an author wrote for one practical, parsed."""

    practical: Practical
    tests: dict[str, TestFile]
    variants: dict[str, list[Variant]]
    notes: dict[str, Notes]


def read_material(course: Course, path: Path) -> Material:
    """Parse a practical's source, test files and mistakes; AuthorError names file and line."""
    practical = read_practical(path)
    folder = course.tests(practical.name)
    if not course.source(practical.name).is_dir():
        advice = f"there is no folder {course.source(practical.name)}: make it, students get it"
        raise AuthorError(path, 1, advice)
    quizzes = {name: e.quiz for name, e in practical.exercises.items() if e.quiz}
    for exercise in practical.exercises.values():
        if exercise.id not in quizzes and not (folder / f"{exercise.id}.py").exists():
            advice = f"{exercise.id} needs a test file {folder / exercise.id}.py"
            raise AuthorError(path, exercise.solution.line, advice)
    tests = {file.stem: read_tests(file) for file in sorted(folder.glob("*.py"))}
    tests |= {name: read_tests(folder / f"{name}.py", q.tests()) for name, q in quizzes.items()}
    for name, file in tests.items():
        _refuse_mismatch(practical, name, file)
    solutions = {name: e.solution.source for name, e in practical.exercises.items()}
    variants: dict[str, list[Variant]] = {name: [] for name in solutions}
    notes = {name: Notes() for name in solutions}
    if solutions.keys() - quizzes:
        known = read_mistakes(folder / MISTAKES, solutions, practical.numbers.written)
        for variant in known.variants:
            variants[variant.exercise].append(variant)
        for name, said in known.notes.items():
            _refuse_unknown_cases(folder / MISTAKES, tests[name], said.cases)
        notes |= known.notes
    for name, quiz in quizzes.items():
        variants[name] += _quiz_variants(quiz, practical.exercises[name].solution.line)
    return Material(practical, {name: tests[name] for name in solutions}, variants, notes)


def _quiz_variants(quiz, line):
    wrong = [Variant(quiz.id, name, cell, False, why, line) for name, cell, why in quiz.wrong()]
    return [*wrong, Variant(quiz.id, "capitals and floats", quiz.otherwise(), True, line=line)]


def _refuse_unknown_cases(path, file, sentences):
    cases = [case.name for case in file.cases]
    for name in sentences:
        if name not in cases:
            advice = f"{file.exercise} has no case {name!r}; there are: {', '.join(cases)}"
            raise AuthorError(path, 1, advice)


def _refuse_mismatch(practical, name, file):
    if name not in practical.exercises:
        raise AuthorError(file.path, 1, f"{name} isn't an exercise of {practical.path.name}")
    wanted = practical.exercises[name].points
    if abs(file.points - wanted) > 1e-9:
        where = f"{practical.path.name}:{practical.exercises[name].solution.line}"
        raise AuthorError(
            file.path, 1, f"the cases have {file.points:g} points, {where} says {wanted:g}"
        )
