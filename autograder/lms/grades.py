"""From stored results to the file that an LMS imports."""

from pathlib import Path

from autograder.errors import UserError
from autograder.files import write_file
from autograder.inbox.whose import CANVAS
from autograder.lms.canvas import canvas_grades
from autograder.lms.entries import one_practical, read_results
from autograder.lms.moodle import moodle_grades
from autograder.lms.roster import read_table


def export_grades(
    lms: str,
    grades: Path,
    wanted: str | None,
    gradebook: Path | None,
    column: str | None,
    core: bool,
    output: Path,
) -> list[str]:
    """Write the grades of Canvas's or Moodle's students; a line on whatever isn't in the file.

    UserError when there are no results, the gradebook isn't one, or the file can't be written.
    """
    results = read_results(grades, wanted)
    if gradebook and output.exists() and output.samefile(gradebook):
        raise UserError(f"{output} is what {lms} gave out: name another file with -o")
    table = read_table(gradebook) if gradebook else None
    if lms == CANVAS:
        text, notes = canvas_grades(results, table, column, core)
        encoding = "utf-8"  # its importer takes no mark before a quoted cell
    else:
        text, notes = moodle_grades(one_practical(results, lms)[1], table, core)
        encoding = "utf-8-sig"
    write_file(output, text.encode(encoding, "replace"))
    return [*notes, f"{output}: grades of {' and '.join(results)} for {lms}"]
