"""Made-up results, and pages as a parser sees them."""

from html.parser import HTMLParser

import pytest

from autograder.grading.result import CaseResult, ExerciseResult, Result

UNREAD = {"style", "script", "title"}
INLINE = {"a", "em", "code"}


class Page(HTMLParser):
    """A page's tags, links and text; text that only screen readers meet is in it too."""

    def __init__(self, html: str):
        super().__init__()
        self.html, self.tags, self.links, self.values, self.texts = html, [], [], [], []
        self._unread = 0
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, *sorted(name for name, _ in attributes)))
        self.links += [value for name, value in attributes if name in ("href", "src")]
        self.values += [value or "" for _, value in attributes]
        self._unread += tag in UNREAD
        self._space(tag)

    def handle_endtag(self, tag):
        self._unread -= tag in UNREAD
        self._space(tag)

    def _space(self, tag):
        self.texts.append("" if tag in INLINE else " ")

    def handle_data(self, data):
        if not self._unread:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())

    def after(self, mark: str) -> str:
        return self.text.partition(mark)[2]


@pytest.fixture(scope="session")
def read_page():
    return lambda path: Page(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def make_exercise():
    """Builds an exercise from (status, hidden, message) of its cases, a point each."""

    def make(name, status, *cases, **facts):
        made = [
            CaseResult(f"case_{n}", f"case {n} of {name}", hidden, s, float(s == "passed"), 1.0, m)
            for n, (s, hidden, m) in enumerate(cases, 1)
        ]
        points = sum(case.points for case in made)
        facts = {"title": f"The {name}", "points": points, "max_points": float(len(made))} | facts
        return ExerciseResult(name=name, status=status, cases=made, **facts)

    return make


@pytest.fixture(scope="session")
def make_result():
    def make(student="anna", *exercises, **facts):
        totals = {
            "points": sum(exercise.points for exercise in exercises),
            "max_points": sum(exercise.max_points for exercise in exercises) or 6.0,
            "exercises": list(exercises),
        }
        facts = {"file": "in/anna.ipynb", "status": "graded"} | totals | facts
        return Result(practical="02_attention", student=student, **facts)

    return make


@pytest.fixture(scope="session")
def mixed(make_exercise, make_result):
    """Builds a submission with a bit of everything; `text` stands wherever text can come in."""

    def make(student="anna", text="plain text", **facts):
        return make_result(
            student,
            make_exercise("mask", "passed", ("passed", False, ""), ("passed", True, "")),
            make_exercise(
                "attend",
                "partly right",
                ("passed", False, ""),
                ("failed", False, f"1 {text}"),
                ("failed", True, f"2 {text}"),
                title=text,
                mistake=text,
                hint=text,
                more=text,
                note=text,
                own_points=0.5,
                seconds=2.0,
            ),
            make_exercise("heads", "timed out", ("timed out", False, text), title=text),
            make_exercise("norm", "not started", ("not started", True, text)),
            **{"warnings": [text], "reason": text, "seconds": 3.0, "isolation": "process"} | facts,
        )

    return make
