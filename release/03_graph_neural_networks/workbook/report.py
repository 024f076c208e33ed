"""What `grader.check` shows: as text and as HTML."""

import html
import re
from collections.abc import Iterable

from workbook.assess import overall
from workbook.key import Verdict
from workbook.status import Status

# What a check is headed by, besides "not started"; a quiz has words of its own.
RIGHT, NOT_YET = "right", "not yet right"
ANSWERED, INCOMPLETE = "answered", "not yet complete"


class Report:
    """What a check found, as text and as HTML."""

    MARKS = {Status.PASSED: "✓", Status.FAILED: "✗", Status.ERROR: "✗", Status.NOT_STARTED: "·"}

    def __init__(
        self,
        exercise: str,
        rows: Iterable[tuple[str, Verdict]] = (),
        hint: str | None = None,
        problem: str | None = None,
        quiz: bool = False,
        more: str = "",
    ):
        self.exercise, self.rows, self.hint, self.problem = exercise, list(rows), hint, problem
        self.quiz, self.more = quiz, more
        self.waits_for: list[str] = []

    @property
    def status(self) -> str:
        """The headline's word for what was found."""
        if self.problem:
            return "no such exercise"
        found = overall(verdict.status for _, verdict in self.rows)
        if found == Status.PASSED:
            return ANSWERED if self.quiz else RIGHT
        if found == Status.NOT_STARTED:
            return found
        return INCOMPLETE if self.quiz else NOT_YET

    def _lines(self):
        """(kind, text) of everything that is said, headline first."""
        yield "headline", f"{self.exercise}: {self.status}"
        if self.problem:
            yield "text", self.problem
        elif self.status == Status.NOT_STARTED:
            yield "text", "Fill in the blank above, run its cell, then run this one again."
        elif self.status == ANSWERED:
            yield "text", "Which answers are right, and why, is told after you hand in."
        elif self.status == RIGHT:
            passing = {1: "The public check passes", 2: "Both public checks pass"}
            done = passing.get(len(self.rows), f"All {len(self.rows)} public checks pass")
            yield "text", f"{done}; more are tried after you hand in."
        else:
            yield from self._findings()

    def _findings(self):
        told = False
        for title, verdict in self.rows:
            yield "row", f"{self.MARKS[verdict.status]} {title}"
            if verdict.message and not told:  # one thing at a time
                yield "message", verdict.message
                told = True
        if self.waits_for:
            names = " and ".join(self.waits_for)
            verb = "isn't" if len(self.waits_for) == 1 else "aren't"
            yield "hint", f"It builds on {names}, which {verb} right yet: begin there."
        if self.hint:
            yield "hint", f"Hint: {self.hint}"
        if self.hint and self.more:
            yield "more", self.more

    def __repr__(self):
        indent = {"row": "  ", "message": "      ", "hint": "  ", "more": "  ", "text": "  "}
        return "\n".join(indent.get(kind, "") + text for kind, text in self._lines())

    def _repr_html_(self):
        colors = {RIGHT: "#009E73", ANSWERED: "#0072B2"}
        colors |= dict.fromkeys((NOT_YET, INCOMPLETE), "#D55E00")
        color = colors.get(self.status, "#888")
        styles = {
            "headline": f"font-weight:600;color:{color}",
            "message": "margin-left:1.5em;font-family:monospace;white-space:pre-wrap",
            "hint": "margin-top:.5em;padding:.4em .7em;background:rgba(0,114,178,.12);border-radius:4px",
        }
        rows = (
            f"<details style='margin:.2em .7em'><summary>more</summary>{_with_code(html.escape(text))}</details>"
            if kind == "more"
            else f"<div style='{styles.get(kind, '')}'>{_with_code(html.escape(text))}</div>"
            for kind, text in self._lines()
        )
        return f"<div style='border-left:4px solid {color};padding:.3em .9em;line-height:1.5'>{''.join(rows)}</div>"


def _with_code(text):
    """Backticks as code, in text that is escaped already."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
