"""Links, pipes, folders that can't be read and times that are none: a row each, nothing stopped, nothing shown."""

import json
import os
import shutil
import socket

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.doors.conftest import NAME, make_course
from autograder.doors.nbgrader.handed_in import Guard

pytestmark = pytest.mark.slow

SECRET = "the-reference-of-01"
TIMES = {
    "garbage": b"next tuesday, or so",
    "not text": b"\xff\xfe\0\0",
    "a path": b"2030-01-01 10:00:00 /etc/localtime",
    "long": b"1" * 10_000_000,
    "year of none": b"99999-99-99 99:99:99 UTC",
}


def linked_notebook(folder, secrets, notebook):
    (folder / f"{NAME}.ipynb").symlink_to(secrets / f"{NAME}.ipynb")


def linked_folder(folder, secrets, notebook):
    folder.rmdir()
    folder.symlink_to(secrets)


def linked_student(folder, secrets, notebook):
    folder.rmdir()
    folder.parent.rmdir()
    folder.parent.symlink_to(secrets.parent)


def linked_file(folder, secrets, notebook):
    (folder / f"{NAME}.ipynb").write_bytes(notebook)
    (folder / "helper.py").symlink_to(secrets / "answers.safetensors")
    (folder / "inside").symlink_to(secrets)
    (folder / "timestamp.txt").symlink_to(secrets / "answers.safetensors")


def pipes(folder, secrets, notebook):
    os.mkfifo(folder / f"{NAME}.ipynb")
    os.mkfifo(folder / "notes.txt")
    os.mkfifo(folder / "timestamp.txt")
    with socket.socket(socket.AF_UNIX) as plug:
        where = os.getcwd()
        os.chdir(folder)  # as such names are short
        plug.bind("plug.txt")
        os.chdir(where)


def a_folder(folder, secrets, notebook):
    (folder / f"{NAME}.ipynb").mkdir()
    shutil.copy(secrets / "answers.safetensors", folder / f"{NAME}.ipynb")


def odd_name(folder, secrets, notebook):
    (folder / f"{NAME}.ipynb").write_bytes(notebook)


UNREADABLE = {
    "linked notebook": linked_notebook,
    "linked folder": linked_folder,
    "linked student": linked_student,
    "pipes": pipes,
    "a folder": a_folder,
}
GRADED = {"linked file": linked_file, "[b]racket": odd_name, "on\nlines": odd_name}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A class of mischief and one honest student, autograded, with feedback."""
    course = make_course(tmp_path_factory.mktemp("mischief") / "course")
    made = course.run("nbgrader", "generate_assignment", "--force", NAME)
    assert made.returncode == 0, made.stderr
    notebook = json.dumps(course.solution()).encode()
    secrets = course.root / "hidden" / NAME
    secrets.mkdir(parents=True)
    told = course.solution()
    told["cells"].append({"cell_type": "code", "id": "own", "metadata": {}, "source": SECRET})
    (secrets / f"{NAME}.ipynb").write_text(json.dumps(told))
    (secrets / "answers.safetensors").write_text(SECRET)
    for student, make in {**UNREADABLE, **GRADED}.items():
        folder = course.root / "submitted" / student / NAME
        folder.mkdir(parents=True)
        make(folder, secrets, notebook)
    course.hand_in("honest", notebook)
    for student, text in TIMES.items():
        course.hand_in(student, notebook)
        (course.root / "submitted" / student / NAME / "timestamp.txt").write_bytes(text)
    graded = course.run("nbgrader", "autograde", NAME)
    assert graded.returncode == 0, graded.stderr
    assert "Traceback" not in graded.stderr
    assert "on lines" in graded.stderr  # the one that nbgrader has no name for
    made = course.run("nbgrader", "generate_feedback", NAME)
    assert made.returncode == 0, made.stderr
    return course


@pytest.fixture(scope="module")
def scores(course):
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        return {s.student.id: s.score for s in gradebook.assignment_submissions(NAME)}


def first_cell(course, student):
    path = course.root / "autograded" / student / NAME / f"{NAME}.ipynb"
    return nbformat.read(path, 4).cells[0].source


@pytest.mark.parametrize("student", UNREADABLE)
def test_what_is_no_file_is_its_students_row(course, scores, student):
    assert scores[student] == 0
    assert "unreadable: the" in first_cell(course, student).replace("this isn't", "the")


@pytest.mark.parametrize("student", ["linked file", "[b]racket", *TIMES])
def test_whoever_handed_in_a_notebook_has_its_points(course, scores, student):
    assert scores[student] == scores["honest"] > 0


@pytest.mark.parametrize("student", ["linked file", *TIMES])
def test_a_time_that_is_none_is_said(course, student):
    assert "says no time" in first_cell(course, student)


@pytest.mark.parametrize("step", ["autograded", "feedback"])
def test_nothing_that_a_link_leads_to_is_copied(course, step):
    copied = [path for path in (course.root / step).rglob("*") if not path.is_dir()]
    assert len(copied) >= len(UNREADABLE) + len(TIMES)
    assert not [path for path in copied if path.is_symlink() or not path.is_file()]
    assert not [path for path in copied if SECRET.encode() in path.read_bytes()]


def test_a_folder_that_cannot_be_read_is_its_students_row(course, monkeypatch):
    """As root reads everything, what listing it raises is played."""
    folder = course.root / "submitted" / "closed" / NAME
    folder.mkdir(parents=True)
    listdir = os.listdir

    def refused(path):
        if os.path.abspath(path) == str(folder):
            raise PermissionError(13, "Permission denied", str(path))
        return listdir(path)

    monkeypatch.setattr(os, "listdir", refused)
    config = Config({"CourseDirectory": {"root": str(course.root), "assignment_id": NAME}})
    coursedir = CourseDirectory(config=config)
    converter = Autograde(coursedir=coursedir)
    converter.init_notebooks()
    Guard(converter)
    assert converter.assignments[str(folder)] == [f"{folder}/{NAME}.ipynb"]
