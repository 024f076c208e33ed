"""`autograder new`: what it writes is a practical that keeps every rule, and it overwrites nothing."""

import io
import shutil

import nbformat
import pytest
from rich.console import Console

from autograder.authoring.build import build
from autograder.authoring.material import read_material
from autograder.authoring.new import new_practical
from autograder.authoring.try_ import try_exercise
from autograder.course import Course
from autograder.errors import UserError
from autograder.testing.small import MINI

NAME = "07_graph_networks"


@pytest.fixture
def course(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "tests").mkdir()
    shutil.copy(MINI / "requirements.txt", tmp_path)
    return Course(tmp_path)


def test_what_is_written_builds_without_a_change(course):
    said = list(new_practical(course, NAME))
    assert f"wrote source/{NAME}.py" in said
    assert said[-1].startswith("now: autograder try 07 softmax")
    build(course, course.choose("07"), say=lambda text: None, execute=False)
    notebook = nbformat.read(course.release(NAME) / f"{NAME}.ipynb", 4)
    cells = {cell.id: cell.source for cell in notebook.cells}
    assert notebook.cells[0].source.startswith("# Graph networks\n")
    assert "NotImplementedError" in cells["softmax"]
    assert "pictures.shares(softmax)" in cells["shares_picture"]
    assert (course.release(NAME) / "pictures.py").exists()
    assert not any("TITLE" in source or "starter" in source for source in cells.values())


def test_it_shows_what_a_practical_has(course):
    list(new_practical(course, NAME))
    material = read_material(course, course.choose("07"))
    assert list(material.practical.exercises) == ["softmax", "quiz"]
    assert [v.accepted for v in material.variants["softmax"]] == [False, False, False, True]
    assert {case.hidden for case in material.tests["softmax"].cases} == {True, False}
    kinds = {cell.kind for cell in material.practical.cells}
    assert kinds == {"text", "provided", "solution", "check", "demo", "discussion"}
    assert "<details>" in "".join(cell.source for cell in material.practical.cells)


def test_its_exercise_passes_the_trial(course):
    list(new_practical(course, NAME))
    printed = Console(file=io.StringIO(), width=200)
    assert try_exercise(course, course.choose("07"), "softmax", printed), printed.file.getvalue()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("diffusion", "'diffusion' can't be a practical: write two digits and a name"),
        ("7_diffusion", "can't be a practical"),
        ("07_Diffusion", "can't be a practical"),
        ("07_../../x", "can't be a practical"),
        (NAME, f"the number 07 is taken by {NAME}"),
        ("07_other", f"the number 07 is taken by {NAME}"),
        ("08_half", "08_half is there already"),
    ],
)
def test_nothing_is_overwritten_and_a_bad_name_is_one_line(course, name, message):
    list(new_practical(course, NAME))
    course.tests("08_half").mkdir()
    before = sorted(course.root.rglob("*"))
    with pytest.raises(UserError, match=message) as error:
        list(new_practical(course, name))
    assert "\n" not in str(error.value)
    assert sorted(course.root.rglob("*")) == before
