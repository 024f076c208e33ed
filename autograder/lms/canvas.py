"""Grades for Canvas's gradebook, a column an exercise.

Canvas's importer takes every column for an assignment, but not those whose title says that it
is a sum of Canvas's own, such as "Current Points". So the columns of exercises have that in their
titles: they are there to be read, and change no grade.
"""

import re

from autograder.errors import UserError
from autograder.grading.result import Result
from autograder.inbox.whose import CANVAS
from autograder.lms.entries import Entry, as_number, earned, graded, match, scaled, write
from autograder.lms.roster import People, Person, Table, fold
from autograder.names import printable
from autograder.report.grades_csv import exercise_names, plain_number

READ_ONLY = "(read only)"
# Columns of a Canvas gradebook that are neither a student's facts nor an assignment.
CANVAS_OWN = re.compile(r"(?:Current|Final|Override) (?:Score|Points|Grade|Status)", re.IGNORECASE)
CANVAS_NUMBER = re.compile(r"(?P<title>.*) \((?P<number>\d+)\)", re.DOTALL)


def canvas_grades(
    results: dict[str, list[Result]],
    gradebook: Table | None = None,
    column: str | None = None,
    core: bool = False,
) -> tuple[str, list[str]]:
    """Practicals as a CSV that Canvas's gradebook imports, and a line on whatever isn't in it.

    A gradebook that Canvas exported comes back with our grades in it, scaled where Canvas counts
    other points than the practical; a `column` of it may be named for one practical. Without a
    gradebook the students are those of the results. `core` leaves out what goes further.
    UserError when it isn't a gradebook, or doesn't say which column is meant.
    """
    if column and (gradebook is None or len(results) > 1):
        raise UserError("--column needs one practical (-a) and a gradebook of Canvas (--gradebook)")
    notes: list[str] = []
    found = {name: graded(each, CANVAS, notes) for name, each in results.items()}
    table = gradebook or _new([entry for each in found.values() for entry in each])
    end, number = table.column("Section"), table.column("ID")
    if end is None or number is None:
        raise UserError(f"{table.name} is no gradebook of Canvas: it has no columns ID and Section")
    points, given = _points_row(table), len(table.header)
    people = People(_people(table, points))
    for name, each in found.items():
        place = _column(table, name, column, range(end + 1, given), notes)
        about: list[str] = []
        matched = match(each, people, table, about)
        about += _fill(
            table, place, points, {r: (e, earned(e.result, core)) for r, e in matched.items()}
        )
        notes += [f"{name}: {line}" for line in about]
        for exercise in exercise_names(entry.result for entry in each):
            place = table.add(f"{name.partition('_')[0]} {exercise} Current Points")
            table.rows[points][place] = READ_ONLY
            write(table, place, matched, exercise)
    return table.text({number, *range(end + 1, given)}), notes


def _new(found: list[Entry]):
    """A gradebook of the students of these results; of those graded blind Canvas says no more."""
    rows = [["    Points Possible", "", "", "", ""]]
    for entry in found:
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


def _people(table, points):
    last, first, name, number = map(table.column, ("LastName", "FirstName", "Student", "ID"))
    logins = [n for n in map(table.column, ("SIS User ID", "SIS Login ID")) if n is not None]
    for place, row in enumerate(table.rows):
        if place <= points or not (row[number] + row[0]).strip():
            continue
        called = row[name] if name is not None else f"{row[last or 0]}, {row[first or 1]}"
        if fold(called) != "studenttest":  # Canvas's own
            yield Person(place, row[number].strip(), called, tuple(row[n].strip() for n in logins))


def _column(table, practical, wanted, places, notes):
    """The place of the practical's assignment, made when there is none."""
    titles = {n: table.header[n] for n in places if not CANVAS_OWN.search(table.header[n])}
    parts = {n: CANVAS_NUMBER.fullmatch(title) for n, title in titles.items()}
    bare = {n: found["title"] if found else titles[n] for n, found in parts.items()}
    if wanted:
        ids = {n: found["number"] for n, found in parts.items() if found}
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


def _fill(table, place, points, matched):
    """Write points, on the scale of the row Points Possible; lines on what isn't as it was."""
    whole = as_number(table.rows[points][place])
    lines = []
    for row, (entry, (part, most)) in matched.items():
        if table.rows[row][place].strip().upper() == "EX":
            lines.append(f"{entry.student} is excused in {table.name}, no grade given")
        else:
            table.rows[row][place] = scaled(part, most, whole)
    most = max((most for _, (_, most) in matched.values()), default=0)
    if whole is None:
        table.rows[points][place] = str(plain_number(most))
    elif matched and whole != most:
        lines.append(f"it has {most:g} points, Canvas counts {whole:g}: grades are scaled to that")
    return lines
