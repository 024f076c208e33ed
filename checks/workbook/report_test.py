"""What a check shows in a notebook, as text and as HTML."""

import pytest
from workbook.key import Verdict
from workbook.report import Report
from workbook.status import Status

ROWS = [
    ("first", Verdict(Status.FAILED, "it is 2; it should be 3")),
    ("next", Verdict(Status.PASSED)),
]


def test_more_is_folded():
    report = Report("heads", ROWS, "Which axes?", more="A head is a `slice` of <columns>.")
    html = report._repr_html_()
    assert "<details" in html
    assert "<summary>more</summary>A head is a <code>slice</code> of &lt;columns&gt;." in html
    lines = repr(report).splitlines()
    assert lines[-2:] == ["  Hint: Which axes?", "  A head is a `slice` of <columns>."]


@pytest.mark.parametrize("hint", [None, ""])
def test_without_a_hint_there_is_no_more(hint):
    report = Report("heads", ROWS, hint, more="never said")
    assert "never said" not in repr(report) + report._repr_html_()


def test_what_it_builds_on_comes_before_the_hint():
    report = Report("heads", ROWS, "Which axes?")
    report.waits_for = ["softmax"]
    lines = repr(report).splitlines()
    assert lines[-2].strip() == "It builds on softmax, which isn't right yet: begin there."
    assert lines[-1].strip() == "Hint: Which axes?"
