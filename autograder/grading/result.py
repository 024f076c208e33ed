"""The schema of a graded submission: what `grades/<practical>/<student>.json` holds."""

import functools
import json
import re
import sys
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec

from autograder.errors import UserError
from autograder.files import write_file
from autograder.names import LONGEST_LINE, short
from autograder.status import OF_CASES, OF_EXERCISES, OF_SUBMISSIONS, Status

SCHEMA = 1
MOST_WARNINGS = 30
NOT_A_RESULT = (ValueError, KeyError, RecursionError, msgspec.MsgspecError)

FOLDER = re.compile(
    r"(?!\.{1,2}$)[^/\\\0\ud800-\udfff]{1,200}"
)  # a practical's results lie in one of its name
YEARS = range(2000, 9000)
Amount = Annotated[float, msgspec.Meta(ge=0, le=1e9)]  # of points or seconds: no NaN, no infinity


@dataclass(slots=True)
class CaseResult:
    name: str  # the case's function
    title: str
    hidden: bool
    status: Status
    points: Amount
    max_points: Amount
    message: str = ""  # safe for the student: no hidden reference, no test source


@dataclass
class ExerciseResult:
    name: str
    title: str
    status: Status
    points: Amount
    max_points: Amount
    cases: list[CaseResult] = field(default_factory=list)
    mistake: str = ""  # the known mistake that was recognised
    hint: str = ""
    more: str = ""  # a few sentences further
    note: str = ""  # e.g. "graded with the reference for causal_mask"
    own_points: Amount | None = None  # before follow-through, when that changed anything
    seconds: Amount = 0.0
    further: bool = False  # beyond what a practical asks of everyone
    number: int | None = None  # in its notebook; a quiz has none

    @property
    def unsaid_hint(self) -> str:
        """The hint, unless a case's message is the same, as in a quiz."""
        return "" if self.hint in [case.message for case in self.cases] else self.hint


@dataclass(slots=True)
class Attempt:
    """One of several that a student handed in, as the result of the one that counts names it."""

    seen: str
    file: str
    status: Status
    points: Amount
    max_points: Amount
    counts: bool


@dataclass
class Result:
    practical: str  # "02_attention_and_transformers"
    student: str
    file: str
    status: Status
    reason: str = ""
    warnings: list[str] = field(default_factory=list)
    points: Amount = 0.0
    max_points: Amount = 0.0
    exercises: list[ExerciseResult] = field(default_factory=list)
    isolation: str = ""
    key: str = ""  # hash of tests, answers and environment, and of the submission
    seconds: Amount = 0.0
    cpu_seconds: Amount = 0.0
    seen: str = ""  # when this attempt was first seen, in UTC
    attempts: list[Attempt] = field(default_factory=list)  # in order, if there were several
    schema: int = SCHEMA

    def __post_init__(self) -> None:
        """Cut what may repeat a student's own words, wherever it was said."""
        self.reason = short(self.reason, LONGEST_LINE)
        self.warnings = [short(line, LONGEST_LINE) for line in self.warnings[:MOST_WARNINGS]]

    @property
    def numbers(self) -> list[str]:
        """The numbers that exercises have in their notebook; a quiz has "".

        Places in the list where no number is known, as in results of an earlier version.
        """
        if all(exercise.number is None for exercise in self.exercises):
            return [str(place) for place in range(1, len(self.exercises) + 1)]
        return [str(exercise.number or "") for exercise in self.exercises]

    @property
    def extra(self) -> tuple[float, float]:
        """Points and most points of the exercises that go further."""
        extra = [e for e in self.exercises if e.further]
        return sum(e.points for e in extra), sum(e.max_points for e in extra)

    @property
    def core(self) -> tuple[float, float]:
        """Points and most points of all others."""
        return self.points - self.extra[0], self.max_points - self.extra[1]

    def save(self, path: Path) -> None:
        """Write the result so that a reader sees the old file or the whole new one.

        Raises UserError when the place can't be written.
        """
        write_file(path, self.text())

    def text(self) -> bytes:
        """What its file holds."""
        data = msgspec.to_builtins(self)
        try:  # ten times as fast, but it takes no lone surrogates, which a student's name may have
            return msgspec.json.format(json.dumps(data, ensure_ascii=False).encode(), indent=1)
        except UnicodeEncodeError:
            text = json.dumps(data, indent=1, ensure_ascii=False)
            return text.encode("utf-8", "backslashreplace")

    def pack(self) -> bytes:
        """The result as it travels; in ASCII, as names may hold what no encoding takes."""
        return json.dumps(msgspec.to_builtins(self)).encode()

    @classmethod
    def unpack(cls, packed: bytes) -> "Result":
        """A result that came from a worker; UserError when it isn't one of this schema."""
        try:
            return _validated(json.loads(packed))
        except NOT_A_RESULT as error:
            why = " ".join(str(error).split())[:300]
            raise UserError(
                f"a worker sent what is no result ({why}); please report this"
            ) from None

    @classmethod
    def load(cls, path: Path) -> "Result":
        """Read a stored result; UserError when it isn't one of this schema."""
        try:
            return _validated(json.loads(path.read_bytes()))
        except (OSError, *NOT_A_RESULT) as error:
            why = " ".join(str(error).split())[:300]
            raise UserError(
                f"{path} is not a result file ({why}); delete it and grade again"
            ) from None


def _validated(data: object) -> Result:
    """A result from what a file says; an error for a wrong type, word or number, a field too few or many.

    The text was read by json: it takes the lone surrogates that a student's name may have.
    """
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise ValueError(f"no result of schema {SCHEMA}")
    result = msgspec.convert(data, Result)
    _check(result, data, OF_SUBMISSIONS)
    if not FOLDER.fullmatch(result.practical):
        raise ValueError(f"{result.practical[:80]!r} is no practical's name")
    if result.seen and datetime.fromisoformat(result.seen).year not in YEARS:
        raise ValueError(f"{result.seen!r} is no moment in which anything was handed in")
    for attempt, its_data in zip(result.attempts, data.get("attempts", ())):
        _check(attempt, its_data, OF_SUBMISSIONS)
    for exercise, its_data in zip(result.exercises, data["exercises"]):
        _check(exercise, its_data, OF_EXERCISES)
        for case, its in zip(exercise.cases, its_data["cases"]):
            _check(case, its, OF_CASES)
            # A class has the same words a thousand times: in memory once.
            words = case.name, case.title, case.message
            case.name, case.title, case.message = map(sys.intern, words)
    return result


def _check(made, data, words):
    if made.status not in words:
        raise ValueError(f"{made.status!s} isn't a status of a {type(made).__name__}")
    if unknown := data.keys() - _names(type(made)):
        raise ValueError(f"a {type(made).__name__} has no field {min(unknown)!r}")


@functools.cache
def _names(of):
    return {field.name for field in fields(of)}


def load_results(folder: Path) -> list[Result]:
    """Every stored result of a practical's folder, by file name; UserError when one isn't its."""
    results = []
    for path in sorted(folder.glob("*.json")):
        results.append(Result.load(path))
        if results[-1].practical != folder.name:
            advice = f"it lies in {folder.name}/; delete it and grade again"
            raise UserError(f"{path} is a result of another practical than the folder's: {advice}")
    return results
