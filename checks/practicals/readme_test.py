"""README's table of practicals is that of their sources."""

from pathlib import Path

import pytest

from autograder.authoring.percent import read_practical
from autograder.course import Course

COURSE = Course(Path(__file__).parents[2])


@pytest.mark.parametrize("path", COURSE.practicals, ids=lambda p: p.stem)
def test_its_row_counts_exercises_and_minutes(path):
    practical = read_practical(path)
    exercises = [e for e in practical.exercises.values() if not e.quiz]
    core = sum(not e.further for e in exercises)
    number = path.stem[:2]
    rows = (COURSE.root / "README.md").read_text().splitlines()
    row = next(row for row in rows if row.startswith(f"| {number} "))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[0] == f"{number} {practical.title}"
    assert cells[2] == f"{core} exercises, {practical.minutes} minutes"
    assert cells[3] == f"{len(exercises) - core} exercises"
