"""Hostile names become harmless, and two students never share a file."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.names import MARKS, in_order, printable, short, slug

anything = st.text(st.characters(), max_size=400)  # surrogates and control characters too


@pytest.mark.parametrize("name", ["anna", "student_07", "a.b-c", "x" * 80])
def test_a_name_that_can_be_a_file_name_stays(name):
    assert slug(name) == name


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("Zoë Müller", "Zoe-Muller-"),
        ("Søren Łącki", "Soren-Lacki-"),
        ("../../etc/passwd", "etc-passwd-"),
        (".hidden", "hidden-"),
        ("李雷", "student-"),
        ("", "student-"),
        ("con", "con-"),
        ("nul.txt", "nul.txt-"),
        ("anna\n", "anna-"),
        ("a" * 300, "a" * 67 + "-"),
    ],
)
def test_other_names_stay_readable(name, beginning):
    assert re.fullmatch(re.escape(beginning) + "[a-z2-7]{12}", slug(name))


@given(anything)
@example("-rf")
@example("a.")
@example("\ud800")
def test_a_slug_is_a_safe_file_name(name):
    made = slug(name)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,79}", made)
    assert not made.endswith(".")


@given(anything, anything)
@example("Anna", "anna")
@example("a/b", "a b")
@example("a" * 81, "a" * 82)
def test_two_students_never_share_a_slug(one, other):
    assert one == other or slug(one).lower() != slug(other).lower()


def test_no_name_can_take_the_slug_of_another():
    taken = slug("Anna Arendt")
    assert slug(taken) != taken
    assert slug(taken.lower()) != taken.lower()


@given(anything)
def test_printable_text_holds_nothing_that_acts(text):
    shown = printable(text)
    assert printable(shown) == shown
    shown.encode()
    bad = {c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert bad <= {"\u200c", "\u200d"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Zoë 李雷 🎉", "Zoë 李雷 🎉"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]8;;http://x\x1b\\link", "link"),
        ("right\u202etfel", "righttfel"),
        ("two\nlines\tand\r\na tab", "two lines and  a tab"),
        ("nul\x00bell\x07", "nulbell"),
        ("half \ud83d", "half \ufffd"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("e" + "\u0301" * 50, "e" + "\u0301" * MARKS),
    ],
)
def test_printable(text, shown):
    assert printable(text) == shown


def test_numbers_in_names_count():
    names = ["student_10", "Student_2", "anna", "Zoë", "student_2", "9" * 5000]
    assert sorted(names, key=in_order)[1:] == [
        "anna",
        "Student_2",
        "student_2",
        "student_10",
        "Zoë",
    ]


@given(anything, st.integers(5, 50))
def test_what_is_repeated_is_short_and_cut_once(text, most):
    cut = short(text, most)
    assert len(cut) <= most
    assert short(cut, most) == cut
    assert len(text) > most or cut == printable(text)
    assert cut.endswith(" …") or len(text) <= most


def test_accents_are_not_put_in_order_for_ever():
    """Their order takes the square of their number, and no clock is needed to see it: days."""
    slug("a" + "\u0301\u0316" * 5_000_000)
