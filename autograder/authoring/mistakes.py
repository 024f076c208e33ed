"""`mistakes.toml`: known mistakes and accepted variants, as edits of the reference solution."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.errors import AuthorError
from autograder.files import read_text


@dataclass(frozen=True)
class Variant:
    """A solution cell written another way: `accepted`, or a mistake with its hint."""

    exercise: str
    name: str
    source: str
    accepted: bool
    hint: str = ""
    line: int = 1
    more: str = ""  # a few sentences further, shown folded
    hidden_only: str = ""  # why no public case can reject this mistake


@dataclass(frozen=True)
class Notes:
    """What a mistakes file says of an exercise besides its variants."""

    cases: dict[str, str] = field(default_factory=dict)  # what to ask where one fails first
    same: dict[str, str] = field(default_factory=dict)  # why hidden cases share this size or number


@dataclass(frozen=True)
class Known:
    """What a mistakes file says: variants of all exercises, and notes by exercise."""

    variants: list[Variant]
    notes: dict[str, Notes]


KINDS = ("mistake", "accepted")
NOTES = ("cases", "same")
SHARED = {"hint": str, "more": str, "hidden_only": str}  # by the mistakes of a group
LONGEST_MORE = 3  # sentences
KEYS = SHARED | {
    "name": str,
    "replace": str,
    "with": str,
    "count": int,
    "edits": list,
    "code": str,
    "variants": list,
}


def read_mistakes(
    path: Path, solutions: Mapping[str, str], written: Callable[[str], str] = str
) -> Known:
    """A mistakes file, its variants applied to the reference solution cells ({exercise: source}).

    `written` puts numbers in place of the references in names and hints.
    """
    if not path.exists():
        raise AuthorError(path, 1, "there is no such file: describe what people get wrong in it")
    text = read_text(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AuthorError(path, 1, f"not TOML: {error}") from None
    known = Known([], {})
    for exercise, kinds in data.items():
        if exercise not in solutions:
            raise AuthorError(path, _line(text, f"[{exercise}."), f"{exercise} isn't an exercise")
        known.notes[exercise] = Notes()
        for kind, entries in _items(kinds):
            if kind in NOTES:
                said = _sentences(path, text, f"{exercise}.{kind}", entries, written)
                getattr(known.notes[exercise], kind).update(said)
                continue
            for entry in _entries(path, text, exercise, kind, entries):
                line = _line(text, f'name = "{entry.get("name", "")}"', f"[[{exercise}.")
                made = _variant(path, line, exercise, kind, entry, solutions[exercise])
                known.variants.append(_referring(path, made, written))
    return known


def _sentences(path, text, table, entries, written):
    """A table of sentences."""
    line = _line(text, f"[{table}]")
    if not isinstance(entries, dict) or not all(isinstance(v, str) for v in entries.values()):
        raise AuthorError(path, line, f'{table}: write name = "a sentence"')
    try:
        return {name: written(sentence) for name, sentence in entries.items()}
    except KeyError as error:
        raise AuthorError(path, line, error.args[0]) from None


def _referring(path, variant, written):
    names = ("name", "hint", "more")
    try:
        return replace(variant, **{name: written(getattr(variant, name)) for name in names})
    except KeyError as error:
        raise AuthorError(path, variant.line, error.args[0]) from None


def _items(table):
    """(kind, entries) of an exercise; nothing fits where it isn't a table."""
    return table.items() if isinstance(table, dict) else [("", None)]


def _entries(path, text, exercise, kind, entries) -> Iterator[dict]:
    """Each mistake or accepted variant, those of a group with the group's hint."""
    place = path, _line(text, f"[{exercise}.")
    if kind not in KINDS or not _are_tables(entries):
        advice = f"{exercise}: write [[{exercise}.mistake]] or [[{exercise}.accepted]] with a name"
        raise AuthorError(*place, advice)
    for entry in entries:
        if "variants" not in entry:
            yield entry
        elif entry.keys() - {*SHARED, "variants"} or not _are_tables(entry["variants"]):
            raise AuthorError(*place, f"{exercise}: a group has {', '.join(SHARED)} and variants")
        else:
            shared = {name: value for name, value in entry.items() if name != "variants"}
            yield from (shared | variant for variant in entry["variants"])


def _are_tables(entries):
    return isinstance(entries, list) and entries and all(isinstance(e, dict) for e in entries)


def _line(text, wanted, after=""):
    """The first line that holds `wanted` at or after the first one that holds `after`."""
    lines = text.splitlines()
    start = next((n for n, line in enumerate(lines, 1) if after in line), 1)
    return next((n for n, line in enumerate(lines, 1) if n >= start and wanted in line), start)


def _variant(path, line, exercise, kind, entry, solution):
    for key, value in entry.items():
        if key not in KEYS or not isinstance(value, KEYS[key]):
            known = f"{key} must be of the type {KEYS[key].__name__}" if key in KEYS else ""
            advice = known or f"{key} is unknown; there are {', '.join(KEYS)}"
            raise AuthorError(path, line, f"{entry.get('name', exercise)!r}: {advice}")
    if "name" not in entry:
        raise AuthorError(path, line, f"a variant of {exercise} needs a name")
    if kind == "mistake" and not entry.get("hint"):
        raise AuthorError(path, line, f"the mistake {entry['name']!r} of {exercise} needs a hint")
    source = entry.get("code") or _edited(path, line, entry, solution)
    if source.strip() == solution.strip():
        raise AuthorError(path, line, f"{entry['name']!r} of {exercise} changes nothing")
    if len(re.findall(r"[.?!](?=\s|$)", entry.get("more", ""))) > LONGEST_MORE:
        advice = f"{entry['name']!r}: `more` has {LONGEST_MORE} sentences at most"
        raise AuthorError(path, line, advice)
    words = {name: entry.get(name, "") for name in SHARED}
    return Variant(exercise, entry["name"], source, kind == "accepted", line=line, **words)


def _edited(path, line, entry, source):
    """The source after each edit: [old, new], or [old, new, how often old occurs]."""
    edits = entry.get("edits") or [[entry.get("replace"), entry.get("with"), entry.get("count", 1)]]
    for edit in edits:
        if not _is_edit(edit):
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


def _is_edit(edit):
    """Whether it is [old, new] or [old, new, how often]."""
    return (
        isinstance(edit, list)
        and len(edit) in (2, 3)
        and all(isinstance(text, str) for text in edit[:2])
        and edit[0] != ""
        and isinstance((edit[2:] or [1])[0], int)
    )
