"""How a broken file is described: an edit of the right notebook, the fair score, what is said of it."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass

from autograder.status import Status

BLANK = 'def causal_mask(scores):\n    raise NotImplementedError("this blank is still to be filled in")\n'


@dataclass(frozen=True)
class Broken:
    """One file, the score that a fair person gives, and a part of the line that says what was wrong.

    `says` is "" where nothing was wrong: a program only saves in its own way.
    """

    name: str
    make: Callable[[dict], bytes]
    points: float = 6.0
    says: str = ""
    status: str = Status.GRADED
    suffix: str = ".ipynb"


FILES: list[Broken] = []


def broken(name: str, says: str = "", points: float = 6.0, **expected) -> Callable:
    """Register a function that edits the right notebook (a dict) or returns other bytes."""

    def register(edit):
        def make(notebook):
            notebook = copy.deepcopy(notebook)
            data = edit(notebook)
            return data if isinstance(data, bytes) else json.dumps(notebook, indent=1).encode()

        FILES.append(Broken(name, make, points, says, **expected))
        return edit

    return register


def refused(name, says, status=Status.UNREADABLE, **more):
    return broken(name, says, 0.0, status=status, **more)


def cell_of(notebook, name):
    return next(cell for cell in notebook["cells"] if cell.get("id") == name)


def text_of(cell):
    return "".join(cell["source"])


def code_cell(source, identity=None, **metadata):
    cell = {"cell_type": "code", "metadata": metadata, "outputs": [], "execution_count": None}
    return cell | {"source": source} | ({"id": identity} if identity else {})


def move(notebook, name, place):
    cells = notebook["cells"]
    cells.insert(place, cells.pop(cells.index(cell_of(notebook, name))))
