"""Whatever bytes students hand in, as cells; what was odd about them, as warnings."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_CELLS = 2_000
MOST_PARTS = 2_000_000  # brackets and commas: what makes a parser's memory grow
MOST_SOURCE = 1_000_000  # characters in cells, ten times a long solution; outputs don't count
IMAGE = re.compile(r"data:image/[a-z+.-]+;base64,[A-Za-z0-9+/=]+")  # as Colab puts it into a text
LONGEST_WORD = 100  # letters of an id, and of what a notebook calls its practical and its language
OUTSIDE = re.compile(r"(?m)^[^\S\n]*(?:!|%%?(?:pip|conda|mamba|system|sx|bash|sh)\b)")


class Unreadable(Exception):
    """The bytes aren't a notebook; the message says why, for the student."""


@dataclass(frozen=True)
class StudentCell:
    """A cell as handed in; `id` is its grade id, else its cell id."""

    id: str
    source: str
    tags: tuple[str, ...] = ()
    is_code: bool = True
    attachments: Mapping[str, object] = field(default_factory=dict, compare=False)  # as handed in


@dataclass(frozen=True)
class Notebook:
    """The cells of a notebook, in order, and what a grader should know of the file.

    `named` is the practical that it says it is of, `language` what its kernel speaks; "" if unsaid.
    """

    all_cells: list[StudentCell]
    named: str
    language: str
    warnings: list[str]

    @property
    def cells(self) -> list[StudentCell]:
        """The code cells."""
        return [cell for cell in self.all_cells if cell.is_code]


def read_notebook(data: bytes) -> Notebook:
    """Read a notebook of any format since 3 in any Unicode encoding; Unreadable if it isn't one."""
    warnings: list[str] = []
    notebook = _parse(_text(data, warnings), warnings)
    raw = _raw_cells(notebook)
    if not raw:
        raise Unreadable("the file has no notebook cells")
    if len(raw) > MOST_CELLS:
        raise Unreadable(f"the notebook has {len(raw)} cells, more than {MOST_CELLS}")
    if "cells" not in notebook:
        warnings.append("the notebook has an old format (3)")
    cells = [_student_cell(cell) for cell in raw]
    if sum(map(_length, cells)) > MOST_SOURCE:
        most = f"{MOST_SOURCE // 10**6} million characters"
        raise Unreadable(f"the notebook's cells are longer than {most}: hand in your work alone")
    if any(OUTSIDE.search(cell.source) for cell in cells if cell.is_code):
        warnings.append("lines such as !pip install aren't run while grading")
    language = _get(notebook, "metadata", "kernelspec", "language") or _get(
        notebook, "metadata", "language_info", "name"
    )
    named = _get(notebook, "metadata", "workbook", "practical")
    return Notebook(cells, _word(named)[:LONGEST_WORD], _word(language)[:LONGEST_WORD], warnings)


def _text(data, warnings):
    if not data.strip():
        raise Unreadable("the file is empty")
    encoding = json.detect_encoding(data)
    if not encoding.startswith("utf-8"):
        warnings.append(f"the file is saved as {encoding[:6].upper()}; notebooks are UTF-8")
        return data.decode(encoding, "replace")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        warnings.append("some letters of the file aren't UTF-8 and are lost")
        return data.decode(encoding, "replace")


def _parse(text, warnings):
    if sum(map(text.count, "[{,")) > MOST_PARTS:
        raise Unreadable("the file holds more than any notebook: clear its outputs")
    text = text.strip().rstrip("\0")
    try:
        notebook, end = json.JSONDecoder().raw_decode(text)
    except RecursionError:
        raise Unreadable("the file is nested too deeply to be a notebook") from None
    except ValueError as error:
        raise Unreadable(_why_not_json(text, error)) from None
    if not isinstance(notebook, dict):
        raise Unreadable("the file isn't a notebook (.ipynb)")
    if end < len(text):
        warnings.append(f"{len(text) - end} characters after the notebook's end were ignored")
    return notebook


def _why_not_json(text, error):
    if re.search(r"(?m)^(<{7} |={7}$|>{7} )", text):
        return "the file has git conflict markers: resolve the conflict and save the notebook again"
    if text[:1] != "{":
        return "the file isn't a notebook (.ipynb, JSON)"
    return f"the notebook is damaged at line {getattr(error, 'lineno', 1)}: download it again and hand it in whole"


def _raw_cells(notebook):
    """The cells of nbformat 4, or of nbformat 3's worksheets; only the ones that are objects."""
    cells = notebook.get("cells")
    if cells is None:
        sheets = notebook.get("worksheets")
        cells = [c for s in _list(sheets) if isinstance(s, dict) for c in _list(s.get("cells"))]
    return [cell for cell in _list(cells) if isinstance(cell, dict)]


def _student_cell(cell):
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    source = _word(source).replace("\r\n", "\n").encode("utf-8", "replace").decode()
    identity = _word(_get(cell, "metadata", "nbgrader", "grade_id")) or _word(cell.get("id"))
    tags = tuple(tag for tag in _list(_get(cell, "metadata", "tags")) if isinstance(tag, str))
    pictures = cell.get("attachments")
    pictures = pictures if isinstance(pictures, dict) else {}
    is_code = cell.get("cell_type") == "code"
    return StudentCell(identity[:LONGEST_WORD], source, tags, is_code, pictures)


def _length(cell):
    """How long a cell's source is, without the pictures in a text."""
    if cell.is_code or len(cell.source) <= MOST_SOURCE // MOST_CELLS:
        return len(cell.source)
    return len(IMAGE.sub("", cell.source))


def _list(value):
    return value if isinstance(value, list) else []


def _word(value):
    return value if isinstance(value, str) else ""


def _get(value, *keys):
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
