"""Grades for Moodle's grading worksheet, a column an exercise; Moodle passes over those."""

from autograder.errors import UserError
from autograder.grading.result import Result
from autograder.inbox import whose
from autograder.lms.base import TakesBack
from autograder.lms.entries import (
    as_number,
    earned,
    fill_exercise,
    graded,
    match,
    one_practical,
    scaled,
)
from autograder.lms.roster import People, Person, Table
from autograder.report.grades_csv import exercise_names, plain_number


class Moodle(TakesBack):
    """Students have another number in each assignment, which has a worksheet of its own."""

    name = whose.MOODLE
    origins = staticmethod(whose.moodle)
    numbers_stay = False
    encoding = "utf-8-sig"

    def grades(
        self,
        results: dict[str, list[Result]],
        gradebook: Table | None,
        column: str | None,
        core: bool,
    ) -> tuple[str, list[str]]:
        """One practical as a worksheet that Moodle takes back, and a line on what isn't in it.

        A worksheet that Moodle gave out comes back with our grades in it, scaled to its maximum.
        Without one the students are those of the results, by the numbers that Moodle's files carry.
        """
        practical, its_results = one_practical(results, self.name)
        notes: list[str] = []
        entries = graded(its_results, self.name, notes)
        table = gradebook or _new(entries)
        grade, modified = table.column("Grade"), table.column("Last modified (grade)")
        if grade is None or modified is None:
            raise UserError(
                f"{table.name} has no columns Grade and Last modified (grade): "
                "download the grading worksheet from Moodle set to English"
            )
        given = len(table.header)
        matched = match(entries, People(_people(table)), table, notes)
        notes += _fill(table, grade, {r: (e, earned(e.result, core)) for r, e in matched.items()})
        number = practical.partition("_")[0]
        for exercise in exercise_names(its_results):
            fill_exercise(table, table.add(f"{number} {exercise}"), matched, exercise)
        texts = {table.column(t) for t in ("Full name", "Email address", "Online text", "Group")}
        return table.text(set(range(given)) - texts), notes


def _fill(table, grade, points):
    """Write points, on the scale of the column Maximum Grade; lines on what isn't as it was."""
    locked, maximum = table.column("Grade can be changed"), table.column("Maximum Grade")
    lines, wholes, most = [], set(), 0.0
    for row, (entry, (part, most)) in points.items():
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


def _new(entries) -> Table:
    """A worksheet of the students of these results."""
    numbered = {e.origin.number: e.origin.name for e in entries if e.origin and e.origin.number}
    if not numbered:
        raise UserError("no result has a number of Moodle: name its worksheet with --gradebook")
    header = ["Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)"]
    rows = [[f"Participant {number}", name, "", "", "-"] for number, name in numbered.items()]
    return Table(header, rows, "the new worksheet")


def _people(table):
    name, mail, number = map(table.column, ("Full name", "Email address", "ID number"))
    for row, cells in enumerate(table.rows):
        participant = cells[0].rstrip()  # Participant 456, in any language
        number_there = participant[len(participant.rstrip("0123456789")) :]
        logins = tuple(cells[n].strip() for n in (mail, number) if n is not None)
        called = cells[name] if name is not None else ""
        yield Person(row, number_there, called, logins)
