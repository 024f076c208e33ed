"""A student's page says what is so, kindly, and nothing that they hand in can act in it."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from autograder.grading.result import Attempt
from autograder.names import printable
from autograder.report.feedback import NOTICES, write_feedback
from autograder.status import Status

HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</style></title><svg/onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "\x1b[31mred\x1b[0m\u202egnp\x00",
    "half \ud800",
]
anything = st.text(st.characters(), max_size=60) | st.sampled_from(HOSTILE)


@pytest.fixture
def page(tmp_path, read_page):
    def write(result):
        write_feedback(result, tmp_path / "page.html", "Attention & more")
        return read_page(tmp_path / "page.html")

    return write


def test_the_headline_the_points_and_what_went_right(page, mixed):
    text = page(mixed()).text
    assert "Attention & more A good start 1 of 4 exercises solved · 3 of 7 checks pass" in text
    assert "anna · anna.ipynb" in text
    assert "3 of 7 points" in text
    assert "What went right The mask Where to go on plain text: 1 of its 3 checks pass" in text


@pytest.mark.parametrize(
    ("points", "headline"),
    [
        (42, "Everything is right"),
        (41.5, "Nearly everything is right"),
        (30, "Well on your way"),
        (15, "A good start"),
        (0.5, "A first step is made"),
        (0, "Not there yet, but under way"),
    ],
)
def test_the_headline_fits_the_points(page, mixed, points, headline):
    assert f"Attention & more {headline} " in page(mixed(points=points, max_points=42)).text


def test_all_of_the_core_is_everything_and_going_further_is_told_apart(
    page, make_exercise, make_result
):
    further = make_exercise("rope", "not started", ("not started", True, ""), further=True)
    core = make_exercise("mask", "passed", ("passed", False, ""))
    made = page(make_result("anna", core, further))
    assert "Attention & more Everything is right" in made.text
    assert "1 of 1 points going further: 0 of 1" in made.text


def test_hidden_cases_are_marked(page, mixed):
    attend = page(mixed()).after("1 of 3 checks pass")
    public, _, hidden = attend.partition("Checked after hand-in")
    assert "case 1 of attend" in public
    assert "case 2 of attend 0 of 1 1 plain text" in public
    assert "not yet right: case 3 of attend 0 of 1 2 plain text" in hidden
    assert "case 3" not in public


def test_a_message_that_all_wrong_cases_share_is_said_once(page, make_exercise, make_result):
    case = ("error", False, "its cell stops with SyntaxError")
    text = page(make_result("anna", make_exercise("mask", "error", case, case, case))).text
    assert text.count("its cell stops with SyntaxError") == 1
    assert text.count("stops with an error: case") == 3


def test_code_in_a_title_is_set_as_code(page, make_exercise, make_result):
    text = page(make_result("anna", make_exercise("f", "passed", title="the sign of `-x`")))
    assert "the sign of <code>-x</code>" in text.html
    assert "What went right the sign of -x" in text.text


def test_cases_without_points_count_none(page, make_exercise, make_result):
    cases = [("passed", False, ""), ("failed", True, "wrong")]
    made = make_result("anna", make_exercise("f", "partly right", *cases))
    made.exercises[0].cases[0].max_points = made.exercises[0].cases[0].points = 0.0
    assert "0 of 0" not in page(made).text


def test_right_cases_have_no_message(page, make_exercise, make_result):
    exercise = make_exercise("mask", "passed", ("passed", False, "said in passing"))
    assert "said in passing" not in page(make_result("anna", exercise)).text


def test_follow_through_is_explained(page, make_exercise, make_result):
    exercise = make_exercise(
        "heads",
        "partly right",
        ("passed", False, ""),
        ("failed", False, "no"),
        note="graded with the reference for mask",
        own_points=0.0,
    )
    text = page(make_result("anna", exercise)).text
    assert "Graded with the reference for mask: on its own it earns 0, this way 1." in text


def test_more_is_folded_under_the_hint(page, make_exercise, make_result):
    def text(**facts):
        failed = ("failed", False, "no")
        exercise = make_exercise("heads", "failed", failed, hint="Which axes?", **facts)
        return page(make_result("anna", exercise)).text

    assert "A head is a *slice*" not in text(more="A head is a *slice*.")
    assert "A head is a slice." in text(more="A head is a *slice*.")


@pytest.mark.parametrize(
    ("solved", "hint", "begun"),
    [
        ("heads", "look at the axes", "heads"),  # a hint comes first
        ("norm", "", "attend"),  # then what is begun, in order
    ],
)
def test_the_next_step(page, make_exercise, make_result, solved, hint, begun):
    result = make_result(
        "anna",
        make_exercise("mask", "not started", ("not started", False, "")),
        make_exercise("attend", "failed", ("failed", False, "no")),
        make_exercise("heads", "failed", ("failed", False, "no"), hint=hint),
    )
    advice = page(result).after("Where to go on").partition("Exercise by exercise")[0]
    assert f"The {begun}: you have begun it" in advice
    assert hint in advice


def test_when_all_is_right_nothing_is_asked(page, make_exercise, make_result):
    text = page(make_result("anna", make_exercise("mask", "passed", ("passed", False, "")))).text
    assert "Everything is right" in text
    assert "Nothing is left to do here" in text


def test_unfinished_work_is_not_blamed(page, make_exercise, make_result):
    result = make_result("anna", make_exercise("mask", "failed", ("failed", False, "no")))
    assert "You have begun" in page(result).after("What went right")


@pytest.mark.parametrize("status", NOTICES)
@pytest.mark.parametrize("graded", [True, False], ids=["exercises", "nothing to grade"])
def test_every_other_ending_has_a_friendly_page(page, mixed, make_result, status, graded):
    made = mixed if graded else make_result
    text = page(made("anna", status=status, reason="Error in zygote 7")).text
    assert NOTICES[status].headline in text
    assert all(step in text for step in NOTICES[status].steps)
    assert ("zygote" in text) == (not graded and status != Status.CRASHED)
    assert ("Exercise by exercise" in text) == graded


def test_statuses_that_end_a_submission_all_have_a_notice():
    ends = {
        Status.BLANK,
        Status.UNREADABLE,
        Status.WRONG_PRACTICAL,
        Status.TIMED_OUT,
        Status.OUT_OF_MEMORY,
        Status.CRASHED,
    }
    assert set(NOTICES) == ends


def test_a_status_of_tomorrow_still_makes_a_page(page, make_exercise, make_result):
    result = make_result("anna", make_exercise("mask", "too slow", ("too slow", False, "hm")))
    assert "too slow: case 1 of mask" in page(result).text


def test_warnings_are_shown(page, mixed):
    text = page(mixed(warnings=["the given cell 'setup' was changed"])).after("About your notebook")
    assert text.startswith(" the given cell 'setup' was changed")


def test_a_page_stands_alone_and_runs_nothing(page, mixed):
    made = page(mixed())
    assert all(link.startswith("#") for link in made.links)
    assert not {tag[0] for tag in made.tags} & {"script", "link", "img", "iframe", "object"}
    assert "url(" not in made.html
    assert "@import" not in made.html
    (policy,) = (v for v in made.values if "default-src" in v)
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert "unsafe" not in policy


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(text=anything, student=anything)
@example("<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>")
def test_no_text_becomes_markup(page, mixed, text, student):
    plain, hostile = page(mixed()), page(mixed(student, f"x {text}", file=f"in/x{text}"))
    structure = [tag for tag in hostile.tags if tag[0] not in ("em", "code")]
    assert structure == [tag for tag in plain.tags if tag[0] not in ("em", "code")]
    assert " ".join(printable(student).split()) in hostile.text
    assert "\x1b" not in hostile.html
    assert "\u202e" not in hostile.html


def attempt(points, counts=False):
    return Attempt("2026-11-26T09:00:00+00:00", "a.ipynb", Status.GRADED, points, 6, counts)


@pytest.mark.parametrize(
    ("attempts", "said"),
    [
        ([4, (5, True), 3], "This is attempt 2 of 3, the one that counts. Attempt 1 earned 4 of 6, attempt 3 earned 3 of 6."),
        ([4, 5], "This file counts for now. Attempt 1 earned 4 of 6, attempt 2 earned 5 of 6."),
        ([*range(6), 3.5, (6, True)], "This is attempt 8 of 8, the one that counts. The others earned 5 at most."),
    ],
    ids=["several", "one that can't be opened", "many"],
)  # fmt: skip
def test_of_several_attempts_the_page_says_which_one_counts(page, mixed, attempts, said):
    result = mixed()
    assert "attempt" not in page(result).text.lower()
    result.attempts = [attempt(*a) if isinstance(a, tuple) else attempt(a) for a in attempts]
    assert said in page(result).text


def test_exercises_have_the_numbers_of_their_notebook(page, make_exercise, make_result):
    """A quiz has none, and the exercises after it aren't moved on by it."""
    case = ("passed", False, "")
    exercises = [
        make_exercise("mask", "passed", case, number=1),
        make_exercise("quiz", "passed", case),
        make_exercise("heads", "passed", case, number=2),
    ]
    text = page(make_result("anna", *exercises)).after("Exercise by exercise")
    assert "1 The mask mask" in text
    assert "2 The heads heads" in text
    assert "3 The heads" not in text
