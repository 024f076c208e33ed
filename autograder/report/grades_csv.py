"""Grades for a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.files import write_whole
from autograder.grading.result import Result
from autograder.names import in_order, printable

FACTS = (
    *("student", "file", "status", "reason", "points", "max_points", "percent"),
    *("core_points", "core_max_points"),  # without the exercises that go further
)

# What makes a spreadsheet take a cell for a formula, also behind spaces, also in full width.
FORMULA = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")


def write_grades_csv(results: Sequence[Result], path: Path) -> None:
    """Write one practical's grades: a row a student, after the facts a column of points an exercise.

    UTF-8 with a byte order mark, which Excel needs and pandas skips. Text is always quoted and
    never a formula; an exercise that wasn't graded is an empty cell.
    """
    exercises = exercise_names(results)
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([safe_text(name) for name in (*FACTS, *exercises)])
    for result in sorted(results, key=lambda result: (in_order(result.student), result.file)):
        writer.writerow(_row(result, exercises))
    write_whole(path, text.getvalue().encode("utf-8-sig"))


def exercise_names(results: Iterable[Result]) -> list[str]:
    """The exercises of these results in the practical's order."""
    return list(dict.fromkeys(e.name for result in results for e in result.exercises))


def _row(result, exercises):
    points = {exercise.name: exercise.points for exercise in result.exercises}
    facts = (result.student, result.file, result.status, result.reason)
    percent = round(100 * result.points / result.max_points, 1) if result.max_points else ""
    return [
        *map(safe_text, facts),
        *map(plain_number, (result.points, result.max_points, percent, *result.core)),
        *(plain_number(points.get(name, "")) for name in exercises),
    ]


def safe_text(value: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    shown = printable(value)
    return f"'{shown}" if FORMULA.match(shown) else shown


def plain_number(value: float | str) -> float | str:
    """A number, or "" for none; whole ones without a point."""
    return int(value) if value != "" and value == int(value) else value
