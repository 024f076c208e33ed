"""Files of answers, right and wrong, that tests and hints are measured with."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AuthorError

STORED = Path(__file__).parent / "stored"
KINDS = ("right", "wrong")


@dataclass(frozen=True)
class Answer:
    """One cell that somebody could hand in, and what a fair reader of the contract calls it."""

    exercise: str
    kind: str  # "right" or "wrong"
    name: str
    code: str
    wants: str = ""  # what a fitting hint would be about
    never: tuple[str, ...] = ()  # hints that would mislead

    @property
    def right(self) -> bool:
        """Whether it must pass every case."""
        return self.kind == "right"


def read_answers(path: Path) -> list[Answer]:
    """The answers of a file `NN.toml`; AuthorError names the one that isn't whole."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise AuthorError(path, 1, f"not TOML: {error}") from None
    answers = []
    for exercise, entries in data.items():
        for entry in entries:
            name = entry.get("name", "")
            if entry.get("kind") not in KINDS or not name or not entry.get("code"):
                advice = f"{exercise}, {name!r}: an answer has kind (right, wrong), name and code"
                raise AuthorError(path, 1, advice)
            answers.append(
                Answer(
                    exercise,
                    entry["kind"],
                    name,
                    entry["code"],
                    entry.get("wants", ""),
                    tuple(entry.get("never", ())),
                )
            )
    return answers
