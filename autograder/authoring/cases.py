"""A test file, taken apart: what every case shares, and each case alone."""

import ast
import itertools
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AuthorError
from autograder.files import read_text

FOLD = "# --- hidden: nothing below this line is released ---"


@dataclass(frozen=True)
class Case:
    """One test case; `source` is all it needs to run: the file's shared code and this function."""

    name: str
    title: str
    points: float
    hidden: bool
    line: int
    source: str


@dataclass(frozen=True)
class TestFile:
    """The cases of one exercise, and the part of the file that students get."""

    __test__ = False  # not a pytest class
    exercise: str
    path: Path
    cases: tuple[Case, ...]
    text: str
    public_text: str

    @property
    def points(self) -> float:
        return sum(case.points for case in self.cases)


def read_tests(path: Path, text: str | None = None) -> TestFile:
    """Parse `tests/NN_name/<exercise>.py` or the text that would stand there.

    What otter wants at the head of a test file is put there where the author left it out.
    AuthorError names the line of what is wrong.
    """
    text = read_text(path) if text is None else text
    try:
        body = ast.parse(text).body
    except SyntaxError as error:
        raise AuthorError(path, error.lineno, f"not Python: {error.msg}") from None
    missing = _missing_header(path, body)
    if missing:
        text, place = _with_header(text, body, missing)
        return _read(path, text, lambda line: line - len(missing) * (line > place))
    return _read(path, text, lambda line: line)


def _read(path, text, authors_line) -> TestFile:
    """Take a whole test file apart; `authors_line` is where a line of it stands for the author."""
    body, lines = ast.parse(text).body, text.splitlines()
    fold = lines.index(FOLD) + 1 if FOLD in lines else len(lines) + 1
    found = [node for node in body if _decorator(node)]
    cases = tuple(_case(path, node, lines, found, fold, authors_line) for node in found)
    if len({case.name for case in cases}) != len(cases) or not cases:
        raise AuthorError(path, 1, "a test file needs cases, each with a name of its own")
    public = "\n".join(lines[: fold - 1]).rstrip() + "\n"
    return TestFile(path.stem, path, cases, text, public)


def _missing_header(path, body) -> list[str]:
    """The lines that otter needs and the author left out."""
    constants = {
        node.targets[0].id: (node.value.value, node.lineno)
        for node in body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.targets[0], ast.Name)
    }
    imported = {a.name for node in body if isinstance(node, ast.ImportFrom) for a in node.names}
    otters, line = constants.get("OK_FORMAT", (False, 1))
    if otters is not False:
        raise AuthorError(path, line, "otter needs the line OK_FORMAT = False")
    name, line = constants.get("name", (path.stem, 1))
    if name != path.stem:
        raise AuthorError(path, line, f"name must be {path.stem!r}, as the file is called")
    header = {
        "from otter.test_files import test_case": "test_case" in imported,
        "OK_FORMAT = False": "OK_FORMAT" in constants,
        f'name = "{path.stem}"': "name" in constants,
    }
    return [line for line, there in header.items() if not there]


def _with_header(text, body, missing) -> tuple[str, int]:
    """The text with these lines after its first imports, and the line after which they stand."""
    first = list(itertools.takewhile(_is_before_cases, body))
    place = first[-1].end_lineno if first else 0
    lines = text.splitlines()
    return "\n".join([*lines[:place], *missing, *lines[place:]]) + "\n", place


def _is_before_cases(node):
    """Whether it is an import, or the file's docstring."""
    return isinstance(node, ast.Import | ast.ImportFrom | ast.Expr)


def _decorator(node):
    for call in getattr(node, "decorator_list", ()):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "test_case":
            return call
    return None


def _case(path, node, lines, cases, fold, authors_line):
    line = authors_line(node.lineno)
    try:
        options = {k.arg: ast.literal_eval(k.value) for k in _decorator(node).keywords}
        title, points = options["name"], float(options["points"])
    except (KeyError, TypeError, ValueError):
        raise AuthorError(path, line, f"{node.name}: test_case needs name=… and points=…") from None
    hidden = bool(options.get("hidden", False))
    if hidden != (node.lineno > fold):
        side = "below" if hidden else "above"
        raise AuthorError(
            path, line, f"{node.name}: with hidden={hidden} it belongs {side} the fold line"
        )
    if hidden != (points > 0):
        rule = "a hidden case needs points" if hidden else "a public case earns none: points=0"
        raise AuthorError(path, line, f"{node.name}: {rule}")
    if not any(isinstance(n, ast.Name) and n.id == "expect" for n in ast.walk(node)):
        raise AuthorError(path, line, f"{node.name} never calls expect: say which value decides")
    return Case(node.name, title, points, hidden, line, _alone(node, lines, cases, fold, hidden))


def _alone(node, lines, cases, fold, hidden):
    """The file with every other case blanked (line numbers stay), cut at the fold for public ones."""
    kept = list(lines if hidden else lines[: fold - 1])
    for other in cases:
        if other is not node:
            first = other.decorator_list[0].lineno - 1
            kept[first : other.end_lineno] = [""] * len(kept[first : other.end_lineno])
    return "\n".join(kept).rstrip() + "\n"
