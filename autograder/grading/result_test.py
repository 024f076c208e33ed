"""Stored results: what is read is what was written, or one line says that it isn't a result."""

import copy
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import UserError
from autograder.grading.result import Attempt, CaseResult, ExerciseResult, Result, load_results
from autograder.status import OF_CASES, OF_EXERCISES, OF_SUBMISSIONS, Status

CASES = [
    CaseResult("seen", "what is seen", False, Status.PASSED, 0.0, 0.0),
    CaseResult("decides", "what decides", True, Status.FAILED, 0.0, 2.0, "it is 3"),
]
EXERCISE = ExerciseResult("f", "the f", Status.PARTLY, 0.0, 2.0, CASES, "three", "Count.", own_points=0.0)  # fmt: skip
ATTEMPTS = [
    Attempt("2026-11-26T09:00:00.000000+00:00", "a.ipynb", Status.GRADED, 0.0, 2.0, counts)
    for counts in (False, True)
]
RESULT = Result("01_mini", "anna", "a.ipynb", Status.GRADED, "why", ["odd"], 0.0, 2.0, [EXERCISE], "process", "k", 1.5, attempts=ATTEMPTS)  # fmt: skip
DATA = json.loads(json.dumps(RESULT, default=asdict))


def load(content: bytes) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "anna.json"
        path.write_bytes(content)
        return Result.load(path)


def changed(*place, value):
    """The bytes of a result in which one value is another."""
    data = copy.deepcopy(DATA)
    inside = data
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = value
    return json.dumps(data).encode()


@pytest.mark.parametrize("student", ["anna", "naïve \ud800 name\n", ""])
def test_what_is_written_is_read(tmp_path, student):
    RESULT.student = student
    folder = tmp_path / RESULT.practical
    RESULT.save(folder / "anna.json")
    assert load_results(folder) == [RESULT]


def test_a_result_lies_in_its_practicals_folder(tmp_path):
    RESULT.save(tmp_path / "05_another" / "anna.json")
    with pytest.raises(
        UserError, match="another practical than the folder's: it lies in 05_another/"
    ):
        load_results(tmp_path / "05_another")


def test_no_practical_has_a_name_that_no_file_can_have():
    with pytest.raises(UserError, match="is no practical's name"):
        load(changed("practical", value="\ud800"))


@pytest.mark.parametrize("student", ["anna", 'naïve \ud800 "name"\n', "\u2028\x7f\x01"])
def test_what_travels_and_what_is_written_is_json(student):
    result = copy.deepcopy(RESULT)
    result.student, result.seconds = student, 1e-5
    assert Result.unpack(result.pack()) == result
    written = json.dumps(result, default=asdict, indent=1, ensure_ascii=False)
    assert result.text() == written.encode("utf-8", "backslashreplace")


def test_what_is_no_result_is_one_line_about_the_worker():
    with pytest.raises(UserError, match=r"^a worker sent what is no result"):
        Result.unpack(b'{"schema": 1}')


def test_a_result_written_before_later_fields_came_is_read(tmp_path):
    older = copy.deepcopy(DATA)
    for field in ("reason", "warnings", "isolation", "cpu_seconds", "seen", "attempts"):
        del older[field]
    for field in ("further", "own_points", "note"):
        del older["exercises"][0][field]
    older["points"], older["exercises"][0]["cases"][1]["max_points"] = 0, 2  # whole numbers
    found = load(json.dumps(older).encode())
    assert (found.exercises[0].status, found.exercises[0].further) == (Status.PARTLY, False)


CASE = ("exercises", 0, "cases", 1)
WRONG = {
    "a text for points": (changed("points", value="2"), "Expected `float`, got `str` - at `$.points`"),
    "no number": (changed(*CASE, "points", value=float("nan")), "points"),
    "infinity": (changed(*CASE, "points", value=float("inf")), "points"),
    "less than nothing": (changed("exercises", 0, "points", value=-1), "points"),
    "true for points": (changed("max_points", value=True), "got `bool`"),
    "a word nobody knows": (changed("status", value="fine\nand\tgood"), "Invalid enum value"),
    "a case's word for all": (changed("status", value="passed"), "passed isn't a status of a Result"),
    "all's word for a case": (changed(*CASE, "status", value="graded"), "graded isn't a status of a CaseResult"),
    "an exercise's word for a case": (changed(*CASE, "status", value="partly right"), "partly right isn't a status"),
    "a step's word for an exercise": (changed("exercises", 0, "status", value="ok"), "ok isn't a status of a ExerciseResult"),
    "a field too many": (changed("exercises", 0, "bonus", value=1), "no field 'bonus'"),
    "a word nobody may say of an attempt": (changed("attempts", 0, "status", value="partly right"), "isn't a status of a Attempt"),
    "a field too many of an attempt": (changed("attempts", 1, "bonus", value=1), "no field 'bonus'"),
    "an object for a list": (changed("exercises", value={}), "Expected `array`"),
    "another schema": (changed("schema", value=2), "no result of schema 1"),
    "a practical that leads elsewhere": (changed("practical", value="../../x"), "is no practical's name"),
    "seen before there were computers": (changed("seen", value="0001-01-01T00:00:00+00:00"), "is no moment"),
    "seen at no time": (changed("seen", value="yesterday"), "Invalid isoformat"),
    "a very long word": (changed("status", value="x" * 10_000), "Invalid enum value"),
    "a list": (b"[]", "no result of schema 1"),
    "half a file": (json.dumps(DATA).encode()[:100], "Expecting"),
    "nothing": (b"", "Expecting value"),
    "brackets": (b"[" * 100_000, "recursion"),
    "a long number": (b"9" * 5000, "digits"),
    "no text": (b"\xff\xfe\x00", "decode"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "why"), WRONG.values(), ids=WRONG)
def test_what_is_no_result_is_one_line(content, why):
    with pytest.raises(UserError) as said:
        load(content)
    assert why in str(said.value)
    assert "\n" not in str(said.value)
    assert len(str(said.value)) < 1000
    assert str(said.value).endswith("; delete it and grade again")


@pytest.mark.parametrize("field", ["practical", "student", "file", "status", "exercises", "schema"])
def test_a_field_too_few_is_one_line(field):
    with pytest.raises(UserError, match="is not a result file"):
        load(json.dumps({k: v for k, v in DATA.items() if k != field}).encode())


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(Status),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def places(data, so_far=()):
    """The way to every value inside a JSON value."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()  # fmt: skip
    for key, value in inside:
        yield (*so_far, key)
        yield from places(value, (*so_far, key))


def read_or_refuse(content):
    try:
        result = load(content)
    except UserError:
        return
    assert result.status in OF_SUBMISSIONS
    assert {e.status for e in result.exercises} <= OF_EXERCISES
    assert {c.status for e in result.exercises for c in e.cases} <= OF_CASES
    assert 0 <= result.points < float("inf")


@given(anything)
def test_any_json_is_a_result_or_refused(data):
    read_or_refuse(json.dumps(data).encode())


@given(st.sampled_from(list(places(DATA))), anything)
def test_a_result_with_any_value_in_any_place_is_a_result_or_refused(place, value):
    read_or_refuse(changed(*place, value=value))


@given(st.binary(max_size=60))
def test_any_bytes_are_a_result_or_refused(content):
    read_or_refuse(content)


def test_what_repeats_a_students_words_is_cut_wherever_it_was_said():
    long = Result(
        "01_mini", "ann", "a.ipynb", "unreadable", "x" * 10**6, ["\x1b[2Jy" * 10**5] * 1_000
    )
    assert len(long.text()) < 100_000
    assert long.reason.endswith(" …")
    assert "\x1b" not in long.warnings[0]
    assert Result.unpack(long.pack()) == long
