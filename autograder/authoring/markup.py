"""Markup in a source file's text to what students read: headings, numbers, references, folds."""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from autograder.authoring.headers import IDENTITY, Piece
from autograder.authoring.words import Words, capitalised

HEADING = re.compile(r"#{1,6} ")
TITLE = re.compile(r"### \{(exercise|discussion)\}: (\S.*)")
SECTION = re.compile(r"## \{section(?::([^{}]*))?\}(.*)")
NUMBERED = re.compile(r"#+ .*\{(exercise|discussion|section)\b")
REFERENCE = re.compile(r"\{(ref|Ref|no):([^{}\s]+)\}")
IN_CODE = re.compile(r"\{(ref|Ref|no):([A-Za-z_]\w*)\}")
FOLD = re.compile(r":::(?: +(\S.*))?")
RAW_FOLD = re.compile(r"</?(?:details|summary)\b")
GROUPS = ("core", "further")  # {no:core} is the numbers of all exercises that aren't further


@dataclass
class Numbers:
    """What the build counts: exercises that aren't quizzes, numbered sections, discussions."""

    words: Words
    exercises: dict[str, int] = field(default_factory=dict)
    sections: dict[str, int] = field(default_factory=dict)
    further: set[str] = field(default_factory=set)
    quizzes: set[str] = field(default_factory=set)

    def written(self, text: str, pattern: re.Pattern = REFERENCE) -> str:
        """The text with its references in numbers; KeyError with a reason where one has none."""
        return pattern.sub(lambda match: self._number(match[0], *match.groups()), text)

    def _number(self, reference, form, name):
        try:
            return self._refer(form, name)
        except KeyError as error:
            raise KeyError(f"{reference}: {error.args[0]}") from None

    def _refer(self, form, name):
        if name in GROUPS:
            return self._group(form, name)
        for word, numbers in (
            (self.words.exercise, self.exercises),
            (self.words.section, self.sections),
        ):
            if name in numbers:
                text = f"{word} {numbers[name]}"
                return {"no": str(numbers[name]), "ref": text, "Ref": capitalised(text)}[form]
        if name in self.quizzes:
            raise KeyError("a quiz has no number: name it in words")
        close = difflib.get_close_matches(name, [*self.exercises, *self.sections], 1)
        raise KeyError(
            "there is no exercise and no section of this name"
            + (f"; did you mean {close[0]}?" if close else "")
        )

    def _group(self, form, name):
        numbers = [n for e, n in self.exercises.items() if (e in self.further) == (name != "core")]
        if form != "no" or not numbers:
            raise KeyError(f"write {{no:{name}}}, where there are such exercises")
        return self.words.several(numbers)


def count(pieces: Iterable[Piece], words: Words) -> Numbers:
    """Number the exercises and sections of a source file in their order."""
    numbers, sections, lines = Numbers(words), 0, dict.fromkeys(GROUPS, 0)
    for piece in pieces:
        named = [(piece.line, piece.id)] if piece.kind not in ("text", "check") else []
        if piece.kind == "solution":
            numbers.exercises[piece.id] = len(numbers.exercises) + 1
        elif piece.kind == "quiz":
            numbers.quizzes.add(piece.id)
        if piece.facts.get("further"):
            numbers.further.add(piece.id)
        for line, text in () if piece.is_code else piece.lines:
            if match := SECTION.fullmatch(text):
                sections += 1
                if match[1] is not None:
                    numbers.sections[_section(piece, line, match[1])] = sections
                    named.append((line, match[1]))
        for line, name in named:
            if name in lines:
                first = f" (line {lines[name]})" if lines[name] else ""
                raise piece.error(f"the id {name} is taken already{first}", line)
            lines[name] = line
    return numbers


def _section(piece, line, name):
    if not IDENTITY.fullmatch(name):
        raise piece.error(f"{name!r} can't name a section: use a Python name", line)
    return name


@dataclass(frozen=True)
class Heading:
    """The heading of an exercise: as students read it, and its title alone."""

    text: str
    title: str


class Writer:
    """Writes what students read, from the first cell of a source file to the last.

    `headings` fills up with the heading of each exercise.
    """

    def __init__(self, pieces: list[Piece], numbers: Numbers):
        self.numbers, self.words = numbers, numbers.words
        self.headings: dict[str, Heading] = {}
        self._coming = [piece for piece in pieces if piece.kind in ("solution", "quiz")]
        self._discussions = 0
        self._sections = 0

    def code(self, piece: Piece) -> str:
        """A code cell with its references in numbers."""
        return "\n".join(self._refer(piece, number, text, IN_CODE) for number, text in piece.lines)

    def text(self, piece: Piece) -> list[tuple[int, str]]:
        """A markdown cell's lines, numbered as in the source, markup written out."""
        return list(_folded(piece, self._headed(piece)))

    def done(self, piece: Piece) -> None:
        """Say that an exercise's cell is written: later headings are of later ones."""
        if piece.kind in ("solution", "quiz"):
            if piece.id not in self.headings:
                advice = "'### {exercise}: title'"
                raise piece.error(f"the text before {piece.id} must have a line {advice}")
            self._coming.remove(piece)

    def _headed(self, piece):
        facts = ""  # of the heading in the line before
        for number, raw in piece.lines:
            text = self._refer(piece, number, raw, REFERENCE)
            if facts:
                if text and not HEADING.match(text) and not FOLD.fullmatch(text):
                    text = f"{facts} {text}"
                else:
                    yield number, facts
                facts = ""
            if match := TITLE.fullmatch(text):
                text, facts = self._title(piece, number, *match.groups())
            elif match := SECTION.fullmatch(text):
                self._sections += 1
                text = f"## {self._sections}{match[2]}"
            elif NUMBERED.match(text):
                forms = (
                    "'### {exercise}: title', '### {discussion}: title' or '## {section}. title'"
                )
                raise piece.error(f"a heading with a number is {forms}", number)
            yield number, text
        if facts:
            yield piece.lines[-1][0], facts

    def _title(self, piece, line, kind, title):
        """The heading of an exercise or a discussion, and the facts that go under it."""
        if kind == "discussion":
            if piece.kind != "discussion":
                raise piece.error("this heading belongs into a discussion's cell", line)
            self._discussions += 1
            heading = f"### {capitalised(self.words.discussion)} {self._discussions}: {title}"
            return heading, self.words.facts(piece.facts["points"])
        if not self._coming or piece.kind == "discussion":
            raise piece.error("no exercise comes after this heading", line)
        exercise = self._coming[0]
        if exercise.id in self.headings:
            raise piece.error(f"{exercise.id} has a second heading", line)
        number = self.numbers.exercises.get(exercise.id)
        name = capitalised(self.words.exercise) + (f" {number}" if number else "")
        self.headings[exercise.id] = Heading(f"### {name}: {title}", title)
        facts = (exercise.facts[name] for name in ("points", "minutes", "level"))
        return self.headings[exercise.id].text, self.words.facts(*facts)

    def _refer(self, piece, line, text, pattern):
        try:
            return self.numbers.written(text, pattern)
        except KeyError as error:
            raise piece.error(error.args[0], line) from None


def _folded(piece: Piece, lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Lines with each `::: title` as a fold, up to the next one, a heading, `:::` or the end."""
    done: list[tuple[int, str]] = []
    opened, fenced, fresh = 0, False, False  # fresh: a blank line was written already
    for number, text in lines:
        fenced ^= text.startswith("```")
        mark = None if fenced else FOLD.fullmatch(text)
        if not fenced and RAW_FOLD.search(text):
            raise piece.error("write a fold as the line '::: title'", number)
        if opened and (mark or (not fenced and HEADING.match(text))):
            _close(piece, opened, done)
            if not (mark and mark[1]):
                done.append((number, ""))
            opened, fresh = 0, True
        elif mark and not mark[1]:
            raise piece.error("':::' ends a fold, but none is open: '::: title' opens one", number)
        if mark and mark[1]:
            done += [(number, f"<details><summary>{mark[1]}</summary>"), (number, "")]
            opened, fresh = number, True
        elif not mark and (text or not fresh):
            done.append((number, text))
            fresh = False
    if opened:
        _close(piece, opened, done)
    while done and not done[-1][1]:
        done.pop()
    return iter(done)


def _close(piece, opened, done):
    while not done[-1][1]:
        done.pop()
    if done[-1][0] == opened:
        raise piece.error("this fold is empty", opened)
    done += [(done[-1][0], ""), (done[-1][0], "</details>")]
