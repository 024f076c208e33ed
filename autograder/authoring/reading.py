"""How long a practical is for who reads it: cells, words, minutes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.authoring.percent import Cell, Practical

WORDS_A_MINUTE = 200
FOLDED = re.compile("<details>.*?</details>", re.DOTALL)
MATHEMATICS = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)


@dataclass(frozen=True)
class Length:
    """Cells of the notebook, words outside folds, and minutes that the core takes."""

    cells: int
    words: int
    minutes: float


def length(practical: Practical) -> Length:
    """Count a practical.

    The core's minutes are those of its exercises, a minute for each picture, and its words at the
    pace of who reads a textbook. What is folded, discussed or goes further isn't in them.
    """
    words = sum(_words(cell) for cell in practical.cells)
    core = list(_core(practical))
    exercises = sum(e.minutes for e in practical.exercises.values() if not e.further)
    pictures = sum(cell.kind == "demo" for cell in core)
    reading = sum(_words(cell) for cell in core) / WORDS_A_MINUTE
    return Length(len(practical.cells), words, exercises + pictures + reading)


def _words(cell: Cell) -> int:
    """Words that are read in passing: those of a text, outside folds; a formula is one."""
    if cell.kind != "text":
        return 0
    shown = MATHEMATICS.sub("formula", FOLDED.sub("", cell.source))
    return sum(any(map(str.isalnum, word)) for word in shown.split())


def _core(practical: Practical) -> Iterator[Cell]:
    """The cells that belong to no exercise that goes further; discussions are for afterwards."""
    headings = {exercise.heading: exercise for exercise in practical.exercises.values()}
    further = False
    for cell in practical.cells:
        for line in cell.source.splitlines() if cell.kind == "text" else ():
            further = headings[line].further if line in headings else further
        if cell.kind != "discussion" and not further:
            yield cell
