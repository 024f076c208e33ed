"""The code cells that a student handed in, as the steps that a grader runs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from autograder.authoring.notebook import cell_id
from autograder.authoring.percent import Cell, Practical
from autograder.grading.result import MOST_WARNINGS
from autograder.inbox.reading import Notebook, StudentCell
from autograder.inbox.which_practical import is_of_another_language, what_else
from autograder.names import short

# By pattern, not by parsing: Python's own parser isn't made for hostile text. No pattern may take
# longer than its text is long: within a line, a run of spaces or letters is looked at once.
BLANK = re.compile(r"(?m)^[^\S\n]*raise NotImplementedError\b")
MADE = re.compile(r"(?m)^(?:async +)?(?:def|class) +(\w+)")
DEFINED = re.compile(r"(?m)^(?:(?:def|class)[^\S\n]+(\w+)|(\w+)[^\S\n]*=(?!=))")
CALLED = re.compile(r"(?<![.\w])([^\W\d]\w*+)\(")


class WrongPractical(Exception):
    """A notebook, but not of this practical; the message says what it is."""


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


def plan(notebook: Notebook, practical: Practical) -> Plan:
    """The steps to run: locked cells as the author wrote them, everything else as handed in.

    Demos are left out. An exercise's cases run after its check cell and its last solution
    cell, or at the end when neither is there. WrongPractical when no cell is the practical's.
    """
    finder = Finder(practical)
    owners = [finder.identify(cell) for cell in notebook.cells]
    if not any(owners):
        raise WrongPractical(what_else(notebook, practical.name))
    planner = _Planner(practical)
    planner.warnings += _about(notebook, owners)
    pairs = list(zip(notebook.cells, owners))
    planner.warnings += _put_given_first(pairs, practical)
    for cell, owner in pairs:
        planner.add(cell, owner)
    return planner.plan()


def _put_given_first(pairs, practical) -> Iterator[str]:
    """Move given cells up, in place, that have slipped below work which follows them in the source."""
    order = {id(cell): number for number, cell in enumerate(practical.cells)}
    seen: set[int] = set()
    for here, pair in enumerate(list(pairs)):
        owner = pair[1]
        if owner is None or owner.kind != "provided" or id(owner) in seen:  # copies never run
            continue
        seen.add(id(owner))
        for place, (_, other) in enumerate(pairs[:here]):
            if other and other.kind == "solution" and order[id(other)] > order[id(owner)]:
                del pairs[here]
                pairs.insert(place, pair)
                yield f"the given cell {owner.id!r} stands below work that needs it; it ran first"
                break


def _about(notebook, owners) -> Iterator[str]:
    yield from notebook.warnings
    if is_of_another_language(notebook):
        yield f"the notebook's kernel speaks {short(notebook.language, 30)}; its cells ran as Python"
    if not any(owner and owner.id == cell.id for cell, owner in zip(notebook.cells, owners)):
        yield "the cells have lost their ids; they were recognised by what they define"


# ---------------------------------------------------------------- finding the student's work


def is_blank(source: str) -> bool:
    """Whether a solution cell still says that nothing is filled in."""
    return bool(BLANK.search(source))


class Finder:
    """Which cell of the source a student's cell is."""

    def __init__(self, practical):
        self._by_id = {cell_id(c): c for c in practical.cells if c.kind != "text"}
        fixed = [c for c in self._by_id.values() if c.kind != "solution"]
        self._by_text = {_plain(c.source): c for c in reversed(fixed)}
        self._solutions = [(e.names, e.solution) for e in practical.exercises.values()]

    def identify(self, cell: StudentCell) -> Cell | None:
        """By id, else by its text, else by what it defines."""
        named = self._by_id.get(cell.id)
        if named and (named.kind in ("solution", "provided") or not self._defined(cell)):
            return named
        return self._by_text.get(_plain(cell.source)) or self._defined(cell)

    def _defined(self, cell):
        defined = defined_in(cell.source)
        return next((s for names, s in self._solutions if not defined.isdisjoint(names)), None)


def defined_in(source: str) -> set[str]:
    """The functions, classes and names that a cell makes (outside of any block)."""
    return {name for found in DEFINED.findall(source) for name in found if name}


def _plain(source):
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


# ---------------------------------------------------------------- planning


class _Planner:
    """Takes a submission's cells in order and lays out the steps."""

    def __init__(self, practical):
        self._practical = practical
        self._steps: list[Step] = []
        self._seen: set[str] = set()  # the source's cells, by id
        self._filled: set[str] = set()  # solution cells that aren't blanks
        self._cases_after: dict[str, int] = {}
        self.warnings: list[str] = []

    def add(self, cell: StudentCell, owner: Cell | None) -> None:
        """Lay out the steps of one cell, whose place in the source is `owner`."""
        if owner is None:
            self._extra(cell)
        elif owner.kind == "solution":
            self._solution(cell, owner)
        elif owner.kind != "demo" and cell_id(owner) not in self._seen:
            self._seen.add(cell_id(owner))
            if owner.kind == "provided":
                self._provided(cell, owner)
            else:
                self._cases_after[owner.id] = len(self._steps)

    def _extra(self, cell):
        if "otter_ignore" in cell.tags:
            self.warnings.append("a cell with the tag otter_ignore wasn't run")
        elif cell.source.strip():
            self._steps.append(Step("extra", f"extra_{len(self._steps)}", cell.source))

    def _provided(self, cell, owner):
        if _plain(cell.source) != _plain(owner.source):
            self.warnings.append(
                f"the given cell {owner.id!r} was changed; the original ran after it"
            )
            self._steps.append(Step("provided", owner.id, cell.source))  # for imports added there
        self._steps.append(Step("provided", owner.id, owner.source))

    def _solution(self, cell, owner):
        if not cell.source.strip():  # the work may be elsewhere
            return
        blank = is_blank(cell.source)
        if blank and owner.id in self._filled:
            self.warnings.append(f"a copy of the cell of {owner.id} isn't filled in; it didn't run")
            return
        if cell_id(owner) in self._seen:
            self.warnings.append(
                f"the cell of {owner.id} is there more than once; all ran, in order"
            )
        self._seen.add(cell_id(owner))
        if not blank:
            self._filled.add(owner.id)
        self._steps.append(Step("solution", owner.id, cell.source))
        self._cases_after[owner.id] = len(self._steps)

    def plan(self) -> Plan:
        """The whole plan, once every cell was added."""
        self._take_renamed()
        self._wait_for_helpers()
        self._wait_for_needs()
        provided = [c for c in self._practical.cells if c.kind == "provided"]
        lacking = [c for c in provided if cell_id(c) not in self._seen]
        for cell in lacking:
            self.warnings.append(f"the given cell {cell.id!r} is missing; the original was used")
        for exercise in self._practical.exercises.values():
            if cell_id(exercise.solution) not in self._seen:
                self.warnings.append(f"no cell of {exercise.id} was found")
        first = [Step("provided", c.id, c.source) for c in lacking]
        return Plan(first + self._with_cases(), list(dict.fromkeys(self.warnings))[:MOST_WARNINGS])

    def _take_renamed(self):
        """A function under another name, alone in its exercise's cell, is taken for what was asked."""
        exercises = self._practical.exercises
        wanted = {name for exercise in exercises.values() for name in exercise.names}
        defined = set().union(*(defined_in(step.source) for step in self._steps))
        for number, step in enumerate(self._steps):
            if step.kind != "solution" or len(exercises[step.id].names) != 1:
                continue
            if step.id in defined:
                continue
            made = set(MADE.findall(step.source)) - wanted
            if len(made) == 1:
                [name] = made
                defined.add(step.id)
                source = f"{step.source.rstrip()}\n\n{step.id} = {name}\n"
                self._steps[number] = Step("solution", step.id, source)
                self.warnings.append(
                    f"the cell of {step.id} defines {short(name)}; it was graded as {step.id}"
                )

    def _wait_for_helpers(self):
        """Cases wait for a helper that a cell of the student's own defines further down."""
        made = [set(MADE.findall(step.source)) for step in self._steps]
        for name, place in self._cases_after.items():
            sources = [s.source for s in self._steps if (s.kind, s.id) == ("solution", name)]
            called = set(CALLED.findall("\n".join(sources)))
            missing = called - set().union(*made[:place])
            for number in range(place, len(self._steps)):
                late = missing & made[number] if self._steps[number].kind == "extra" else set()
                if late:
                    self._cases_after[name] = number + 1
                    missing -= late
                    self.warnings.append(
                        f"{name} uses {short(min(late))}, defined only further down"
                    )

    def _wait_for_needs(self):
        """Cases wait for the cells of the exercises that theirs builds on."""
        for name, exercise in self._practical.exercises.items():  # needs come first in the source
            places = [
                self._cases_after[n] for n in (name, *exercise.needs) if n in self._cases_after
            ]
            if name in self._cases_after:
                self._cases_after[name] = max(places)

    def _with_cases(self):
        names = self._practical.exercises
        placed = []
        for number, step in enumerate([*self._steps, None]):
            placed += [Step("cases", n) for n in names if self._cases_after.get(n) == number]
            placed += [step] if step else []
        found = {step.id for step in placed if step.kind == "cases"}
        return placed + [Step("cases", name) for name in names if name not in found]
