"""From stored results to the file that an LMS imports."""

from pathlib import Path

from autograder.errors import UserError
from autograder.files import write_file
from autograder.lms import TAKING_BACK
from autograder.lms.entries import read_results
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
    """Write the grades of an LMS's students for it; a line on whatever isn't in the file.

    UserError when there are no results, the gradebook isn't one, or the file can't be written.
    """
    results = read_results(grades, wanted)
    if gradebook and output.exists() and output.samefile(gradebook):
        raise UserError(f"{output} is what {lms} gave out: name another file with -o")
    table = read_table(gradebook) if gradebook else None
    text, notes = TAKING_BACK[lms].grades(results, table, column, core)
    write_file(output, text.encode(TAKING_BACK[lms].encoding, "replace"))
    return [*notes, f"{output}: grades of {' and '.join(results)} for {lms}"]
