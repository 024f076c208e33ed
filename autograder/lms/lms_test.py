"""A class downloaded from each LMS, graded once: the right students, points, files and pages."""

import csv
import re
import shlex
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from autograder import cli
from autograder.lms.feedback import zip_feedback
from autograder.lms.grades import export_grades

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Mini (7)
    Points Possible,,,,,6
"Lee, Zoë",123,,zoe,One,
"Ray, Bob",124,,bob,One,
"Fox, Eve",125,,eve,One,
"""
MOODLE = """\
Identifier,Full name,Grade,Maximum Grade,Last modified (grade)
Participant 51,Zoë Lee,,6.00,-
Participant 52,Bob Ray,,6.00,-
Participant 53,Eve Fox,,6.00,-
"""


def rows(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.reader(file))


def test_every_student_has_a_row_with_the_same_score_for_the_same_work(graded):
    table = rows(graded[1] / "01_mini" / "grades.csv")
    points = {row[0]: (row[2], row[4]) for row in table[1:]}
    right, wrong = ("graded", "6"), ("graded", "5")
    assert points == {
        **{"leezoë_123": right, "raybob_124": wrong, "foxeve_125": ("unreadable", "0")},
        **{"Zoë Lee_51": right, "Bob Ray_52": wrong, "zl1": right, "br2": wrong},
        **{"Zoë Lee_007": right, "Bob Ray_bob@x.org": wrong, "Eve Fox_009": wrong},
    }


@pytest.mark.parametrize(
    ("lms", "given", "column", "expected"),
    [("Canvas", CANVAS, 5, ["6", "5", ""]), ("Moodle", MOODLE, 2, ["6", "5", ""])],
    ids=["Canvas", "Moodle"],
)
def test_the_lms_gets_its_grades_back(graded, tmp_path, lms, given, column, expected):
    gradebook, output = tmp_path / "given.csv", tmp_path / "out.csv"
    gradebook.write_text(given)
    notes = export_grades(lms, graded[1], None, gradebook, None, False, output)
    table = rows(output)
    assert [row[column] for row in table[-3:]] == expected
    mask = next(n for n, title in enumerate(table[0]) if "causal_mask" in title)
    assert [row[mask] for row in table[-3:]] == ["2", "1", ""]
    [unknown] = [note for note in notes if "without a row" in note]
    assert "zl1" in unknown


@pytest.mark.parametrize(
    ("lms", "names"),
    [
        ("Canvas", ["foxeve_125_903_01_mini", "leezoë_123_901_01_mini-1", "raybob_LATE_124_902_homework"]),
        ("Moodle", ["Bob Ray_52_assignsubmission_file/feedback", "Zoë Lee_51_assignsubmission_file_/feedback"]),
    ],
    ids=["Canvas", "Moodle"],
)  # fmt: skip
def test_every_student_gets_the_page_back(graded, tmp_path, lms, names):
    zip_feedback(lms, graded[1], None, None, tmp_path / "f.zip")
    with zipfile.ZipFile(tmp_path / "f.zip") as archive:
        assert sorted(archive.namelist()) == [f"{name}.html" for name in names]
        assert all(archive.read(name).startswith(b"<!") for name in archive.namelist())


def run(monkeypatch, capsys, folder, *words):
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["autograder", *map(str, words)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return end.value.code, capsys.readouterr()


def test_the_commands(mini, graded, tmp_path, monkeypatch, capsys):
    downloads, grades = graded
    here = (monkeypatch, capsys, mini.root)
    canvas = downloads / "Canvas.zip"
    code, said = run(*here, "collect", canvas, "-a", "01", "-o", tmp_path / "submitted")
    assert (code, said.out.splitlines()[-1]) == (0, f"{tmp_path / 'submitted'}: 3 new")
    code, said = run(*here, "export", "--for", "moodle", grades, "-o", tmp_path / "m.csv")
    assert code == 0
    assert said.out.endswith(f"{tmp_path / 'm.csv'}: grades of 01_mini for Moodle\n")
    code, said = run(*here, "feedback", "--for", "canvas", grades, "-o", tmp_path / "f.zip")
    assert code == 0
    assert said.out.endswith(f"{tmp_path / 'f.zip'}: 3 pages\n")


DOCS = Path(__file__).parents[2] / "docs"


def test_the_commands_of_the_page_run_as_printed(mini, graded, tmp_path, monkeypatch, capsys):
    root = tmp_path / "course"
    shutil.copytree(mini.root, root)
    shutil.copytree(graded[1], root / "grades")
    shutil.copy(graded[0] / "Canvas.zip", root / "submissions.zip")
    (root / "gradebook.csv").write_text(CANVAS)
    (root / "worksheet.csv").write_text(MOODLE)
    text = (DOCS / "folder-and-lms.md").read_text()
    commands = re.findall(r"(?m)^autograder (?!grade )(.*)$", text)
    assert len(commands) == 6
    for command in commands:
        code, said = run(monkeypatch, capsys, root, *shlex.split(command))
        assert (command, code, said.err) == (command, 0, "")
    assert {"canvas.csv", "moodle.csv", "feedback_canvas.zip"} <= {p.name for p in root.iterdir()}


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("collect", "none"), "there is no none"),
        (("collect", ".", "-a", "09"), "there is no practical '09'"),
        (("export", "--for", "canvas", "none"), "there is no folder none"),
        (("feedback", "--for", "moodle", "none"), "there is no folder none"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(mini, monkeypatch, capsys, words, line):
    code, said = run(monkeypatch, capsys, mini.root, *words)
    assert code == 2
    assert said.err.startswith(line)
    assert said.err.count("\n") == 1
