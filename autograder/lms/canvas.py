"""Grades for Canvas's gradebook, a column an exercise.

Canvas's importer takes every column for an assignment, but not those whose title says that it
is a sum of Canvas's own, such as "Current Points". So the columns of exercises have that in their
titles: they are there to be read, and change no grade.
"""

import re

from autograder.errors import UserError
from autograder.grading.result import Result
from autograder.inbox import whose
from autograder.lms.base import TakesBack
from autograder.lms.entries import (
    Entry,
    as_number,
    earned,
    fill_exercise,
    graded,
    match,
    scaled,
)
from autograder.lms.roster import People, Person, Table, fold
from autograder.names import printable
from autograder.report.grades_csv import exercise_names, plain_number

READ_ONLY = "(read only)"
# Columns of a Canvas gradebook that are neither a student's facts nor an assignment.
CANVAS_OWN = re.compile(r"(?:Current|Final|Override) (?:Score|Points|Grade|Status)", re.IGNORECASE)
CANVAS_NUMBER = re.compile(r"(?P<title>.*) \((?P<number>\d+)\)", re.DOTALL)


class Canvas(TakesBack):
    """Students have a number that stays; its gradebook holds all assignments."""

    name = whose.CANVAS
    origins = staticmethod(whose.canvas)
    encoding = "utf-8"  # its importer takes no mark before a quoted cell

    def grades(
        self,
        results: dict[str, list[Result]],
        gradebook: Table | None,
        column: str | None,
        core: bool,
    ) -> tuple[str, list[str]]:
        """Practicals as a CSV that Canvas's gradebook imports, and a line on whatever isn't in it.

        A gradebook that Canvas exported comes back with our grades in it, scaled where Canvas
        counts other points than the practical. A `column` of it may be named for one practical.
        """
        if column and (gradebook is None or len(results) > 1):
            raise UserError(
                "--column needs one practical (-a) and a gradebook of Canvas (--gradebook)"
            )
        notes: list[str] = []
        entries = {p: graded(each, self.name, notes) for p, each in results.items()}
        table = gradebook or _new([entry for each in entries.values() for entry in each])
        section, number = table.column("Section"), table.column("ID")
        if section is None or number is None:
            raise UserError(
                f"{table.name} is no gradebook of Canvas: it has no columns ID and Section"
            )
        points_row, assignments = _points_row(table), range(section + 1, len(table.header))
        people = People(_people(table, points_row))
        for practical, each in entries.items():
            into = _column(table, practical, column, assignments, notes)
            lines: list[str] = []
            matched = match(each, people, table, lines)
            points = {row: (e, earned(e.result, core)) for row, e in matched.items()}
            lines += _fill(table, into, points_row, points)
            notes += [f"{practical}: {line}" for line in lines]
            _add_exercises(table, practical, each, matched, points_row)
        return table.text({number, *range(section + 1, assignments.stop)}), notes


def _add_exercises(table, practical, entries, matched, points_row):
    """A column an exercise, which Canvas passes over."""
    for exercise in exercise_names(entry.result for entry in entries):
        column = table.add(f"{practical.partition('_')[0]} {exercise} Current Points")
        table.rows[points_row][column] = READ_ONLY
        fill_exercise(table, column, matched, exercise)


def _new(entries: list[Entry]) -> Table:
    """A gradebook of the students of these results; of those graded blind Canvas says no more."""
    rows = [["    Points Possible", "", "", "", ""]]
    for entry in entries:
        origin, student = entry.origin, entry.result.student
        row = [origin.name, origin.number, "", "", ""] if origin else [student, "", "", student, ""]
        if row not in rows and (origin is None or origin.number.isdecimal()):
            rows.append(row)
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    return Table(header, rows, "the new gradebook")


def _points_row(table):
    for number, row in enumerate(table.rows):
        if "Points Possible" in row[0]:
            return number
    raise UserError(
        f"{table.name} has no row Points Possible: export the gradebook from Canvas again"
    )


def _people(table, points_row):
    last, first, name, number = map(table.column, ("LastName", "FirstName", "Student", "ID"))
    logins = [n for n in map(table.column, ("SIS User ID", "SIS Login ID")) if n is not None]
    for row, cells in enumerate(table.rows):
        if row <= points_row or not (cells[number] + cells[0]).strip():
            continue
        called = cells[name] if name is not None else f"{cells[last or 0]}, {cells[first or 1]}"
        if fold(called) != "studenttest":  # Canvas's own
            yield Person(
                row, cells[number].strip(), called, tuple(cells[n].strip() for n in logins)
            )


def _column(table, practical, wanted, assignments, notes):
    """The column of the practical's assignment, made when there is none."""
    titles = {n: table.header[n] for n in assignments if not CANVAS_OWN.search(table.header[n])}
    parts = {n: CANVAS_NUMBER.fullmatch(title) for n, title in titles.items()}
    bare = {n: numbered["title"] if numbered else titles[n] for n, numbered in parts.items()}
    if wanted:
        ids = {n: numbered["number"] for n, numbered in parts.items() if numbered}
        hits = [n for n in titles if wanted in (titles[n], bare[n], ids.get(n))]
    else:
        words = fold(re.sub(r"^\d+_", "", practical))
        hits = [n for n in titles if words in fold(bare[n])]
    if len(hits) == 1:
        return hits[0]
    there = "; ".join(printable(title) for title in titles.values()) or "none"
    if wanted or hits:
        what = f"{len(hits)} columns for {wanted or practical}"
        raise UserError(f"{table.name} has {what}: name one with --column; there are: {there}")
    if titles:
        notes.append(
            f"{table.name} has no column for {practical}: a new one was made; "
            f"--column names another; there are: {there}"
        )
    return table.add(practical)


def _fill(table, column, points_row, points):
    """Write points, on the scale of the row Points Possible; lines on what isn't as it was."""
    whole = as_number(table.rows[points_row][column])
    lines = []
    for row, (entry, (part, most)) in points.items():
        if table.rows[row][column].strip().upper() == "EX":
            lines.append(f"{entry.student} is excused in {table.name}, no grade given")
        else:
            table.rows[row][column] = scaled(part, most, whole)
    most = max((most for _, (_, most) in points.values()), default=0)
    if whole is None:
        table.rows[points_row][column] = str(plain_number(most))
    elif points and whole != most:
        lines.append(f"it has {most:g} points, Canvas counts {whole:g}: grades are scaled to that")
    return lines
