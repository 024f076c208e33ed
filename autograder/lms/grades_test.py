"""Canvas's gradebook and Moodle's worksheet come back filled in, and say what isn't in them."""

import csv
import io

import pytest

from autograder.errors import UserError
from autograder.lms.conftest import made
from autograder.lms.grades import export_grades

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Homework: Mini (77),Essay (78),Current Score
,,,,,Manual Posting,,
    Points Possible,,,,,10,100,(read only)
"Lee, Ann",123,s1,ann@x.org,"One, and Two",,80,"80,5"
"Ray, Bob",124,s2,bob,One,EX,,
"=cmd|' /C calc'!A0",125,s3,eve,One,3,,
"Student, Test",99,,x,One,,,
"""
MOODLE = """\
Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed","Last modified (submission)","Last modified (grade)","Feedback comments"
"Participant 51","Ann Lee",ann@x.org,Submitted,,100.00,Yes,"Monday, 1 June 2026, 9:00 AM",-,"- well
done"
"Participant 52","Bob Ray",bob@x.org,Submitted,7.00,100.00,No,-,-,
"Participant 53",=1+1,eve@x.org,Submitted,,100.00,Yes,-,-,
"""
ANN = "leeann_123_456_01_mini.ipynb"


@pytest.fixture
def export(tmp_path, saved):
    """Exports results and reads back what was written."""

    def export(lms, results, given=None, **options):
        gradebook = None
        if given is not None:
            gradebook = tmp_path / "given.csv"
            gradebook.write_bytes(given if isinstance(given, bytes) else given.encode())
        output = tmp_path / "out" / "grades.csv"
        options = {"wanted": None, "column": None, "core": False} | options
        notes = export_grades(lms, saved(*results), gradebook=gradebook, output=output, **options)
        assert notes.pop().startswith(f"{output}: grades of ")
        data = output.read_bytes()
        mark = data.startswith(b"\xef\xbb\xbf")
        assert mark == (lms == "Moodle")
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
        assert all(len(row) == len(rows[0]) for row in rows)
        return rows, notes

    return export


# ---------------------------------------------------------------- Canvas


def test_a_gradebook_of_canvas_comes_back_filled_in(export):
    rows, notes = export("Canvas", [made("leeann_123", ANN, 4.0)], CANVAS)
    exercises = ["01 mask Current Points", "01 more Current Points"]
    assert rows[0] == [*CANVAS.splitlines()[0].split(","), *exercises]
    assert rows[2][5:] == ["10", "100", "(read only)", "(read only)", "(read only)"]
    assert rows[3] == ["Lee, Ann", "123", "s1", "ann@x.org", "One, and Two", "8", "80", "80,5", "4", "0"]  # fmt: skip
    assert rows[4] == ["Ray, Bob", "124", "s2", "bob", "One", "EX", "", "", "", ""]
    assert rows[5][5:] == ["3", "", "", "", ""]
    assert notes == [
        "01_mini: in given.csv without a grade from here, left as they were: Ray, Bob; =cmd|' /C calc'!A0",
        "01_mini: it has 5 points, Canvas counts 10: grades are scaled to that",
    ]


def test_no_cell_is_a_formula_and_what_canvas_reads_back_is_as_it_was(export):
    rows, _ = export("Canvas", [made("leeann_123", ANN)], CANVAS)
    assert rows[5][:2] == ["'=cmd|' /C calc'!A0", "125"]
    assert not any(cell[:1] in "=+@" for row in rows for cell in row if cell)


def test_who_is_not_in_the_gradebook_or_cannot_be_graded_is_a_line(export):
    results = [
        made("new_9", "new_9_10_x.ipynb"),
        made("raybob_124", "raybob_124_1_x.ipynb"),
        made("evil_123", "evil_123_1_x.ipynb"),
        made("=cmd", status="unreadable", reason="the file is empty", exercises=[], points=0.0),
    ]
    rows, notes = export("Canvas", results, CANVAS)
    assert notes[0] == "=cmd: unreadable, no grade: the file is empty"
    assert "01_mini: evil_123: this number is Lee, Ann's in given.csv, no grade given" in notes
    assert "01_mini: not in given.csv, so without a row: new_9" in notes
    assert "01_mini: raybob_124 is excused in given.csv, no grade given" in notes
    assert [row[5] for row in rows[3:]] == ["", "EX", "3", ""]


@pytest.mark.parametrize("student", ["leeann_123", "Ann Lee", "ann", "ann@x.org", "s1", "LEE ANN"])
def test_students_are_found_without_an_lms_as_well(export, student):
    rows, _ = export("Canvas", [made(student)], CANVAS)
    assert rows[3][5] == "8"


@pytest.mark.parametrize("student", ["annie_123", "123", "Lee", ""])
def test_nobody_is_taken_for_somebody_else(export, student):
    rows, _ = export("Canvas", [made(student)], CANVAS)
    assert [row[5] for row in rows[3:]] == ["", "EX", "3", ""]


def test_of_two_results_of_one_student_the_better_one_counts_and_both_are_named(export):
    other = "leeann_123_457_notes.ipynb"
    results = [made("leeann_123", ANN, 3.0), made(f"leeann_123 ({other})", other, 1.0)]
    rows, notes = export("Canvas", results, CANVAS)
    assert rows[3][5] == "6"
    assert f"01_mini: Lee, Ann has two results: {ANN} counts, {other} doesn't" in notes


def test_the_core_alone(export):
    rows, _ = export("Canvas", [made("leeann_123", ANN, 4.0)], CANVAS, core=True)
    assert rows[3][5] == "10"


@pytest.mark.parametrize("column", ["Essay (78)", "Essay", "78"])
def test_a_column_may_be_named(export, column):
    rows, _ = export("Canvas", [made("leeann_123", ANN, 4.0)], CANVAS, column=column)
    assert rows[3][5:7] == ["", "80"]  # 4 of 5 points, out of 100


def test_without_its_column_a_new_one_is_made_and_said(export):
    rows, notes = export("Canvas", [made("leeann_123", ANN)], CANVAS.replace("Mini", "One"))
    assert rows[0][8] == "01_mini"
    assert (rows[2][8], rows[3][8]) == ("5", "4")
    assert notes[0].startswith("given.csv has no column for 01_mini: a new one was made; --column")


def test_what_came_back_once_may_come_back_again(export, tmp_path):
    first, _ = export("Canvas", [made("leeann_123", ANN, 1.0)], CANVAS)
    text = (tmp_path / "out" / "grades.csv").read_text()
    second, _ = export("Canvas", [made("leeann_123", ANN, 4.0)], text)
    assert second[0] == first[0]
    assert second[3][5:] == ["8", "80", "80,5", "4", "0"]


def test_without_a_gradebook_canvas_gets_all_practicals_by_its_numbers(export):
    results = [made("leeann_123", ANN, 4.0), made("raybob_124", "raybob_124_1_x.ipynb", 1.0)]
    results += [made("leeann_123", ANN, 2.0, practical="02_more"), made("joe")]
    rows, notes = export("Canvas", results)
    assert rows[0][:6] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "01_mini"]
    assert rows[0][8:] == ["02_more", "02 mask Current Points", "02 more Current Points"]
    assert rows[1][:1] == ["    Points Possible"]
    assert rows[1][5:9] == ["5", "(read only)", "(read only)", "5"]
    assert [row[:2] + row[5:6] + row[8:9] for row in rows[2:]] == [
        ["joe", "", "4", ""],
        ["leeann", "123", "4", "2"],
        ["raybob", "124", "1", ""],
    ]
    assert notes == [
        "02_more: in the new gradebook without a grade from here, left as they were: joe; raybob"
    ]


# ---------------------------------------------------------------- Moodle


def test_a_worksheet_of_moodle_comes_back_filled_in(export):
    results = [
        made("Ann Lee_51", "Ann Lee_51_assignsubmission_file_/x.ipynb", 4.0),
        made("Bob Ray_52", "Bob Ray_52_assignsubmission_file_/x.ipynb", 4.0),
    ]
    rows, notes = export("Moodle", results, "\ufeff" + MOODLE)
    assert rows[0][9:] == ["Feedback comments", "01 mask", "01 more"]
    assert rows[1][4:] == ["80", "100.00", "Yes", "Monday, 1 June 2026, 9:00 AM", "-", "- well\ndone", "4", "0"]  # fmt: skip
    assert rows[2][4] == "7.00"
    assert rows[3][:5] == ["Participant 53", "'=1+1", "eve@x.org", "Submitted", ""]
    assert notes == [
        "in given.csv without a grade from here, left as they were: =1+1",
        "Bob Ray_52: given.csv says that this grade can't be changed",
        "it has 5 points, Moodle counts 100: grades are scaled to that",
    ]


@pytest.mark.parametrize("student", ["Ann Lee", "Ann-Lee", "Ann-Lee_51", "ann@x.org", "ann"])
def test_students_of_moodle_are_found_after_collecting(export, student):
    rows, _ = export("Moodle", [made(student, points=4.0)], MOODLE)
    assert rows[1][4] == "80"


def test_a_worksheet_graded_blind_goes_by_numbers_alone(export):
    blind = "Identifier,Status,Grade,Maximum Grade,Last modified (grade)\nParticipant 51,-,,5,-\n"
    result = made("Participant_51", "Participant_51_assignsubmission_file_/x.ipynb")
    rows, notes = export("Moodle", [result], blind)
    assert rows[1] == ["Participant 51", "-", "4", "5", "-", "4", "0"]
    assert notes == []


def test_a_groups_number_is_nobody_elses(export):
    result = made("Group A_51", "Group A_51_assignsubmission_file_/x.ipynb")
    rows, notes = export("Moodle", [result], MOODLE)
    assert rows[1][4] == ""
    assert notes[0] == "Group A_51: this number is Ann Lee's in given.csv, no grade given"


def test_without_a_worksheet_moodle_gets_its_numbers(export):
    result = made("=Ann_51", "=Ann_51_assignsubmission_file_/x.ipynb")
    rows, notes = export("Moodle", [result, made("joe")])
    assert rows[1] == ["Participant 51", "'=Ann", "4", "5", "-", "4", "0"]
    assert notes == ["not in the new worksheet, so without a row: joe"]


# ---------------------------------------------------------------- what is refused

NO_POINTS = "Student,ID,Section\nAnn,1,One\n"
REFUSED = {
    "no gradebook": ("Canvas", "a,b\n1,2\n", {}, "is no gradebook of Canvas"),
    "no row of points": ("Canvas", NO_POINTS, {}, "no row Points Possible"),
    "no such column": (
        "Canvas",
        CANVAS,
        {"column": "x"},
        "0 columns for x: name one with --column",
    ),
    "two such columns": ("Canvas", CANVAS.replace("Essay", "Mini"), {}, "2 columns for 01_mini"),
    "a column of nothing": ("Canvas", None, {"column": "x"}, "--column needs"),
    "no worksheet": ("Moodle", "a,b\n1,2\n", {}, "download the grading worksheet"),
    "no numbers": ("Moodle", None, {}, "name its worksheet with --gradebook"),
    "no such practical": ("Canvas", None, {"wanted": "07"}, "no results of 07; there are: 01_mini"),
    "nothing in it": ("Canvas", "", {}, "has no students in it"),
    "not text": ("Canvas", b"\xff\x00\xfa", {}, "isn't a CSV file in UTF-8"),
    "not CSV": ("Canvas", 'a,"b\n1,2\n', {}, "isn't a CSV file in UTF-8"),
    "a row too long": ("Canvas", "a,b\n1,2,3\n", {}, "more cells in row 2"),
}


@pytest.mark.parametrize(("lms", "given", "options", "line"), REFUSED.values(), ids=REFUSED)
def test_bad_input_is_one_line(export, lms, given, options, line):
    with pytest.raises(UserError, match=rf"^[^\n]*{line}[^\n]*$"):
        export(lms, [made("joe")], given, **options)


def test_moodle_takes_one_practical(export):
    with pytest.raises(UserError, match="one practical at a time: name one with -a"):
        export("Moodle", [made("joe"), made("joe", practical="02_more")])


def test_results_that_are_not_there_are_one_line(tmp_path):
    for grades in (tmp_path / "none", tmp_path):
        with pytest.raises(
            UserError, match=r"there is no folder|holds no results of any practical"
        ):
            export_grades("Canvas", grades, None, None, None, False, tmp_path / "x.csv")


def test_what_the_lms_gave_out_is_never_written_over(saved, tmp_path):
    given = tmp_path / "given.csv"
    given.write_text(CANVAS)
    with pytest.raises(UserError, match="name another file"):
        export_grades("Canvas", saved(made("joe")), None, given, None, False, given)
    assert given.read_text() == CANVAS
