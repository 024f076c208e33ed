"""What docs/authoring.md tells authors: its practical builds, and what it names is there."""

import re
import shutil
from pathlib import Path

import pytest
import workbook
import workbook.draw

from autograder.authoring.build import build
from autograder.authoring.headers import CODE, PROSE
from autograder.authoring.material import read_material
from autograder.authoring.rules import LONGEST_CELL
from autograder.authoring.words import LANGUAGES, LEVELS
from autograder.cli import app
from autograder.course import Course
from autograder.testing.small import MINI

TEXT = (Path(__file__).parents[2] / "docs" / "authoring.md").read_text()


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The practical that the page writes."""
    course = Course(tmp_path_factory.mktemp("docs"))
    pieces = re.findall(r"(?ms)^`((?:source|tests)/\S+)`:\n\n```\w+\n(.*?)^```$", TEXT)
    files: dict[str, str] = {}
    for path, piece in pieces:
        files[path] = files[path] + "\n" + piece if path in files else piece
    for path, text in files.items():
        (course.root / path).parent.mkdir(parents=True, exist_ok=True)
        (course.root / path).write_text(text)
    shutil.copy(MINI / "requirements.txt", course.root)
    return course


def test_the_practical_of_the_page_builds(course):
    build(course, course.choose("07"), say=lambda text: None, execute=False)
    assert (course.release("07_masks") / "pictures.py").exists()


def test_it_shows_every_kind_of_cell(course):
    practical = read_material(course, course.choose("07")).practical
    assert {cell.kind for cell in practical.cells} >= {*CODE, "text", "discussion"}
    assert [exercise.id for exercise in practical.exercises.values()] == ["causal_mask", "quiz"]
    text = "\n".join(cell.source for cell in practical.cells)
    assert "**2 points · 10 minutes · Intermediate.** Rows are queries" in text
    assert "So exercise 1 costs" in text


def test_every_kind_of_header_is_in_the_table():
    listed = re.findall(r"(?m)^\| `# %% (?:\[markdown\] )?(\w+)", TEXT)
    assert {*listed} == {*CODE, *PROSE}
    assert all(f'"{level}"' in TEXT for level in LEVELS)


def test_what_the_page_names_is_there():
    helpers = re.findall(r"(?m)^\| `(\w+)\(", TEXT)
    assert len(helpers) == 8
    assert all(hasattr(workbook, name) for name in helpers)
    drawing = re.search(r"`workbook\.draw` has (.*)", TEXT)[1]
    assert all(hasattr(workbook.draw, name) for name in re.findall(r"`(\w+)`", drawing))
    assert f"more than {LONGEST_CELL} lines" in TEXT
    assert all(f"`{language}`" in TEXT for language in LANGUAGES)


def test_every_command_of_the_page_is_a_verb():
    verbs = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert {*re.findall(r"autograder (\w+) [0-9N-]", TEXT)} <= verbs


def test_the_tolerances_of_the_page_are_those_of_expect():
    assert "1e-5 and 1e-4 unless" in TEXT
    assert "(default 1e-4 and 1e-5)" in workbook.expect.__doc__
