"""Text on its way into a page, and colours that everyone can read."""

import re
from pathlib import Path

import pytest
from markupsafe import Markup

from autograder.report.page import LONGEST, lines, number, percent, practical_name, prose

TEMPLATES = Path(__file__).parent / "templates"


@pytest.mark.parametrize(("value", "shown"), [(4.0, "4"), (4.5, "4.5"), (1 / 3, "0.33"), (0, "0")])
def test_points_have_no_needless_digits(value, shown):
    assert number(value) == shown


@pytest.mark.parametrize(
    ("part", "whole", "share"),
    [(41.99, 42, 99), (42, 42, 100), (0.01, 42, 1), (0, 42, 0), (21, 42, 50), (1, 0, 0)],
)
def test_only_all_is_a_hundred_percent(part, whole, share):
    assert percent(part, whole) == share


def test_messages_keep_their_lines_and_nothing_else_that_acts():
    assert lines("one\n  two\x1b[31m\r\n<b>\u202e\n\n") == Markup("one\n  two\n&lt;b&gt;")


def test_messages_have_an_end():
    assert len(lines("x" * 10**6)) == LONGEST + 2


@pytest.mark.parametrize(
    ("hint", "html"),
    [
        ("must not be *read*.", "must not be <em>read</em>."),
        ("2 * 3 * 4 and a*b*c", "2 * 3 * 4 and a*b*c"),
        ("use `k=1`", "use <code>k=1</code>"),
        ("x*<b>*", "x*&lt;b&gt;*"),
        ("*<b>*", "<em>&lt;b&gt;</em>"),
    ],
)
def test_hints_may_stress_words(hint, html):
    assert prose(hint) == html


def test_a_practical_has_a_name_without_its_title():
    assert practical_name("02_attention_and_transformers") == "Attention and transformers"


# ---------------------------------------------------------------- contrast (WCAG 2, level AA)

ON = {  # what is written in which colour on which
    "base.css": [("ink", "bg"), ("ink", "card"), ("soft", "bg"), ("soft", "card"), ("ink", "tint")]
    + [("accent", "card"), ("accent", "bg"), ("accent", "accent-bg"), ("ink", "accent-bg")]
    + [(name, f"{name}-bg") for name in ("right", "part", "wrong", "stop", "none")],
    "class_report.css": [("on-fill", "fill")]
    + [("on-pale", name) for name in ("most", "half", "few", "bad", "limit")],
}


def schemes(css):
    """The colours of each :root block; later ones stand on the first."""
    found = [
        dict(re.findall(r"--([\w-]+): (#\w+)", block))
        for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    ]
    return [found[0] | scheme for scheme in found]


def luminance(color):
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    parts = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
@pytest.mark.parametrize("css", ON)
def test_text_stands_out(css, scheme):
    colors = schemes((TEMPLATES / css).read_text())[scheme]
    for text, ground in ON[css]:
        low, high = sorted((luminance(colors[text]), luminance(colors[ground])))
        assert (high + 0.05) / (low + 0.05) >= 4.5, f"{text} on {ground}"
