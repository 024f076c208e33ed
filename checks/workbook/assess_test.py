"""From what cases saw to verdicts, status, points and hint."""

import itertools

import numpy as np
import pytest
from workbook.assess import assess, overall
from workbook.key import Answers, Verdict
from workbook.status import Status
from workbook.values import CaseOutcome, Failure, Observed, encode


def saw(*values, **facts):
    return CaseOutcome([Observed(*encode(value)) for value in values], **facts)


def expects(value):
    return [{"tree": encode(value)[0]}]


class Tensors(dict):
    """Every array that a test's key may ask for."""

    def __missing__(self, name):
        return MANY


@pytest.fixture
def answers():
    """A key of one exercise: 1 where it is seen, 2 where it decides; a mistake says 3 there."""
    cases = {
        "seen": {"hidden": False, "points": 0.0, "expects": expects(1)},
        "decides": {"hidden": True, "points": 2.0, "expects": expects(2)},
    }
    mistake = {"name": "three", "hint": "Count.", "cases": {"decides": {"expects": expects(3)}}}
    header = {"exercises": {"f": {"cases": cases, "mistakes": [mistake]}}}
    return Answers(header, Tensors())


FOUND = {
    "right": (saw(1), saw(2), (Status.PASSED, 2.0, "", "")),
    "a known mistake": (saw(1), saw(3), (Status.PARTLY, 0.0, "three", "Count.")),
    "another mistake": (saw(1), saw(4), (Status.PARTLY, 0.0, "", "")),
    "an error": (saw(failure=Failure("KeyError", "k")), saw(3), (Status.ERROR, 0.0, "three", "Count.")),
    "a blank": (saw(failure=Failure("NotImplementedError", "")), saw(failure=Failure("NotImplementedError", "")), (Status.NOT_STARTED, 0.0, "", "")),
    "a limit": (saw(1), saw(struck=Status.TIMED_OUT), (Status.TIMED_OUT, 0.0, "", "")),
}  # fmt: skip


@pytest.mark.parametrize(("seen", "decides", "found"), FOUND.values(), ids=FOUND)
def test_everything_follows_from_what_cases_saw(answers, seen, decides, found):
    if found[2] and seen.failure:  # the first failing case alone would say nothing
        answers.exercises["f"]["mistakes"][0]["cases"]["seen"] = {"expects": [], "error": "KeyError: k"}  # fmt: skip
    made = assess(answers, "f", {"seen": seen, "decides": decides})
    assert (made.status, made.points, made.mistake, made.hint) == found
    assert list(made.verdicts) == ["seen", "decides"]


def test_some_of_the_cases_may_be_asked_for(answers):
    made = assess(answers, "f", {"seen": saw(1)})
    assert (made.status, made.points) == (Status.PASSED, 0.0)


def test_who_knows_more_has_the_last_word(answers):
    def explain(case, verdict):
        return Verdict(Status.CRASHED, "its cell crashed") if case == "decides" else verdict

    made = assess(answers, "f", {"seen": saw(1), "decides": saw(3)}, explain)
    assert made.status == Status.CRASHED
    assert made.verdicts["decides"].message == "its cell crashed"
    assert made.hint == "Count."


def known(name, hint, generated=False, **cases):
    """A mistake that gives these values in these cases; None: nothing more is known."""
    seen = {
        case: {} if value is None else {"expects": expects(value)} for case, value in cases.items()
    }
    return {"name": name, "hint": hint, "cases": seen} | ({"generated": True} if generated else {})


MANY = np.arange(5)

LAYERS = {
    "every case agrees": ([known("a", "A", seen=5, decides=6)], (5, 6), ("listed", "A", True)),
    "a listed one before a generated one": (
        [known("a", "A", seen=5, decides=6), known("b", "B", True, seen=5, decides=6)],
        (5, 6),
        ("listed", "A", True),
    ),
    "a generated one of which every case agrees before a listed one of which one does": (
        [known("a", "A", seen=5, decides=7), known("b", "B", True, seen=5, decides=6)],
        (5, 6),
        ("generated", "B", True),
    ),
    "a generated one of which little is kept": (
        [known("b", "B", True, seen=5, decides=None)],
        (5, 6),
        ("generated", "B", True),
    ),
    "a second mistake hides the first in one case": (
        [known("a", "A", seen=MANY, decides=7)],
        (MANY, 6),
        ("listed", "A", False),
    ),
    "one number may agree by accident": (
        [known("a", "A", seen=5, decides=7)],
        (5, 6),
        ("", "", False),
    ),
    "so may a later case alone": (
        [known("a", "A", seen=7, decides=MANY)],
        (5, MANY),
        ("", "", False),
    ),
    "a mistake that fails what passed isn't there": (
        [known("a", "A", seen=5, decides=7)],
        (5, 2),
        ("", "", False),
    ),
    "two alike with other hints": (
        [known("a", "A", seen=5, decides=6), known("b", "B", seen=5, decides=6)],
        (5, 6),
        ("", "", False),
    ),
    "two alike with one hint": (
        [known("a", "A", seen=5, decides=6), known("b", "A", seen=5, decides=6)],
        (5, 6),
        ("listed", "A", True),
    ),
    "a generated one that agrees in one case says nothing": (
        [known("b", "B", True, seen=5, decides=7)],
        (5, 6),
        ("", "", False),
    ),
}


@pytest.mark.parametrize(("mistakes", "seen", "word"), LAYERS.values(), ids=LAYERS)
def test_the_word_that_fits_comes_first(answers, mistakes, seen, word):
    answers.exercises["f"]["mistakes"] = mistakes
    found = assess(answers, "f", {"seen": saw(seen[0]), "decides": saw(seen[1])}).word
    assert (found.layer, found.hint, found.whole) == word


def test_where_nothing_is_known_the_first_case_that_fails_asks(answers):
    answers.exercises["f"]["cases"]["decides"]["ask"] = "What decides?"
    answers.exercises["f"]["cases"]["seen"]["ask"] = "never said: nothing before it passed"
    found = assess(answers, "f", {"seen": saw(1), "decides": saw(9)}).word
    assert (found.layer, found.hint) == ("case", "What decides?")
    assert assess(answers, "f", {"seen": saw(9), "decides": saw(9)}).hint == ""


def test_an_error_is_told_in_words_before_a_case_asks(answers):
    answers.exercises["f"]["cases"]["decides"]["ask"] = "What decides?"
    error = Failure("NameError", "name 'secret' is not defined")
    found = assess(answers, "f", {"seen": saw(failure=error), "decides": saw(failure=error)}).word
    assert (found.layer, "`secret`" in found.hint) == ("error", True)
    found = assess(answers, "f", {"seen": saw(1), "decides": saw(failure=error)}).word
    assert found.layer == "case"  # of a hidden case no word of the error is repeated


def test_of_hidden_cases_no_value_is_explained(answers):
    answers.exercises["f"]["cases"]["decides"]["expects"] = expects([1.0, 2.0, 3.0, 4.5])
    found = assess(answers, "f", {"seen": saw(1), "decides": saw([2.0, 4.0, 6.0, 9.0])}).word
    assert found.hint == ""
    answers.exercises["f"]["cases"]["decides"]["hidden"] = False
    found = assess(answers, "f", {"seen": saw(1), "decides": saw([2.0, 4.0, 6.0, 9.0])}).word
    assert found.hint.startswith("Every entry is 2 times")


OVERALL = {
    Status.PARTLY: [Status.PASSED, Status.FAILED],
    Status.FAILED: [Status.FAILED, Status.NOT_STARTED],
    Status.ERROR: [Status.FAILED, Status.ERROR, Status.NOT_STARTED],
    Status.TIMED_OUT: [Status.CRASHED, Status.PASSED, Status.TIMED_OUT],
    Status.NOT_RUN: [Status.NOT_RUN, Status.NOT_RUN],
}


@pytest.mark.parametrize(("found", "cases"), OVERALL.items(), ids=OVERALL)
def test_the_status_of_an_exercise_is_that_of_its_cases_in_any_order(found, cases):
    assert {overall(order) for order in itertools.permutations(cases)} == {found}
