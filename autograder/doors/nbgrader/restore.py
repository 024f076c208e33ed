"""Whatever a student handed in as a whole notebook again: the author's cells with the student's work."""

import copy

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.authoring.notebook import cell_id
from autograder.authoring.percent import Practical
from autograder.doors.nbgrader.shown import shown_cells, shown_code, shown_markdown
from autograder.grading.plan import Finder, is_blank
from autograder.inbox.reading import Notebook


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
    for cell in shown_cells(handed_in.all_cells):
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
            _fill(cell, last)
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
            made.append(_fill(make(), cell))
    return made


def _fill(cell, student):
    """Put a student's work into a cell, with nothing in it that acts on whoever marks it."""
    if student.is_code:
        cell.source = shown_code(student.source)
    else:
        cell.source, pictures = shown_markdown(student.source, student.attachments)
        if pictures:
            cell.attachments = pictures
    return cell
