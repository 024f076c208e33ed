"""An answer key from the disk, looked at before anything is graded by it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
from workbook.key import Answers
from workbook.values import Observed, decode

from autograder.course import KEY_FORMAT
from autograder.errors import UserError

Number = Annotated[float, msgspec.Meta(ge=0, le=1e9)]  # no NaN, no infinity


class Expect(msgspec.Struct):
    """What a case sends: a value, and how near another has to be."""

    tree: dict[str, Any]
    rtol: Number | None = None
    atol: Number | None = None
    judge: str | None = None


class Case(msgspec.Struct):
    title: str
    points: Number
    hidden: bool
    expects: list[Expect]


class Known(msgspec.Struct):
    """What a mistake gives in a case."""

    expects: list[Expect] = []
    error: str | None = None


class Mistake(msgspec.Struct):
    name: str
    hint: str
    cases: dict[str, Known]


class Exercise(msgspec.Struct):
    title: str
    points: Number
    cases: dict[str, Case]
    mistakes: list[Mistake]


class Header(msgspec.Struct):
    exercises: dict[str, Exercise]


def read_key(path: Path, name: str) -> Answers:
    """The answer key of the practical `name`; UserError when its file is damaged.

    A key of another format is given as it is: whoever asks sees that it is an older one.
    """
    try:
        key = Answers.load(path)
        if key.header.get("format") == KEY_FORMAT:
            msgspec.convert(key.header, Header)
            for observed in _observed(key):
                decode(observed.tree, observed.arrays)  # every array that it names is there
        return key
    except Exception as error:  # safetensors, json and a header of another shape each have theirs
        raise UserError(
            f"{path} can't be read ({type(error).__name__}): run autograder build {name[:2]}"
        ) from None


def _observed(key: Answers) -> Iterator[Observed]:
    """Every value of a key: the references, and what mistakes give."""
    for name, exercise in key.exercises.items():
        for case in exercise["cases"]:
            yield from key.observed(name, case)
        for number, mistake in enumerate(exercise["mistakes"]):
            for case, known in mistake["cases"].items():
                if "expects" in known:
                    yield from key.observed(name, case, number)
