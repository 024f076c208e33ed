"""What students get beside the notebook that nbgrader made, and the notebook's last touches."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
from workbook.key import Answers

from autograder.authoring import keys
from autograder.authoring.material import Material
from autograder.authoring.percent import Practical, without_markers
from autograder.course import LEFT_BEHIND, WORKBOOK, Course
from autograder.packages import STUDENTS

IGNORED = shutil.ignore_patterns(*LEFT_BEHIND)


def complete_release(course: Course, release: Path, material: Material, key: Answers) -> None:
    """Add to what nbgrader released all that students need beside it."""
    practical = material.practical
    edit_cells(release / f"{practical.name}.ipynb", lambda cell: _open_quiz(cell, practical))
    shutil.copytree(WORKBOOK, release / WORKBOOK.name, ignore=IGNORED)
    (release / "requirements.txt").write_text(
        student_requirements(course.root / "requirements.txt")
    )
    (release / "tests").mkdir()
    for tests in material.tests.values():
        (release / "tests" / tests.path.name).write_text(tests.public_text, encoding="utf-8")
    (release / "tests" / "answers.safetensors").write_bytes(keys.to_bytes(keys.public_part(key)))
    for file in release.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)


def complete_solution(solutions: Path, practical: Practical, key: Answers) -> None:
    """Add the answer key to the solution notebook, and show its rubrics."""
    edit_cells(solutions / f"{practical.name}.ipynb", _show_rubric)
    (solutions / "answers.safetensors").write_bytes(keys.to_bytes(key))


def edit_cells(path: Path, edit: Callable[[nbformat.NotebookNode], None]) -> None:
    """Change each cell of a notebook in place."""
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        edit(cell)
    nbformat.write(notebook, path)


def _open_quiz(cell, practical):
    """A line for each answer, where nbgrader leaves its one stub."""
    exercise = practical.exercises.get(cell.id)
    if exercise and exercise.quiz:
        cell.source = exercise.quiz.blank()


def _show_rubric(cell):
    """The marker words of a rubric would be shown as headings."""
    if cell.cell_type == "markdown":
        cell.source = without_markers(cell.source)


def student_requirements(pinned: Path) -> str:
    """The pins of what students install."""
    pins = dict(re.findall(r"(?m)^([A-Za-z0-9_.-]+)(==.*)$", pinned.read_text()))
    return "".join(f"{name}{pins[name]}\n" for name in STUDENTS if name in pins)
