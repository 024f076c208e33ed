"""No pattern that meets what students chose takes longer than its text is long."""

from pathlib import Path

import pytest

from checks.patterns import ANYWHERE, MOST, Pattern, patterns, worst_growth

ROOT = Path(__file__).parents[1]

# Files all of whose patterns meet nothing but what authors wrote.
AUTHORS = ("autograder/authoring/", "autograder/sandbox/inside/zygote.py")
# The same of one pattern: hints and titles; a practical's name; columns of an instructor's file.
TRUSTED = {
    r"(?<![\w*])\*(\S(?:[^*]*\S)?)\*(?![\w*])",
}

FOUND = [*patterns(ROOT, ("autograder", "source/workbook"))]
OURS = [p for p in FOUND if not p.file.startswith(AUTHORS) and p.text not in TRUSTED]


def test_all_patterns_are_looked_at():
    assert len(FOUND) > 40
    assert len(OURS) > 25
    assert not [p for p in OURS if p.text is None]  # one that is put together can't be looked at
    assert {p.text for p in FOUND} >= TRUSTED


@pytest.mark.parametrize("pattern", OURS, ids=str)
def test_twice_the_text_is_twice_the_work(pattern):
    growth, text = worst_growth(pattern)
    assert growth < MOST, f"{pattern}: {growth:.1f} times the steps on twice {text}"


SLOW = {  # what stood here once, and others of the kind
    r"(?m)^\s*(?:!|%%?(?:pip|conda)\b)": ANYWHERE,
    r"(?m)^\s*raise NotImplementedError\b": ANYWHERE,
    r"(?:-\d+| ?\(\d+\))+(?=\.\w+$)": ANYWHERE,
    r"(\d+)\s*$": ANYWHERE,
    r"<ipython-input[^>]*>, ": ANYWHERE,
    r"\s+$": ANYWHERE,
    r"(\w+)\(": ANYWHERE,
    r"(?:a+)+b": {"match"},
    r"\s*(.*?)\s*": {"fullmatch"},
    r"a*a*b": {"match"},
    r"(?s)<!--.*?-->": ANYWHERE,
}
FAST = {
    r"(?m)^[^\S\n]*raise NotImplementedError\b": ANYWHERE,
    r"(?<!\w)(\w++)\(": ANYWHERE,
    r"[^a-z]+": ANYWHERE,
    r"`([^`]+)`": ANYWHERE,
    r"(?:\d+-|\)\d+\( ?)+": {"match"},
}


@pytest.mark.parametrize(("text", "calls"), SLOW.items(), ids=SLOW)
def test_a_slow_pattern_is_seen(text, calls):
    assert worst_growth(Pattern("", text, 0, frozenset(calls)))[0] >= MOST


@pytest.mark.parametrize(("text", "calls"), FAST.items(), ids=FAST)
def test_a_quick_pattern_is_left_alone(text, calls):
    assert worst_growth(Pattern("", text, 0, frozenset(calls)))[0] < MOST
