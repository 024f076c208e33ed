"""Grades for Moodle's grading worksheet, a column an exercise; Moodle passes over those."""

import re

from autograder.errors import UserError
from autograder.grading.result import Result
from autograder.inbox.whose import MOODLE
from autograder.lms.entries import as_number, earned, graded, match, scaled, write
from autograder.lms.roster import People, Person, Table
from autograder.report.grades_csv import exercise_names, plain_number


def moodle_grades(
    results: list[Result], worksheet: Table | None = None, core: bool = False
) -> tuple[str, list[str]]:
    """One practical as a grading worksheet that Moodle takes back, and a line on what isn't in it.

    A worksheet that Moodle gave out comes back with our grades in it, scaled to its maximum.
    Without one the students are those of the results, by the numbers that Moodle's files carry.
    UserError when it isn't a worksheet, or no result has such a number.
    """
    notes: list[str] = []
    found = graded(results, MOODLE, notes)
    table = worksheet or _new(found)
    grade, modified = table.column("Grade"), table.column("Last modified (grade)")
    if grade is None or modified is None:
        raise UserError(
            f"{table.name} has no columns Grade and Last modified (grade): "
            "download the grading worksheet from Moodle set to English"
        )
    given = len(table.header)
    matched = match(found, People(_people(table)), table, notes)
    notes += _fill(table, grade, {r: (e, earned(e.result, core)) for r, e in matched.items()})
    for result in results[:1]:
        number = result.practical.partition("_")[0]
        for exercise in exercise_names(results):
            write(table, table.add(f"{number} {exercise}"), matched, exercise)
    texts = {table.column(t) for t in ("Full name", "Email address", "Online text", "Group")}
    return table.text(set(range(given)) - texts), notes


def _fill(table, grade, matched):
    """Write points, on the scale of the column Maximum Grade; lines on what isn't as it was."""
    locked, maximum = table.column("Grade can be changed"), table.column("Maximum Grade")
    lines, wholes, most = [], set(), 0.0
    for row, (entry, (part, most)) in matched.items():
        cells = table.rows[row]
        if locked is not None and cells[locked].strip().casefold() == "no":
            lines.append(f"{entry.student}: {table.name} says that this grade can't be changed")
            continue
        whole = as_number(cells[maximum]) if maximum is not None else None
        wholes.add(whole or most)
        cells[grade] = scaled(part, most, whole)
        if maximum is not None and whole is None:
            cells[maximum] = str(plain_number(most))
    if others := sorted(wholes - {most}):
        there = ", ".join(f"{whole:g}" for whole in others)
        lines.append(f"it has {most:g} points, Moodle counts {there}: grades are scaled to that")
    return lines


def _new(found):
    """A worksheet of the students of these results."""
    numbered = {e.origin.number: e.origin.name for e in found if e.origin and e.origin.number}
    if not numbered:
        raise UserError("no result has a number of Moodle: name its worksheet with --gradebook")
    header = ["Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)"]
    rows = [[f"Participant {number}", name, "", "", "-"] for number, name in numbered.items()]
    return Table(header, rows, "the new worksheet")


def _people(table):
    name, mail, number = map(table.column, ("Full name", "Email address", "ID number"))
    for place, row in enumerate(table.rows):
        found = re.search(r"(\d+)\s*$", row[0])  # Participant 456, in any language
        logins = tuple(row[n].strip() for n in (mail, number) if n is not None)
        called = row[name] if name is not None else ""
        yield Person(place, found[1] if found else "", called, logins)
