"""The pages and the table of one practical's class, each where people look for it."""

from collections.abc import Collection, Sequence
from pathlib import Path

from autograder.errors import UserError
from autograder.grading.result import Result
from autograder.names import slug
from autograder.report.class_report import write_report
from autograder.report.feedback import write_feedback
from autograder.report.grades_csv import write_grades_csv


def write_class_pages(
    results: Sequence[Result],
    folder: Path,
    practical_title: str,
    changed: Collection[Result] | None = None,
) -> None:
    """Write grades.csv, report.html and feedback/<student>.html into <folder>/<practical>/.

    Args:
        changed: the results whose students' pages are to be written; None: everyone's.

    Raises:
        UserError: when the folder can't be written; pages that were there are whole.
        ValueError: when the results aren't of one practical.
    """
    (practical,) = {result.practical for result in results}
    pages = folder / practical
    try:
        (pages / "feedback").mkdir(parents=True, exist_ok=True)
        for result in results if changed is None else changed:
            path = pages / "feedback" / f"{slug(result.student)}.html"
            write_feedback(result, path, practical_title)
        write_grades_csv(results, pages / "grades.csv")
        write_report(results, pages / "report.html", practical_title)
    except OSError as error:
        raise UserError(f"can't write {pages}: {error.strerror}") from None
