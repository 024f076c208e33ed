"""What the checks say of answers: right or wrong, noticed before handing in, and with which word."""

import signal
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from workbook.assess import Assessment, assess
from workbook.key import Answers

from autograder.authoring import record, running
from autograder.authoring.answers import open_desk
from autograder.authoring.depends import Dependencies
from autograder.authoring.material import Material
from autograder.course import Course
from autograder.status import Status
from checks.hints.answers import Answer

LONGEST = 60  # seconds that an answer may take


@dataclass(frozen=True)
class Measured:
    """An answer as all cases found it, and as the public ones did in the notebook."""

    answer: Answer
    found: Assessment
    early: Assessment

    @property
    def passes(self) -> bool:
        """Whether every case passes."""
        return self.found.status == Status.PASSED

    @property
    def misjudged(self) -> bool:
        """A right answer that is rejected, or a wrong one that passes."""
        return self.passes != self.answer.right

    @property
    def unnoticed(self) -> bool:
        """Whether the notebook calls a wrong answer right."""
        return not self.answer.right and self.early.status == Status.PASSED

    @property
    def word(self) -> str:
        """The hint: before handing in where there is one, else after."""
        return self.early.hint or self.found.hint

    @property
    def layer(self) -> str:
        """How that hint was found; "message": a case's own assert says it."""
        return self.early.word.layer or self.found.word.layer or "none"

    @property
    def message(self) -> str:
        """What the first failing case says."""
        failing = (v for v in self.found.verdicts.values() if v.status != Status.PASSED)
        return next(failing).message if not self.passes else ""


def measure(
    course: Course, material: Material, answers: Sequence[Answer], key: Answers | None = None
) -> Iterator[Measured]:
    """Judge each answer; `key` is the practical's, else its exercises are recorded anew."""
    exercises = list(dict.fromkeys(answer.exercise for answer in answers))
    with open_desk(course, material, exercises, Dependencies(course, material)) as desk:
        if key is None:
            made = {name: desk.record(name, thorough=False) for name in exercises}
            key = record.assemble(material.practical, desk.judges, made)
        for answer in answers:
            yield _measured(key, material, desk.names, answer)


def _measured(key, material, names, answer):
    names = dict(names)
    tests = material.tests[answer.exercise]
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(LONGEST)
    try:
        exec(compile(answer.code, f"<{answer.name}>", "exec"), names)
        outcomes = running.run_cases(tests.cases, names)
    finally:
        signal.alarm(0)
    public = {case.name: outcomes[case.name] for case in tests.cases if not case.hidden}
    found = assess(key, answer.exercise, outcomes)
    return Measured(answer, found, assess(key, answer.exercise, public))


def _too_long(number, frame):
    raise TimeoutError(f"still running after {LONGEST} s")


def counted(measured: Iterable[Measured]) -> dict[str, int]:
    """How many of each kind there are."""
    all_ = list(measured)
    wrong = [m for m in all_ if not m.answer.right]
    rejected = [m for m in wrong if not m.passes]
    counts = {
        "right": len(all_) - len(wrong),
        "right, rejected": sum(m.misjudged for m in all_ if m.answer.right),
        "wrong": len(wrong),
        "wrong, passing": len(wrong) - len(rejected),
        "unnoticed in the notebook": sum(m.unnoticed for m in wrong),
    }
    for layer in ("listed", "generated", "error", "value", "case", "none"):
        counts[f"word: {layer}"] = sum(m.layer == layer for m in rejected)
    return counts
