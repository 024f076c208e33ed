"""The class report: what a class can do, what it gets wrong, and who needs a look."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from urllib.parse import quote

from autograder.grading.result import ExerciseResult, Result
from autograder.names import in_order, printable, slug
from autograder.report.page import look, number, percent, words, write_page
from autograder.status import Status

SLOWEST = 8
SHARES = (  # the parts of an exercise's bar, best first
    ("right", "solved"),
    ("part", Status.PARTLY),
    ("wrong", "not yet right"),
    ("stop", "met a limit"),
    ("none", Status.NOT_STARTED),
)
# What isn't plain "graded", most urgent first.
URGENCY = (
    Status.CRASHED,
    Status.OUT_OF_MEMORY,
    Status.TIMED_OUT,
    Status.UNREADABLE,
    Status.WRONG_PRACTICAL,
)


@dataclass(frozen=True)
class Student:
    """A row of the heat map."""

    result: Result

    @property
    def name(self) -> str:
        return printable(self.result.student).strip() or "(no name)"

    @property
    def link(self) -> str:
        return quote(f"feedback/{slug(self.result.student)}.html")


@dataclass(frozen=True)
class Bin:
    """A column of the score distribution; the last one is full marks alone."""

    label: str
    count: int
    height: int  # percent of the highest column


@dataclass
class Exercise:
    """An exercise as the class did it."""

    place: int
    number: str  # "" for a quiz
    name: str
    title: str
    max_points: float
    looks: Counter[str] = field(default_factory=Counter)
    points: list[float] = field(default_factory=list)

    @property
    def shares(self) -> list[tuple[str, str, int, float]]:
        """(look, words, count, percent of the class) of each part of the bar."""
        every = self.looks.total()
        parts = ((key, text, self.looks[key]) for key, text in SHARES)
        return [(key, text, count, round(100 * count / every, 2)) for key, text, count in parts]

    @property
    def solved(self) -> int:
        return percent(self.looks["right"], self.looks.total())

    @property
    def mean(self) -> float:
        return mean(self.points)

    @property
    def started(self) -> int:
        return self.looks.total() - self.looks["none"]


@dataclass
class Mistake:
    """A known mistake, and who made it."""

    exercise: Exercise
    name: str
    hint: str
    students: list[Student] = field(default_factory=list)


@dataclass
class Look:
    """Submissions that need a look for the same reason."""

    status: str
    reason: str
    students: list[Student] = field(default_factory=list)


def write_report(results: Sequence[Result], path: Path, practical_title: str) -> None:
    """Write the self-contained class report; it links to feedback/<slug>.html beside it."""
    students = [Student(result) for result in sorted(results, key=_by_name)]
    checked = [student for student in students if student.result.exercises]
    exercises = _exercises(students)
    mistakes = _mistakes(checked, exercises)
    write_page(
        path,
        "class_report.html",
        script="sort.js",
        title=practical_title,
        students=sorted(students, key=lambda student: -student.result.points),
        checked=len(checked),
        max_points=max((result.max_points for result in results), default=0.0),
        tiles=_tiles(students, checked),
        bins=_bins(checked),
        exercises=list(exercises.values()),
        shares=SHARES,
        mistakes=mistakes,
        unnamed=_unnamed(checked),
        looks=_looks(students),
        slowest=_slowest(checked),
        isolation=sorted({s.result.isolation for s in checked if s.result.isolation}),
        cells=lambda student: _cells(student, exercises),
    )


def _by_name(result):
    return in_order(result.student), result.file


# ---------------------------------------------------------------- the class as a whole


def _tiles(students, checked):
    points = [student.result.points for student in checked]
    full = sum(s.result.points >= s.result.max_points for s in checked)
    unplain = len({id(student) for look_ in _looks(students) for student in look_.students})
    return [
        (number(len(students)), "submissions" if len(students) != 1 else "submission"),
        (f"{median(points):.1f}" if points else "–", "points at the median"),
        (f"{mean(points):.1f}" if points else "–", "points on average"),
        (number(full), "with full marks"),
        (number(unplain), "to look at"),
    ]


def _bins(checked):
    """How many students lie in each tenth of the points."""
    shares = [s.result.points / s.result.max_points for s in checked if s.result.max_points]
    counts = Counter(min(10, max(0, math.floor(10 * share + 1e-9))) for share in shares)
    highest = max(counts.values(), default=1)
    labels = [f"{tenth * 10}–{tenth * 10 + 9} %" for tenth in range(10)] + ["100 %"]
    return [
        Bin(label, counts[tenth], math.ceil(100 * counts[tenth] / highest))
        for tenth, label in enumerate(labels)
    ]


def _exercises(students) -> dict[str, Exercise]:
    exercises: dict[str, Exercise] = {}
    for student in students:
        for result, shown in zip(student.result.exercises, student.result.numbers):
            new = Exercise(len(exercises) + 1, shown, result.name, result.title, result.max_points)
            exercise = exercises.setdefault(result.name, new)
            exercise.looks[look(result.status)] += 1
            exercise.points.append(result.points)
    return exercises


# ---------------------------------------------------------------- the heat map


def _cells(student, exercises):
    """(look, text, value to sort by, tooltip) of a row's cells."""
    own = {exercise.name: exercise for exercise in student.result.exercises}
    return [_cell(own.get(name)) for name in exercises]


def _cell(exercise: ExerciseResult | None):
    if exercise is None:
        return "none", "–", "-2", "nothing to grade"
    kind = look(exercise.status)
    tooltip = (
        f"{words(exercise.status)}, {number(exercise.points)} of {number(exercise.max_points)}"
    )
    if exercise.mistake:
        tooltip += f": {exercise.mistake}"
    if kind == "none":
        return kind, "–", "-1", tooltip
    share = percent(exercise.points, exercise.max_points)
    shade = f"{kind} {'most' if share >= 67 else 'half' if share >= 34 else 'few'}"
    text = "✓" if kind == "right" else f"{number(exercise.points)}{'!' if kind == 'stop' else ''}"
    return shade if kind == "part" else kind, text, number(exercise.points), tooltip


# ---------------------------------------------------------------- what to talk about


def _mistakes(checked, exercises) -> list[Mistake]:
    """The recognised mistakes, commonest first."""
    mistakes: dict[tuple[str, str], Mistake] = {}
    for student in checked:
        for result in student.result.exercises:
            if result.mistake:
                new = Mistake(exercises[result.name], result.mistake, result.hint)
                mistakes.setdefault((result.name, result.mistake), new).students.append(student)
    return sorted(
        mistakes.values(), key=lambda mistake: (-len(mistake.students), mistake.exercise.place)
    )


def _unnamed(checked):
    """How many wrong answers, and how many of them no known mistake explains."""
    wrong = [
        exercise
        for student in checked
        for exercise in student.result.exercises
        if exercise.status in (Status.PARTLY, Status.FAILED, Status.ERROR)
    ]
    return len(wrong), sum(not exercise.mistake for exercise in wrong)


def _looks(students) -> list[Look]:
    """Everything that isn't plainly graded, the most urgent first, alike reasons together."""
    looks: dict[tuple[str, str], Look] = {}
    for student in students:
        result = student.result
        reasons = [result.reason] if result.status != Status.GRADED or result.reason else []
        for status, reason in [(result.status, text) for text in reasons] + [
            ("remark", text) for text in result.warnings
        ]:
            looks.setdefault((status, reason), Look(status, reason)).students.append(student)
    order = {
        status: urgency
        for urgency, status in enumerate((*URGENCY, Status.GRADED, Status.BLANK, "remark"))
    }
    return sorted(
        looks.values(), key=lambda item: (order.get(item.status, -1), -len(item.students))
    )


def _slowest(checked):
    """(student, seconds, percent of the slowest, its slowest exercise) of the slowest few."""
    ranked = sorted(checked, key=lambda student: -student.result.seconds)[:SLOWEST]
    ranked = [student for student in ranked if student.result.seconds > 0]
    return [
        (
            student,
            student.result.seconds,
            percent(student.result.seconds, ranked[0].result.seconds),
            max(student.result.exercises, key=lambda exercise: exercise.seconds),
        )
        for student in ranked
    ]
