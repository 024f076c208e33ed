"""A Practical as an nbgrader notebook: stable ids, schema-3 metadata."""

import hashlib

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.authoring.percent import BEGIN, END, Cell, Exercise, Practical

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}

# What nbgrader leaves of a solution.
STUB = 'raise NotImplementedError("this blank is still to be filled in")'


def blank(exercise: Exercise) -> str:
    """The cell that students get in place of an exercise's solution, as nbgrader makes it."""
    if exercise.quiz:
        return exercise.quiz.blank()
    lines: list[str] = []
    inside = False
    for line in exercise.solution.source.splitlines():
        if BEGIN in line:
            lines.append(line[: line.index(BEGIN)] + STUB)
        inside = (inside or BEGIN in line) and END not in line
        if not inside and END not in line:
            lines.append(line)
    return "\n".join(lines)


def cell_id(cell: Cell, taken: frozenset | set = frozenset()) -> str:
    """A cell's id in the notebook: its own, check_<id>, or a hash of the text."""
    if cell.kind == "text":
        name = "text-" + hashlib.sha256(cell.source.encode()).hexdigest()[:10]
        return name if name not in taken else f"{name}-{len(taken)}"
    return f"check_{cell.id}" if cell.kind == "check" else cell.id


def to_notebook(practical: Practical) -> nbformat.NotebookNode:
    """The instructor's notebook, solutions inside."""
    taken: set[str] = set()
    cells = []
    for cell in practical.cells:
        identity = cell_id(cell, taken)
        taken.add(identity)
        make = new_markdown_cell if cell.kind in ("text", "discussion") else new_code_cell
        cells.append(make(cell.source, id=identity, metadata=_metadata(cell, identity)))
    metadata = {
        "kernelspec": KERNEL,
        "language_info": {"name": "python"},
        "workbook": {"practical": practical.name},
    }
    notebook = new_notebook(cells=cells, metadata=metadata)
    nbformat.validate(notebook)
    return notebook


def _metadata(cell, identity):
    if cell.kind == "text":
        return {}
    if cell.kind == "demo":
        return {"tags": ["otter_ignore"]}
    graded = cell.kind in ("check", "discussion")
    written = cell.kind in ("solution", "discussion")
    flags = {
        "grade_id": identity,
        "grade": graded,
        "solution": written,
        "locked": not written,
        "task": False,
        "schema_version": 3,
    }
    return {"nbgrader": flags | ({"points": cell.points} if graded else {})}
