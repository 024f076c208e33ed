"""results.json: in Gradescope's format, and nothing of a hidden case where it is visible."""

import json

import pytest

from autograder.doors.gradescope.results import results
from autograder.grading.result import CaseResult, ExerciseResult, Result
from autograder.status import Status

VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
NUMBER = (int, float)
# https://gradescope-autograders.readthedocs.io/en/latest/specs/: field, type or the values it may have
OF_ALL = {
    **{"score": NUMBER, "execution_time": NUMBER, "output": str, "output_format": FORMATS},
    **{"test_output_format": FORMATS, "test_name_format": FORMATS, "visibility": VISIBILITIES},
    **{"stdout_visibility": VISIBILITIES, "extra_data": dict, "tests": list, "leaderboard": list},
}
OF_A_TEST = {
    **{"score": NUMBER, "max_score": NUMBER, "status": {"passed", "failed"}, "name": str},
    **{"name_format": FORMATS, "number": str, "output": str, "output_format": FORMATS},
    **{"tags": list, "visibility": VISIBILITIES, "extra_data": dict},
}


def problems(found: dict) -> list[str]:
    """What of a results.json isn't as Gradescope's specification has it."""
    said = list(_wrong_fields("results.json", found, OF_ALL))
    tests = found.get("tests", [])
    for test in tests:
        said += _wrong_fields(test.get("name", "a test"), test, OF_A_TEST)
        said += [f"a tag {tag!r}" for tag in test.get("tags", []) if not isinstance(tag, str)]
    if "score" not in found and not any("score" in test for test in tests):
        said.append("no score, neither of all nor of a test")
    return said


def _wrong_fields(what, found, known):
    for field, value in found.items():
        wanted = known.get(field)
        if wanted is None:
            yield f"{what} has the unknown field {field!r}"
        elif not (value in wanted if isinstance(wanted, set) else isinstance(value, wanted)):
            yield f"{what}: {field} is {value!r}"


def shown(found: dict) -> str:
    """All that students see before grades are published."""
    return json.dumps(
        [found["output"], *(t for t in found["tests"] if t["visibility"] == "visible")]
    )


def case(name, hidden, status=Status.PASSED, message=""):
    worth = float(hidden)
    return CaseResult(name, name, hidden, status, worth * (status == Status.PASSED), worth, message)


def exercise(*cases, hint="", note=""):
    points = sum(c.points for c in cases)
    return ExerciseResult(
        "mask", "causal mask", Status.PARTLY, points, 2.0, list(cases), "", hint, note
    )


@pytest.fixture
def graded():
    """A result with a public failure, and one that only hidden cases see."""
    first = exercise(
        case("seen", False, Status.FAILED, "it is 3"), case("unseen", True), hint="Look."
    )
    second = exercise(
        case("seen too", False),
        case("unseen too", True, Status.FAILED, "a secret"),
        hint="Psst.",
        note="n",
    )
    return Result("01_mini", "anna", "a.ipynb", Status.GRADED, points=1.0, max_points=4.0, exercises=[first, second], isolation="process", seconds=1.4)  # fmt: skip


def test_the_format_is_gradescopes(graded):
    assert not problems(results(graded))


def test_a_quiz_has_its_name_and_what_follows_its_own_number(graded):
    graded.exercises[1].number = 1
    graded.exercises[0].name = "quiz"
    assert [test["number"] for test in results(graded)["tests"]] == [
        "quiz.1",
        "quiz.2",
        "1.1",
        "1.2",
    ]


@pytest.mark.parametrize(
    "broken",
    [
        {"scores": 1},
        {"score": "1"},
        {"score": 1, "visibility": "never"},
        {"tests": [{"name": "a"}]},
    ],
    ids=["unknown field", "text for a number", "unknown visibility", "no score"],
)
def test_the_check_of_the_format_finds_what_is_wrong(broken):
    assert problems(broken)


def test_points_are_those_of_the_result(graded):
    found = results(graded)
    assert found["score"] == 1.0
    assert [t["score"] for t in found["tests"] if "score" in t] == [1.0, 0.0]


def test_students_see_public_cases_at_once(graded):
    assert "it is 3" in shown(results(graded))
    assert "Look." in shown(results(graded))


def test_what_hidden_cases_found_waits_until_grades_are_published(graded):
    found = results(graded)
    assert not [
        word for word in ("a secret", "Psst.", "unseen", "max_score") if word in shown(found)
    ]
    assert all(word in json.dumps(found) for word in ("a secret", "Psst.", "unseen"))


@pytest.mark.parametrize(
    "status", [Status.UNREADABLE, Status.WRONG_PRACTICAL, Status.BLANK, Status.TIMED_OUT]
)
def test_every_way_to_end_has_its_score_and_reason(status):
    found = results(Result("01_mini", "anna", "a.ipynb", status, "the reason"))
    assert not problems(found)
    assert found["score"] == 0
    assert "the reason" in found["output"]


def test_words_of_students_are_one_line_of_text(graded):
    graded.exercises[0].cases[0].message = "\x1b[31mred\n</pre>\u202e"
    assert "✗ seen: red </pre>" in results(graded)["tests"][0]["output"]
