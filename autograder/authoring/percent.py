"""The only parser of `source/NN_name.py`: jupytext percent text to a Practical."""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

# jsonschema, far below jupytext, takes longer to import this optional package than all the rest
sys.modules.setdefault("rfc3987_syntax", None)

import jupytext
import yaml

from autograder.authoring.quiz import Quiz, read_quiz
from autograder.errors import AuthorError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
KINDS = ("provided", "solution", "check", "demo")
FACTS = re.compile(r"\*\*(\d+) points? · (\d+) minutes? · (Beginner|Intermediate|Advanced)\.\*\*")


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook; `kind` is "text", "discussion" (marked by hand) or one of KINDS."""

    kind: str
    id: str
    source: str
    line: int
    points: float | None = None
    needs: tuple[str, ...] = ()
    quiz: Quiz | None = None  # of a solution cell that is one


@dataclass(frozen=True)
class Exercise:
    """What the text before a blank says of it, its blank and its check.

    `further` in a section `## … Going further`.
    """

    id: str
    title: str
    points: float
    minutes: int
    level: str
    needs: tuple[str, ...]
    solution: Cell
    check: Cell
    further: bool = False

    @property
    def quiz(self) -> Quiz | None:
        """The questions, if it is a quiz."""
        return self.solution.quiz

    @property
    def names(self) -> tuple[str, ...]:
        """What its cell defines."""
        return tuple(q.name for q in self.quiz.questions) if self.quiz else (self.id,)


@dataclass(frozen=True)
class Practical:
    """A parsed source file; `name` is the file's stem, `02_attention_and_transformers`."""

    name: str
    path: Path
    title: str
    minutes: int
    cells: tuple[Cell, ...]
    exercises: dict[str, Exercise] = field(default_factory=dict)

    @property
    def points(self) -> float:
        return sum(exercise.points for exercise in self.exercises.values())


def without_markers(source: str) -> str:
    """A cell's source without the lines that mark where its solution is."""
    return "\n".join(line for line in source.splitlines() if line not in (BEGIN, END))


def read_practical(path: Path) -> Practical:
    """Parse a source file; AuthorError names the line of what is wrong."""
    text = path.read_text(encoding="utf-8")
    front, body = _front_matter(path, text)
    starts = [n for n, line in enumerate(text.splitlines(), 1) if re.match(r"# %%(\s|$)", line)]
    cells = jupytext.reads(body, fmt="py:percent").cells
    if len(cells) != len(starts):
        raise AuthorError(
            path, 1, "text before the first '# %%' cell, or a '# %%' line inside a cell"
        )
    parsed = tuple(
        made for cell, line in zip(cells, starts, strict=True) for made in _cells(path, cell, line)
    )
    _refuse_repeated_ids(path, parsed)
    exercises = _exercises(path, parsed)
    return Practical(path.stem, path, front["title"], front["minutes"], parsed, exercises)


def _front_matter(path, text):
    match = re.match(r"# ---\n((?:#.*\n)*?)# ---\n", text)
    try:
        front = yaml.safe_load(re.sub(r"(?m)^# ?", "", match[1]))["workbook"]
        facts = {"title": str(front["title"]), "minutes": int(front["minutes"])}
        return facts, text[match.end() :].lstrip("\n")
    except (TypeError, KeyError, ValueError, yaml.YAMLError):
        advice = "start with '# ---', 'workbook: {title: …, minutes: …}' and '# ---'"
        raise AuthorError(path, 1, advice) from None


def _cells(path, cell, line):
    """The notebook's cells that a source cell stands for."""
    if cell.cell_type == "code":
        return [_code_cell(path, cell, line)]
    kind = next((kind for kind in ("quiz", "discussion") if kind in cell.metadata), None)
    if not kind:
        return [Cell("text", "", cell.source, line)]
    identity = _identity(path, cell, line, kind)
    points = _points(path, cell, line, f"the {kind} {identity}")
    if kind == "discussion":
        return _discussion(path, cell.source, line, identity, points)
    quiz = read_quiz(path, line, identity, cell.source)
    if len(quiz.questions) != points:
        raise AuthorError(
            path, line, f"{identity}: points={points:g}, but {len(quiz.questions)} questions"
        )
    return [
        Cell("text", "", quiz.text(), line),
        Cell("solution", identity, quiz.solution(), line, quiz=quiz),
        Cell("check", identity, f'grader.check("{identity}")', line, points),
    ]


def _discussion(path, source, line, identity, points):
    """What to write about, and the place for it, where instructors find the rubric."""
    prompt, found, rubric = source.partition("\n**Rubric.**")
    if not found or not rubric.strip():
        raise AuthorError(
            path, line, f"the discussion {identity} needs a paragraph '**Rubric.** …'"
        )
    answer = "\n".join([BEGIN, f"**Rubric.**{rubric.rstrip()}", END])
    return [
        Cell("text", "", prompt.strip(), line),
        Cell("discussion", identity, answer, line, points),
    ]


def _code_cell(path, cell, line):
    kinds = [kind for kind in KINDS if kind in cell.metadata]
    if len(kinds) != 1:
        raise AuthorError(path, line, f"say what this cell is, by one of {', '.join(KINDS)}")
    identity = _identity(path, cell, line, kinds[0])
    points = _points(path, cell, line, f"the check of {identity}") if kinds[0] == "check" else None
    if kinds[0] == "solution":
        _refuse_unbalanced_markers(path, cell.source, line, identity)
    needs = tuple(str(cell.metadata.get("needs", "")).split())
    return Cell(kinds[0], identity, cell.source, line, points, needs)


def _identity(path, cell, line, kind):
    identity = str(cell.metadata[kind])
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,49}", identity):
        raise AuthorError(
            path, line, f"{identity!r} can't be an id: use a Python name of at most 50 letters"
        )
    return identity


def _points(path, cell, line, what):
    points = cell.metadata.get("points")
    if not (isinstance(points, int | float) and points > 0):
        raise AuthorError(path, line, f"{what} needs points=…")
    return points


def _refuse_unbalanced_markers(path, source, line, identity):
    inside, regions = False, 0
    for number, text in enumerate(source.splitlines(), line + 1):
        if text.strip() == (BEGIN if inside else END):
            raise AuthorError(path, number, f"{text.strip()} without its other half in {identity}")
        if text.strip() in (BEGIN, END):
            inside, regions = not inside, regions + inside
    if inside or not regions:
        wanted = "END" if inside else "BEGIN and END"
        raise AuthorError(path, line, f"the solution of {identity} lacks ### {wanted} SOLUTION")


def _refuse_repeated_ids(path, cells):
    seen = set()
    for cell in cells:
        key = cell.id if cell.kind != "check" else f"check_{cell.id}"
        if cell.id and key in seen:
            raise AuthorError(path, cell.line, f"the id {cell.id} is taken already")
        seen.add(key)


def _exercises(path, cells):
    solutions = {c.id: c for c in cells if c.kind == "solution"}
    checks = {c.id: c for c in cells if c.kind == "check"}
    for name, cell in (checks | solutions).items():
        if name not in solutions or name not in checks:
            raise AuthorError(path, cell.line, f"{name} needs both a solution and a check cell")
        for need in cell.needs:
            if need not in solutions:
                raise AuthorError(path, cell.line, f"{name} needs {need}, which isn't an exercise")
    return {name: _exercise(path, cells, solutions[name], checks[name]) for name in solutions}


def _section(cells):
    """The heading of the section that comes after these cells."""
    texts = "\n".join(cell.source for cell in cells if cell.kind == "text")
    return (re.findall(r"(?m)^## .*$", texts) or [""])[-1]


def _exercise(path, cells, solution, check):
    before = cells[: cells.index(solution)]
    text = next(
        (c for c in reversed(before) if c.kind == "text" and "### Exercise" in c.source), None
    )
    heading = text and re.search(r"(?m)^### Exercise(?: \d+)?: (.+)$", text.source)
    facts = text and FACTS.search(text.source)
    if not heading or not facts:
        advice = "'### Exercise 1: title' and '**2 points · 10 minutes · Beginner.**'"
        raise AuthorError(path, solution.line, f"the text before {solution.id} must have {advice}")
    if float(facts[1]) != float(check.points):
        raise AuthorError(
            path, check.line, f"{check.id}: points={check.points:g}, but its text says {facts[1]}"
        )
    return Exercise(
        solution.id,
        heading[1],
        check.points,
        int(facts[2]),
        facts[3],
        solution.needs,
        solution,
        check,
        further="Going further" in _section(before),
    )
