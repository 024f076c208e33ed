"""Inside Gradescope's container: grade what was handed in, or get ready for it.

`python -m autograder.doors.gradescope.container /autograder` reads submission/ and writes
results/results.json there; with --prepare it grades the reference solution once.
"""

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from autograder import cache
from autograder.course import Course
from autograder.doors.gradescope.results import results
from autograder.errors import UserError
from autograder.files import write_file
from autograder.grading.batch import Batch
from autograder.grading.built import load_all
from autograder.grading.result import Result
from autograder.inbox.find import find_submissions
from autograder.inbox.submission import Submission
from autograder.inbox.which_practical import is_called
from autograder.inbox.zips import read_bytes
from autograder.names import printable
from autograder.status import Status


def main() -> None:
    """Errors are one line for the instructor, who alone sees it; then there are no results."""
    parser = argparse.ArgumentParser(prog="python -m autograder.doors.gradescope.container")
    parser.add_argument("folder", type=Path, help="the folder with source/ and submission/")
    parser.add_argument("--prepare", action="store_true", help="grade the reference solution")
    asked = parser.parse_args()
    try:
        if asked.prepare:
            prepare(asked.folder)
        else:
            grade(asked.folder)
    except UserError as error:
        sys.exit(str(error))


def prepare(folder: Path) -> None:
    """Grade the reference solution once; UserError when grading couldn't hide the answers here."""
    with _batch(folder) as (batch, name):
        batch.prove(print)
        print(
            f"{name} can be graded here, at the isolation level {_grader(batch, name).sandbox.level}"
        )


def grade(folder: Path) -> None:
    """Grade the one notebook in submission/ into results/results.json.

    What a student has to put right is a result; UserError is for what an instructor has to.
    """
    with _batch(folder) as (batch, name):
        practical = batch.loaded[name].material.practical
        try:
            submission = _chosen(folder / "submission", name)
            data, warnings = read_bytes(submission, name)
        except UserError as error:
            reason = str(error)
            result = Result(name, "", "", Status.UNREADABLE, reason, max_points=practical.points)
        else:
            result = _grader(batch, name).grade(data, "", submission.path.name)
            result.warnings = [*warnings, *result.warnings]
        text = json.dumps(results(result), indent=1, ensure_ascii=False)
        write_file(folder / "results" / "results.json", text.encode("utf-8", "backslashreplace"))
        print(f"{result.status}: {result.points:g} of {result.max_points:g} points")


@contextlib.contextmanager
def _batch(folder) -> Iterator[tuple[Batch, str]]:
    course = Course(folder / "source" / "course")
    loaded = load_all(course, None)
    cache.folder().chmod(0o711)  # nobody reads what is kept there
    batch = Batch(course, loaded, folder / "results")
    try:
        yield batch, next(iter(loaded))
    finally:
        batch.close()


def _grader(batch, name):
    grader = batch.grader(name)
    if not grader.sandbox.keeps_files_apart:
        raise UserError(
            "what students hand in could read the answers here: run this as root, with a Python "
            "and a cache that every user may read, or where bubblewrap works"
        )
    return grader


def _chosen(folder, name) -> Submission:
    submissions = find_submissions(folder, [name])
    notebooks = [s for s in submissions if s.path.suffix.lower() == ".ipynb"] or submissions
    named = [s for s in notebooks if is_called(s.file_name, name)] or notebooks
    if len(named) > 1:
        names = ", ".join(printable(s.path.name)[:60] for s in named[:5])
        raise UserError(f"there are {len(named)} notebooks ({names}): hand in one")
    return named[0]


if __name__ == "__main__":
    main()
