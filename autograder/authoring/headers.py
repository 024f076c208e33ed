"""A source file cut at its `# %%` lines: what each cell is, its facts, its lines."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.authoring.words import LEVELS
from autograder.errors import AuthorError

HEADER = re.compile(r"# %%(?:\s+(.*?))?\s*")
WORD = re.compile(r'\s*(?:(\[\w+\])|(\w+)(?:=("(?:[^"\\]|\\.)*"|[^\s"]+))?)(?=\s|$)')
CODE = ("provided", "solution", "check", "demo")
PROSE = ("quiz", "discussion")  # markdown cells that become several
IDENTITY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,49}")

GRADED = ("points", "minutes", "level")
NEEDED = {"solution": GRADED, "quiz": GRADED, "discussion": ("points",)}
KNOWN = NEEDED | {"solution": (*GRADED, "needs", "further"), "quiz": (*GRADED, "further")}


@dataclass(frozen=True)
class Piece:
    """A cell of a source file; `kind` is "text", or one of CODE and PROSE; `lines` are numbered."""

    path: Path
    line: int
    kind: str
    id: str
    facts: dict = field(default_factory=dict)
    lines: tuple[tuple[int, str], ...] = ()

    @property
    def is_code(self) -> bool:
        return self.kind in CODE

    def error(self, message: str, line: int | None = None) -> AuthorError:
        """What to raise for a fault in this cell: at its header, or at another line."""
        return AuthorError(self.path, self.line if line is None else line, message)


def cut(path: Path, text: str, first: int) -> list[Piece]:
    """The cells of a source file's body, whose first line is number `first`."""
    pieces, header, lines = [], None, []
    for number, line in [*enumerate(text.splitlines(), first), (None, "# %%")]:
        if not HEADER.fullmatch(line):
            lines.append((number, line.rstrip()))
            continue
        if header is not None:
            pieces.append(_piece(path, *header, _trimmed(lines)))
        elif before := [n for n, line in lines if line]:
            raise AuthorError(path, before[0], "text before the first '# %%' cell")
        header, lines = (number, line), []
    _join_checks(pieces)
    return pieces


def _trimmed(lines):
    while lines and not lines[-1][1]:
        lines.pop()
    while lines and not lines[0][1]:
        lines.pop(0)
    return lines


def _piece(path, number, header, lines):
    words = dict(_words(path, number, header))
    markdown = words.pop("[markdown]", False) is None  # there, as a bare word
    kinds = [word for word in words if word in (PROSE if markdown else CODE)]
    if len(kinds) > 1 or not (kinds or markdown):
        known = " or ".join(PROSE) if markdown else ", ".join(CODE)
        raise AuthorError(path, number, f"say what this cell is, by one of {known}")
    kind = kinds[0] if kinds else "text"
    identity = words.pop(kind, "")
    if markdown:
        lines = [(n, _uncommented(path, n, line)) for n, line in lines]
    piece = Piece(path, number, kind, identity, words, tuple(lines))
    for name, value in words.items():
        _refuse_bad_fact(piece, name, value)
    if kind == "check":
        if identity is not None or lines:
            advice = "a check is the bare line '# %% check' under its solution: the build fills it"
            raise piece.error(advice)
    elif kind != "text" and not (isinstance(identity, str) and IDENTITY.fullmatch(identity)):
        raise piece.error(f"{identity!r} can't be an id: use a Python name of at most 50 letters")
    if missing := [fact for fact in NEEDED.get(kind, ()) if fact not in words]:
        raise piece.error(f"the {kind} {identity} needs {missing[0]}=…")
    return piece


def _words(path, number, header) -> Iterator[tuple[str, object]]:
    """(word, value) of each word of a header; a bare word has the value None."""
    rest, seen = header.removeprefix("# %%").strip(), set[str]()
    while rest:
        match = WORD.match(rest)
        if not match:
            advice = 'write a header as [markdown], word or name="text", name=3, name=true'
            raise AuthorError(path, number, f"{rest.strip()!r} can't be read: {advice}")
        rest = rest[match.end() :]
        name = match[1] or match[2]
        try:
            value = json.loads(match[3]) if match[3] else None
        except ValueError:
            advice = f"{name}={match[3]}: write text in double quotes, a number, true or false"
            raise AuthorError(path, number, advice) from None
        if name in seen:
            raise AuthorError(path, number, f"{name} stands twice in this line")
        seen.add(name)
        yield name, value


def _uncommented(path, number, line):
    if line and line != "#" and not line.startswith("# "):
        raise AuthorError(path, number, "a line of text begins with '# '")
    return line[2:]


def _refuse_bad_fact(piece, name, value):
    known = KNOWN.get(piece.kind, ())
    if name not in known:
        advice = f"may have {', '.join(known)}" if known else "has nothing but what it is"
        raise piece.error(f"{name}: a cell of the kind {piece.kind} {advice}")
    wanted = {
        "points": (_is_number(value, int | float), "a number above 0"),
        "minutes": (_is_number(value, int), "a whole number above 0"),
        "level": (value in LEVELS, " or ".join(f'"{level}"' for level in LEVELS)),
        "further": (isinstance(value, bool), "true or false"),
        "needs": (isinstance(value, str), "names of exercises in double quotes"),
    }
    right, what = wanted[name]
    if not right:
        raise piece.error(f"{name}={json.dumps(value)}: {name} must be {what}")


def _is_number(value, kind):
    return isinstance(value, kind) and not isinstance(value, bool) and 0 < value < float("inf")


def _join_checks(pieces):
    """Give every check the id and the points of the solution above it."""
    for number, piece in enumerate(pieces):
        if piece.kind != "check":
            continue
        above = pieces[number - 1] if number else None
        if above is None or above.kind != "solution":
            raise piece.error("a check stands directly under its solution")
        facts = {"points": above.facts["points"]}
        pieces[number] = Piece(piece.path, piece.line, "check", above.id, facts)
