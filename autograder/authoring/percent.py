"""The only parser of `source/NN_name.py`: percent text to a Practical."""

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from autograder.authoring.headers import Piece, cut
from autograder.authoring.markup import Numbers, Writer, count
from autograder.authoring.quiz import Quiz, read_quiz
from autograder.authoring.words import ENGLISH, LANGUAGES
from autograder.errors import AuthorError
from autograder.files import read_text

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
RUBRIC = "{rubric}"
FRONT = {
    "title": (str, "text"),
    "minutes": (int, "a whole number above 0"),
    "language": (str, "text"),
    "rubric": (str, "text"),
}
DEFAULTS = {"language": "en", "rubric": ""}


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
    """What students read before a blank, its blank and its check.

    `heading` is its line in the notebook; a quiz has no number.
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
    number: int | None = None
    heading: str = ""

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
    numbers: Numbers = field(default_factory=lambda: Numbers(ENGLISH))

    @property
    def points(self) -> float:
        return sum(exercise.points for exercise in self.exercises.values())


def without_markers(source: str) -> str:
    """A cell's source without the lines that mark where its solution is."""
    return "\n".join(line for line in source.splitlines() if line not in (BEGIN, END))


def read_practical(path: Path) -> Practical:
    """Parse a source file; AuthorError names the line of what is wrong."""
    front, body, first = _front_matter(path, read_text(path))
    pieces = cut(path, body, first)
    writer = Writer(pieces, count(pieces, LANGUAGES[front["language"]]))
    cells = []
    for piece in pieces:
        cells += _cells(piece, writer, front["rubric"])
        writer.done(piece)
    exercises = _exercises(pieces, cells, writer)
    return Practical(
        path.stem, path, front["title"], front["minutes"], tuple(cells), exercises, writer.numbers
    )


def _front_matter(path, text):
    """Its facts, the text after it and the number of that text's first line."""
    match = re.match(r"# ---\n((?:#.*\n)*?)# ---\n", text)
    try:
        front = yaml.safe_load(re.sub(r"(?m)^# ?", "", match[1]))["workbook"]
        facts = DEFAULTS | {"title": front["title"], "minutes": front["minutes"]} | front
    except (TypeError, KeyError, yaml.YAMLError):
        advice = "start with '# ---', '# workbook: {title: …, minutes: …}' and '# ---'"
        raise AuthorError(path, 1, advice) from None
    if unknown := facts.keys() - FRONT:
        raise AuthorError(path, 1, f"{min(unknown)}: the front matter has {', '.join(FRONT)}")
    for name, value in facts.items():
        kind, what = FRONT[name]
        if type(value) is not kind or (kind is int and value <= 0):
            raise AuthorError(path, 1, f"{name} must be {what}, not {value!r}")
    if facts["language"] not in LANGUAGES:
        advice = f"language {facts['language']!r}: there are {', '.join(LANGUAGES)}; "
        raise AuthorError(path, 1, advice + "another is a table in autograder/authoring/words.py")
    return facts, text[match.end() :], match[0].count("\n") + 1


def _cells(piece: Piece, writer: Writer, scale: str) -> list[Cell]:
    """The notebook's cells that a cell of the source stands for."""
    if piece.kind == "check":
        return [_check(piece)]
    if piece.is_code:
        return [_code_cell(piece, writer)]
    lines = writer.text(piece)
    if piece.kind == "discussion":
        return _discussion(piece, lines, writer.words, scale)
    source = _joined(lines)
    if piece.kind == "text":
        return [Cell("text", "", source, piece.line)]
    quiz = read_quiz(piece.path, piece.line, piece.id, source, writer.words, [n for n, _ in lines])
    points = piece.facts["points"]
    if len(quiz.questions) != points:
        raise piece.error(f"{piece.id}: points={points:g}, but {len(quiz.questions)} questions")
    return [
        Cell("text", "", quiz.text(), piece.line),
        Cell("solution", piece.id, quiz.solution(), piece.line, quiz=quiz),
        _check(piece),
    ]


def _check(piece):
    call = f'grader.check("{piece.id}")'
    return Cell("check", piece.id, call, piece.line, piece.facts["points"])


def _code_cell(piece, writer):
    source = writer.code(piece)
    if piece.kind in ("provided", "solution"):
        _refuse_bad_python(piece, source)
    if piece.kind == "solution":
        _refuse_unbalanced_markers(piece)
    needs = tuple(piece.facts.get("needs", "").split())
    return Cell(piece.kind, piece.id, source, piece.line, needs=needs)


def _refuse_bad_python(piece, source):
    """Code that graders run must be Python, and a solution must define what it is called after."""
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        line = piece.lines[min(error.lineno or 1, len(piece.lines)) - 1][0]
        raise piece.error(f"not Python: {error.msg}", line) from None
    if piece.kind == "solution" and piece.id not in set(_defined(body)):
        raise piece.error(f"this cell doesn't define {piece.id}")


def _defined(body):
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _refuse_unbalanced_markers(piece):
    inside, regions = False, 0
    for number, text in ((number, line.strip()) for number, line in piece.lines):
        if text == (BEGIN if inside else END):
            raise piece.error(f"{text} without its other half in {piece.id}", number)
        if text in (BEGIN, END):
            inside, regions = not inside, regions + inside
    if inside or not regions:
        wanted = "END" if inside else "BEGIN and END"
        raise piece.error(f"the solution of {piece.id} lacks ### {wanted} SOLUTION")


def _joined(lines):
    return "\n".join(text for _, text in lines)


def _discussion(piece, lines, words, scale):
    """What to write about, and the place for it, where instructors find the rubric."""
    texts = [text for _, text in lines]
    starts = [n for n, text in enumerate(texts) if text.startswith(RUBRIC)]
    rubric = "\n".join(texts[starts[0] :]).removeprefix(RUBRIC).rstrip() if starts else ""
    if not (rubric or (starts and scale)):
        raise piece.error(f"the discussion {piece.id} needs a paragraph '{RUBRIC} …'")
    first = f"**{words.rubric}** {scale}".rstrip()
    prompt = "\n".join(texts[: starts[0]]).strip()
    return [
        Cell("text", "", prompt, piece.line),
        Cell(
            "discussion",
            piece.id,
            "\n".join([BEGIN, first + rubric, END]),
            piece.line,
            piece.facts["points"],
        ),
    ]


def _exercises(pieces, cells, writer):
    solutions = {c.id: c for c in cells if c.kind == "solution"}
    checks = {c.id: c for c in cells if c.kind == "check"}
    made = {}
    for piece in (piece for piece in pieces if piece.id in solutions and piece.kind != "check"):
        if piece.id not in checks:
            raise piece.error(f"{piece.id} needs both a solution and a check cell")
        solution = solutions[piece.id]
        for need in solution.needs:
            if need not in solutions:
                raise piece.error(f"{piece.id} needs {need}, which isn't an exercise")
        heading = writer.headings[piece.id]
        made[piece.id] = Exercise(
            piece.id,
            heading.title,
            piece.facts["points"],
            piece.facts["minutes"],
            writer.words.level(piece.facts["level"]),
            solution.needs,
            solution,
            checks[piece.id],
            piece.facts.get("further", False),
            writer.numbers.exercises.get(piece.id),
            heading.text,
        )
    return made
