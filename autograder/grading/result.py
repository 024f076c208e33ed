"""The schema of a graded submission: what `grades/<practical>/<student>.json` holds."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from autograder.errors import UserError
from autograder.files import write_file
from autograder.status import Status

SCHEMA = 1


@dataclass
class CaseResult:
    name: str  # the case's function
    title: str
    hidden: bool
    status: Status
    points: float
    max_points: float
    message: str = ""  # safe for the student: no hidden reference, no test source


@dataclass
class ExerciseResult:
    name: str
    title: str
    status: Status
    points: float
    max_points: float
    cases: list[CaseResult] = field(default_factory=list)
    mistake: str = ""  # the known mistake that was recognised
    hint: str = ""
    note: str = ""  # e.g. "graded with the reference for causal_mask"
    own_points: float | None = None  # before follow-through, when that changed anything
    seconds: float = 0.0
    further: bool = False  # beyond what a practical asks of everyone

    @property
    def unsaid_hint(self) -> str:
        """The hint, unless a case's message is the same, as in a quiz."""
        return "" if self.hint in [case.message for case in self.cases] else self.hint


@dataclass
class Result:
    practical: str  # "02_attention_and_transformers"
    student: str
    file: str
    status: Status
    reason: str = ""
    warnings: list[str] = field(default_factory=list)
    points: float = 0.0
    max_points: float = 0.0
    exercises: list[ExerciseResult] = field(default_factory=list)
    isolation: str = ""
    key: str = ""  # hash of submission, tests, answers and environment
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    schema: int = SCHEMA

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
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False)
        write_file(path, text.encode("utf-8", "backslashreplace"))

    @classmethod
    def load(cls, path: Path) -> "Result":
        """Read a stored result; UserError when it isn't one of this schema."""
        try:
            data = json.loads(path.read_bytes())
            if data["schema"] != SCHEMA:
                raise ValueError(f"schema {data['schema']}")
            data["exercises"] = [
                ExerciseResult(**{**e, "cases": [CaseResult(**c) for c in e["cases"]]})
                for e in data["exercises"]
            ]
            return cls(**data)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"{path} is not a result file ({error}); delete it and grade again"
            ) from None


def load_results(folder: Path) -> list[Result]:
    """Every stored result of a practical's folder, by file name; UserError when one is damaged."""
    return [Result.load(path) for path in sorted(folder.glob("*.json"))]
