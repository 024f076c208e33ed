"""The made-up class: the same for the same seed, varied, and known through and through."""

import json

import nbformat
import pytest

from autograder import sample
from autograder.authoring.material import read_material
from autograder.authoring.notebook import to_notebook
from autograder.course import Course
from autograder.testing.small import MINI

NAME = "01_mini"
SEED = 1


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The small course with a release that hides nothing: building takes too long for this."""
    root = tmp_path_factory.mktemp("course")
    for folder in ("source", "tests"):
        (root / folder).symlink_to(MINI / folder)
    material = read_material(Course(root), root / "source" / f"{NAME}.py")
    release = Course(root).release(NAME)
    release.mkdir(parents=True)
    nbformat.write(to_notebook(material.practical), release / f"{NAME}.ipynb")
    return Course(root)


def drawn(course, *kinds):
    return {s.kind: s for s in sample.draw_class(course, NAME, kinds, SEED)}


def cell_sources(student):
    return "\n".join("".join(cell["source"]) for cell in json.loads(student.data)["cells"])


def test_same_seed_same_bytes(course, tmp_path):
    one, same, other = (
        sample.make_class(course, NAME, 24, seed, tmp_path / str(n))
        for n, seed in enumerate((1, 1, 2))
    )
    assert one == same
    assert one != other
    files = {path.stem: path.read_bytes() for path in (tmp_path / "0").glob("*.ipynb")}
    assert files == {student.name: student.data for student in one}


def test_a_class_of_24_has_every_kind(course, tmp_path):
    made = sample.make_class(course, NAME, 24, SEED, tmp_path)
    assert {student.kind for student in made} == set(sample.FIRST)
    assert [student.name for student in made] == [f"student_{n:02}" for n in range(1, 25)]


def test_a_larger_class_makes_every_known_mistake(course, tmp_path):
    made = sample.make_class(course, NAME, 40, SEED, tmp_path)
    material = read_material(course, course.root / "source" / f"{NAME}.py")
    known = {
        (v.exercise, v.name) for vs in material.variants.values() for v in vs if not v.accepted
    }
    found = {
        (exercise, answer.removeprefix("mistake: "))
        for student in made
        for exercise, answer in student.answers.items()
        if answer.startswith("mistake: ")
    }
    assert found == known


def test_no_marker_words_are_handed_in(course):
    for student in sample.draw_class(course, NAME, ["right", "mistakes", "accepted"], SEED):
        assert "SOLUTION" not in cell_sources(student)


@pytest.mark.parametrize("kind", sample.FAULTS)
def test_a_fault_is_the_first_thing_a_function_does(course, kind):
    student = drawn(course, kind)[kind]
    (name,) = [exercise for exercise, answer in student.answers.items() if answer == kind]
    cell = next(c for c in json.loads(student.data)["cells"] if c["id"] == name)
    lines = [line.strip() for line in cell["source"].splitlines()]
    fault = sample.FAULTS[kind].splitlines()
    start = lines.index(fault[0])
    assert lines[start : start + len(fault)] == [line.strip() for line in fault]
    assert any(line.startswith("def ") for line in lines[:start])
    compile(cell["source"], name, "exec")


def test_broken_files_are_broken(course):
    made = drawn(course, "unreadable", "empty", "syntax_error", "duplicated_cell", "deleted_cell")
    assert made["empty"].data == b""
    with pytest.raises(json.JSONDecodeError):
        json.loads(made["unreadable"].data)
    with pytest.raises(SyntaxError):
        compile(cell_sources(made["syntax_error"]), "cells", "exec")
    ids = [cell["id"] for cell in json.loads(made["duplicated_cell"].data)["cells"]]
    assert len(ids) == len(set(ids)) + 1
    (gone,) = [e for e, answer in made["deleted_cell"].answers.items() if answer == "deleted"]
    assert gone not in [cell["id"] for cell in json.loads(made["deleted_cell"].data)["cells"]]


@pytest.mark.parametrize(("kind", "minor"), [("old_format", 2), ("colab", 0)])
def test_older_formats_have_no_cell_ids(course, kind, minor):
    notebook = json.loads(drawn(course, kind)[kind].data)
    assert notebook["nbformat_minor"] == minor
    assert not any("id" in cell for cell in notebook["cells"])
