"""Whatever students hand in, as the steps that a grader runs."""

import json
import re
from dataclasses import dataclass, field

from autograder.notebook import cell_id
from autograder.percent import Practical


class Unreadable(Exception):
    """The bytes aren't a notebook; the message says why, for the student."""


class WrongPractical(Exception):
    """A notebook, but not of this practical; the message says what it is."""


@dataclass(frozen=True)
class StudentCell:
    """A code cell as handed in; `id` is its grade id, else its cell id."""

    id: str
    source: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """A cell to run, or (kind "cases") the place where an exercise's cases run."""

    kind: str  # "provided", "solution", "extra" or "cases"
    id: str
    source: str = ""


@dataclass
class Plan:
    """The steps of one submission in the order they run, and what was odd about it."""

    steps: list[Step]
    warnings: list[str] = field(default_factory=list)


# ---------------------------------------------------------------- reading


def read_submission(data: bytes, practical: Practical) -> list[StudentCell]:
    """The code cells of a submission; Unreadable or WrongPractical when it can't be graded."""
    notebook = _parse(data)
    language = _get(notebook, "metadata", "kernelspec", "language") or _get(
        notebook, "metadata", "language_info", "name"
    )
    if isinstance(language, str) and language and "python" not in language.lower():
        raise WrongPractical(f"the notebook is written in {language[:30]}, not in Python")
    cells = [
        _student_cell(cell) for cell in _raw_cells(notebook) if cell.get("cell_type") == "code"
    ]
    _refuse_other_practical(notebook, cells, practical)
    return cells


def _parse(data):
    if not data.strip():
        raise Unreadable("the file is empty")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    else:
        text = data.decode("utf-8-sig", "replace")
    try:
        notebook = json.loads(text)
    except RecursionError:
        raise Unreadable("the file is nested too deeply to be a notebook") from None
    except ValueError as error:
        raise Unreadable(_why_not_json(text, error)) from None
    if not isinstance(notebook, dict):
        raise Unreadable("the file isn't a notebook (.ipynb)")
    if not _raw_cells(notebook):
        raise Unreadable("the file has no notebook cells")
    return notebook


def _why_not_json(text, error):
    if re.search(r"(?m)^(<{7} |={7}$|>{7} )", text):
        return "the file has git conflict markers: resolve the conflict and save the notebook again"
    if text.lstrip()[:1] != "{":
        return "the file isn't a notebook (.ipynb, JSON)"
    return f"the notebook is damaged at line {getattr(error, 'lineno', 1)}: download it again and hand it in whole"


def _raw_cells(notebook):
    """The cells of nbformat 4, or of nbformat 3's worksheets; only the ones that are objects."""
    cells = notebook.get("cells")
    if cells is None:
        sheets = notebook.get("worksheets")
        sheets = sheets if isinstance(sheets, list) else []
        cells = [
            c for sheet in sheets if isinstance(sheet, dict) for c in _list(sheet.get("cells"))
        ]
    return [cell for cell in _list(cells) if isinstance(cell, dict)]


def _list(value):
    return value if isinstance(value, list) else []


def _get(value, *keys):
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _student_cell(cell):
    source = cell.get("source", cell.get("input", ""))
    source = "".join(map(str, source)) if isinstance(source, list) else str(source)
    source = source.replace("\r\n", "\n").encode("utf-8", "replace").decode()
    identity = _get(cell, "metadata", "nbgrader", "grade_id") or cell.get("id") or ""
    tags = tuple(map(str, _list(_get(cell, "metadata", "tags"))))
    return StudentCell(str(identity)[:100], source, tags)


def _refuse_other_practical(notebook, cells, practical):
    named = _get(notebook, "metadata", "workbook", "practical")
    if any(_identify(cell, practical) for cell in cells):
        return
    if isinstance(named, str) and named != practical.name:
        raise WrongPractical(f"this is the notebook of {named[:60]!r}, not of {practical.name!r}")
    raise WrongPractical(f"no cell of the notebook belongs to {practical.name!r}")


# ---------------------------------------------------------------- finding the student's work


def _identify(cell, practical):
    """The source cell that a student's cell is: by id, else by its text, else by what it defines."""
    by_id = {cell_id(c): c for c in practical.cells if c.kind != "text"}
    named = by_id.get(cell.id)
    if named and (named.kind in ("solution", "provided") or not _defined(cell, practical)):
        return named
    text = _plain(cell.source)
    for source in by_id.values():
        if source.kind != "solution" and text == _plain(source.source):
            return source
    return next(iter(_defined(cell, practical)), None)


def _defined(cell, practical):
    return [
        e.solution
        for e in practical.exercises.values()
        if any(defines(cell.source, name) for name in e.names)
    ]


def defines(source: str, name: str) -> bool:
    """Whether a cell makes this function, class or name (outside of any block)."""
    return bool(re.search(rf"(?m)^(?:(?:def|class)\s+{name}\b|{name}\s*=(?!=))", source))


def _plain(source):
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def plan(cells: list[StudentCell], practical: Practical) -> Plan:
    """The steps to run: locked cells as the author wrote them, everything else as handed in.

    Demos are left out. An exercise's cases run after its check cell and its last solution
    cell, or at the end when neither is there.
    """
    steps: list[Step] = []
    warnings: list[str] = []
    cases_after: dict[str, int] = {}
    provided = {c.id: c for c in practical.cells if c.kind == "provided"}
    seen: list = []
    for cell in cells:
        source = _identify(cell, practical)
        if source is None:
            if "otter_ignore" in cell.tags:
                warnings.append("a cell with the tag otter_ignore wasn't run")
            elif cell.source.strip():
                steps.append(Step("extra", f"extra_{len(steps)}", cell.source))
            continue
        emptied = source.kind == "solution" and not cell.source.strip()  # the work may be elsewhere
        if (
            emptied
            or source.kind == "demo"
            or (source.kind in ("provided", "check") and source in seen)
        ):
            continue
        if source in seen:
            warnings.append(f"the cell of {source.id} is there more than once; all ran, in order")
        seen.append(source)
        if source.kind == "provided":
            if _plain(cell.source) != _plain(source.source):
                warnings.append(
                    f"the given cell {source.id!r} was changed; the original ran after it"
                )
                steps.append(Step("provided", source.id, cell.source))  # for imports added there
            steps.append(Step("provided", source.id, source.source))
        elif source.kind == "solution":
            steps.append(Step("solution", source.id, cell.source))
        if source.kind in ("solution", "check"):
            cases_after[source.id] = len(steps)
    lacking = [c for c in provided.values() if c not in seen]
    steps = _with_cases(steps, cases_after, practical)
    for cell in lacking:
        warnings.append(f"the given cell {cell.id!r} is missing; the original was used")
    for exercise in practical.exercises.values():
        if exercise.solution not in seen:
            warnings.append(f"no cell of {exercise.id} was found")
    return Plan(
        [Step("provided", c.id, c.source) for c in lacking] + steps, list(dict.fromkeys(warnings))
    )


def _with_cases(steps, cases_after, practical):
    placed = []
    for number, step in enumerate([*steps, None]):
        placed += [
            Step("cases", name) for name in practical.exercises if cases_after.get(name) == number
        ]
        placed += [step] if step else []
    found = {step.id for step in placed if step.kind == "cases"}
    return placed + [Step("cases", name) for name in practical.exercises if name not in found]
