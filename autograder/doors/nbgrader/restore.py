"""Whatever a student handed in as a whole notebook again: the author's cells with the student's work."""

import copy
import re

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.authoring.notebook import cell_id
from autograder.authoring.percent import Practical
from autograder.grading.plan import Finder, is_blank
from autograder.inbox.reading import Notebook

LONGEST_LINE = 1_000  # letters of a line of code that is shown
MOST_FORMULAS = 200  # in a text
MATHS = re.compile(r"\\[(\[]|\\begin|\$")


def restore(
    handed_in: Notebook, released: nbformat.NotebookNode, practical: Practical
) -> nbformat.NotebookNode:
    """The released notebook with the student's solutions, answers and own cells in their places.

    Every released cell is there once, in order, with its metadata; of several copies of a solution
    the last that is filled in stands in its place, and the others above it. A cell of the student's
    own follows the released cell that it followed.
    """
    ids = [cell.id for cell in released.cells]
    owners = _Owners(released, practical)
    work: dict[str, list] = {identity: [] for identity in ids}  # of students, by released cell
    after: dict[str, list] = {identity: [] for identity in ["", *ids]}
    here = ""
    for cell in handed_in.all_cells:
        owner = owners.find(cell, here)
        if owner is None:
            after[here].append(cell)
            continue
        here = owner
        if owner in owners.written:
            work[owner].append(cell)
    restored = copy.deepcopy(released)
    restored.cells = _own(after[""])
    for cell in copy.deepcopy(released.cells):
        *earlier, last = _last_filled_in(work[cell.id]) or [None]
        if cell.id in owners.discussions and (last is None or last.source == cell.source):
            last = _answer_below(after[cell.id])
        if last is not None:
            cell.source = _shown(last)
        restored.cells += [*_own(earlier), cell, *_own(after[cell.id])]
    return restored


def _answer_below(cells):
    """Take the first text out of these cells: an answer written under the place for it."""
    for cell in cells:
        if not cell.is_code and cell.source.strip():
            cells.remove(cell)
            return cell
    return None


class _Owners:
    """Which released cell a student's cell is."""

    def __init__(self, released, practical):
        self._finder = Finder(practical)
        self._ids = {cell.id: cell for cell in released.cells}
        self._texts = {c.source.strip(): c.id for c in released.cells if c.cell_type == "markdown"}
        self._next = {a.id: b.id for a, b in zip(released.cells, released.cells[1:])}
        self.discussions = {c.id for c in practical.cells if c.kind == "discussion"}
        self.written = self.discussions | {e.solution.id for e in practical.exercises.values()}

    def find(self, cell, here):
        """The id of the released cell; `here` is the last that was found."""
        if not cell.is_code:
            return self._text(cell, here)
        owner = self._finder.identify(cell)
        return owner and cell_id(owner)

    def _text(self, cell, here):
        """By id, by text, or as an answer that follows the question."""
        if cell.id in self._ids and self._ids[cell.id].cell_type == "markdown":
            return cell.id
        if found := self._texts.get(cell.source.strip()):
            return found
        following = self._next.get(here)
        return following if following in self.discussions else None


def _last_filled_in(cells):
    """Copies of one cell, the one that counts last."""
    filled = [cell for cell in cells if cell.source.strip() and not is_blank(cell.source)]
    best = (filled or cells)[-1:]
    return [cell for cell in cells if cell not in best] + best


def _own(cells):
    made = []
    for cell in cells:
        if cell.source.strip():
            make = new_code_cell if cell.is_code else new_markdown_cell
            made.append(make(_shown(cell)))
    return made


def _shown(cell):
    """A cell's source as whoever marks it sees it: no text is a tag for their browser.

    The programs that make nbgrader's pages take the square of a text's formulas, and the cube of
    a line of code: what no person writes is cut.
    """
    if cell.is_code:
        lines = cell.source.split("\n")
        return "\n".join(x if len(x) <= LONGEST_LINE else f"{x[:LONGEST_LINE]} …" for x in lines)
    formulas = [found.start() for found in MATHS.finditer(cell.source)]
    text = cell.source[: formulas[MOST_FORMULAS]] if len(formulas) > MOST_FORMULAS else cell.source
    return re.sub(r"<(?=[A-Za-z/!?])", "< ", text)
