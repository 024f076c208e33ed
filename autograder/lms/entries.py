"""Stored results as what goes into an LMS: who has a grade, and which row is theirs."""

from dataclasses import dataclass
from pathlib import Path

from autograder.course import is_meant
from autograder.errors import UserError
from autograder.grading.result import Result, load_results
from autograder.inbox.whose import Origin, origin_of
from autograder.lms.roster import People, Table, fold, foldings
from autograder.names import in_order, printable
from autograder.report.grades_csv import plain_number


def read_results(grades: Path, wanted: str | None) -> dict[str, list[Result]]:
    """The stored results of each practical, or of the one that a number or name means.

    `grades` is the folder that `autograder grade` wrote, or one practical's folder in it.
    UserError when there is none.
    """
    if not grades.is_dir():
        raise UserError(f"there is no folder {grades}: run autograder grade, or name its -o folder")
    folders = [grades, *sorted(path for path in grades.iterdir() if path.is_dir())]
    stored = {path.resolve().name: path for path in folders if any(path.glob("*.json"))}
    names = [name for name in stored if wanted is None or is_meant(name, wanted)]
    if not names:
        there = f"; there are: {', '.join(stored)}" if stored else ""
        raise UserError(f"{grades} holds no results of {wanted or 'any practical'}{there}")
    return {name: load_results(stored[name]) for name in names}


def one_practical(results: dict[str, list[Result]], lms: str) -> tuple[str, list[Result]]:
    """The only practical and its results; UserError when there are more, as the LMS takes one."""
    if len(results) > 1:
        names = ", ".join(results)
        raise UserError(
            f"{lms} takes one practical at a time: name one with -a; there are: {names}"
        )
    return next(iter(results.items()))


@dataclass(frozen=True)
class Entry:
    """A result that goes into an LMS, with where its file came from."""

    result: Result
    origin: Origin | None

    @property
    def student(self) -> str:
        return printable(self.result.student)


def graded(results: list[Result], lms: str, notes: list[str]) -> list[Entry]:
    """What has a grade, by student; a line on each result that has none."""
    entries = []
    for result in sorted(results, key=lambda result: in_order(result.student)):
        if not result.exercises:  # nothing was looked at
            why = printable(result.reason) or result.status
            notes.append(f"{printable(result.student)}: {result.status}, no grade: {why}")
            continue
        origin = origin_of(result.student, result.file)
        entries.append(Entry(result, origin if origin and origin.lms == lms else None))
    return entries


def earned(result: Result, core: bool) -> tuple[float, float]:
    """Points and most points, of all exercises or of the core alone."""
    return result.core if core else (result.points, result.max_points)


# ---------------------------------------------------------------- rows


def match(entries: list[Entry], people: People, table: Table, notes: list[str]) -> dict[int, Entry]:
    """The entry of each row; a line on whoever is on one of the two sides only."""
    matched: dict[int, Entry] = {}
    unknown = []
    for entry in entries:
        person = _person(entry, people)
        if person is None:
            unknown.append(entry.student)
        elif _is_another(entry, person):
            whose = printable(person.name)
            notes.append(
                f"{entry.student}: this number is {whose}'s in {table.name}, no grade given"
            )
        elif person.row in matched:
            notes.append(_two(matched, person, entry))
        else:
            matched[person.row] = entry
    if unknown:
        notes.append(f"not in {table.name}, so without a row: {', '.join(unknown)}")
    left = [p.name or p.number for p in people.persons if p.row not in matched]
    if left:
        names = "; ".join(printable(name) for name in left)
        notes.append(f"in {table.name} without a grade from here, left as they were: {names}")
    return matched


def _person(entry, people):
    if entry.origin:
        return people.numbered(entry.origin.number)
    return people.called(entry.result.student)


def _is_another(entry, person):
    """Whether a number leads to somebody of another name: a group's does, and one made up."""
    name = fold(entry.origin.name) if entry.origin else ""
    return bool(name and foldings(person.name)) and name not in foldings(person.name)


def _two(matched, person, entry):
    """Two results of one person: the one with more points stays."""
    pair = sorted((matched[person.row], entry), key=lambda e: e.result.points, reverse=True)
    matched[person.row] = pair[0]
    files = [printable(e.result.file) for e in pair]
    return f"{printable(person.name)} has two results: {files[0]} counts, {files[1]} doesn't"


# ---------------------------------------------------------------- cells


def fill_exercise(table: Table, column: int, matched: dict[int, Entry], exercise: str) -> None:
    """Fill a column with the points of one exercise."""
    for row, entry in matched.items():
        points = [e.points for e in entry.result.exercises if e.name == exercise]
        table.rows[row][column] = str(plain_number(points[0])) if points else ""


def scaled(points: float, most: float, whole: float | None) -> str:
    """Points of `most` as points of `whole`, where the LMS says what is whole."""
    return str(plain_number(round(points * whole / most if whole and most else points, 2)))


def as_number(cell: str) -> float | None:
    """A positive number; None for anything else."""
    try:
        value = float(cell.strip().replace(",", "."))
    except ValueError:
        return None
    return value if 0 < value < 1e9 else None
