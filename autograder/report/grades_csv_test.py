"""grades.csv reads back the same everywhere, and nothing in it is a formula."""

import csv

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.grading.result import ExerciseResult, Result
from autograder.names import printable
from autograder.report.grades_csv import write_grades_csv


def exercise(name, points, max_points=4.0):
    return ExerciseResult(name, name.replace("_", " "), "partly right", points, max_points)


def result(student, *exercises, **facts):
    points = sum(e.points for e in exercises)
    facts = {"file": "a.ipynb", "status": "graded", "points": points, "max_points": 8.0} | facts
    return Result(practical="02_attention", student=student, exercises=list(exercises), **facts)


def rows(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.reader(file))


def test_a_row_a_student_and_a_column_an_exercise(tmp_path):
    whole = result("Zoë, M.", exercise("mask", 4.0), exercise("attend", 0.5), reason='said "no"')
    none = result("anna", status="unreadable", reason="the file is empty")
    write_grades_csv([whole, none], tmp_path / "grades.csv")
    header, *body = rows(tmp_path / "grades.csv")
    facts = "student,file,status,reason,points,max_points,percent,core_points,core_max_points"
    assert header == [*facts.split(","), "mask", "attend"]
    assert body == [
        ["anna", "a.ipynb", "unreadable", "the file is empty", "0", "8", "0", "0", "8", "", ""],
        ["Zoë, M.", "a.ipynb", "graded", 'said "no"', "4.5", "8", "56.2", "4.5", "8", "4", "0.5"],
    ]


def test_what_goes_further_is_in_the_points_and_not_in_those_of_the_core(tmp_path):
    further = exercise("attend", 3.0)
    further.further = True
    write_grades_csv([result("anna", exercise("mask", 4.0), further)], tmp_path / "grades.csv")
    assert rows(tmp_path / "grades.csv")[1][4:9] == ["7", "8", "87.5", "4", "4"]


def test_excel_sees_utf_8_and_pandas_the_first_column(tmp_path):
    write_grades_csv([result("Zoë", exercise("mask", 1.5))], tmp_path / "grades.csv")
    assert (tmp_path / "grades.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(tmp_path / "grades.csv")
    assert table.columns[0] == "student"
    assert table.loc[0, ["student", "points", "mask"]].tolist() == ["Zoë", 1.5, 1.5]


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t=", "\r=", "\n@", "  =", "＝", "\x1b[0m="]
)
def test_formulas_are_defused(tmp_path, start):
    attack = f"{start}cmd|' /C calc'!A0"
    hostile = result(attack, exercise(attack, 1.0), file=attack, reason=attack)
    write_grades_csv([hostile], tmp_path / "grades.csv")
    header, row = rows(tmp_path / "grades.csv")
    for cell in (row[0], row[1], row[3], header[-1]):
        assert cell.startswith("'")
        assert cell.endswith("cmd|' /C calc'!A0")


def test_a_semicolon_starts_no_new_cell_where_it_separates(tmp_path):
    write_grades_csv([result("a;=1+1")], tmp_path / "grades.csv")
    with (tmp_path / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        assert [row[0] for row in csv.reader(file, delimiter=";")][1].startswith("a;=1+1")


def test_without_points_to_earn_there_is_no_percentage(tmp_path):
    write_grades_csv([result("anna", max_points=0.0)], tmp_path / "grades.csv")
    assert rows(tmp_path / "grades.csv")[1][4:7] == ["0", "0", ""]


def test_the_order_does_not_depend_on_the_order_of_grading(tmp_path):
    class_ = [result(name) for name in ("student_10", "Student_2", "student_1")]
    write_grades_csv(class_, tmp_path / "one.csv")
    write_grades_csv(class_[::-1], tmp_path / "other.csv")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "other.csv").read_bytes()
    names = [row[0] for row in rows(tmp_path / "one.csv")]
    assert names == ["student", "student_1", "Student_2", "student_10"]


anything = st.text(st.characters(), max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(anything, anything, st.floats(0, 8)), max_size=4))
def test_round_trip(tmp_path, drawn):
    class_ = [
        result(name, exercise("mask", points), reason=reason) for name, reason, points in drawn
    ]
    write_grades_csv(class_, tmp_path / "grades.csv")
    read = rows(tmp_path / "grades.csv")[1:]
    assert len(read) == len(class_)
    found = {(row[0].removeprefix("'"), row[3].removeprefix("'"), float(row[4])) for row in read}
    expected = {
        (printable(r.student).removeprefix("'"), printable(r.reason).removeprefix("'"), r.points)
        for r in class_
    }
    assert found == expected
    assert not any(cell[:1] in "=+-@" for row in read for cell in row if cell)
