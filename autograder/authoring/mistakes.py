"""`mistakes.toml`: known mistakes and accepted variants, as edits of the reference solution."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AuthorError


@dataclass(frozen=True)
class Variant:
    """A solution cell written another way: `accepted`, or a mistake with its hint."""

    exercise: str
    name: str
    source: str
    accepted: bool
    hint: str = ""
    line: int = 1


def read_variants(path: Path, solutions: Mapping[str, str]) -> list[Variant]:
    """All variants in a mistakes file, applied to the reference solution cells ({exercise: source})."""
    text = path.read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AuthorError(path, 1, f"not TOML: {error}") from None
    variants = []
    for exercise, kinds in data.items():
        if exercise not in solutions:
            raise AuthorError(path, _line(text, f"[[{exercise}."), f"{exercise} isn't an exercise")
        for kind, entries in kinds.items():
            for entry in entries:
                line = _line(text, f'name = "{entry.get("name", "")}"', f"[[{exercise}.")
                variants.append(_variant(path, line, exercise, kind, entry, solutions[exercise]))
    return variants


def _line(text, wanted, after=""):
    """The first line that holds `wanted` at or after the first one that holds `after`."""
    lines = text.splitlines()
    start = next((n for n, line in enumerate(lines) if after in line), 0)
    return next((n for n, line in enumerate(lines[start:], start + 1) if wanted in line), 1)


def _variant(path, line, exercise, kind, entry, solution):
    if kind not in ("mistake", "accepted") or "name" not in entry:
        raise AuthorError(
            path,
            line,
            f"{exercise}: write [[{exercise}.mistake]] or [[{exercise}.accepted]] with a name",
        )
    if kind == "mistake" and not entry.get("hint"):
        raise AuthorError(path, line, f"the mistake {entry['name']!r} of {exercise} needs a hint")
    source = entry.get("code") or _edited(path, line, entry, solution)
    if source.strip() == solution.strip():
        raise AuthorError(path, line, f"{entry['name']!r} of {exercise} changes nothing")
    return Variant(exercise, entry["name"], source, kind == "accepted", entry.get("hint", ""), line)


def _edited(path, line, entry, source):
    """The source after each edit: [old, new], or [old, new, how often old occurs]."""
    edits = entry.get("edits") or [[entry.get("replace"), entry.get("with"), entry.get("count", 1)]]
    for edit in edits:
        if len(edit) not in (2, 3) or not edit[0] or edit[1] is None:
            raise AuthorError(
                path, line, f"{entry['name']!r} needs replace and with, edits, or code"
            )
        old, new = (text.strip("\n") for text in edit[:2])
        found, wanted = source.count(old), (edit[2:] or [1])[0]
        if found != wanted:
            raise AuthorError(
                path,
                line,
                f"{old!r} occurs {found} times in the solution, not {wanted} ({entry['name']!r})",
            )
        source = source.replace(old, new)
    return source
