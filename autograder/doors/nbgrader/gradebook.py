"""Results of the batch in nbgrader's gradebook, with the notebooks that the formgrader shows."""

import contextlib
import hashlib
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config, PyFileConfigLoader

from autograder.course import Course
from autograder.doors.nbgrader.handed_in import is_linked, submitted
from autograder.errors import UserError
from autograder.files import write_file
from autograder.grading.attempts import Key
from autograder.grading.result import load_results
from autograder.inbox.submission import Submission
from autograder.inbox.zips import read_bytes
from autograder.names import LONGEST_LINE, folder_name, printable, short


def import_results(course: Course, grades: Path, names: list[str]) -> Iterator[str]:
    """Put every result of these practicals into the gradebook; a line on each that was odd.

    A student's notebook that isn't in submitted/ yet is put there, if it is still where it was
    graded. Marks that were given by hand stay.

    Raises UserError when there are no results, nbgrader doesn't know a practical, or the gradebook
    can't be written.
    """
    api = _api(course, grades)
    stored = {name: load_results(grades / name) for name in names if (grades / name).is_dir()}
    if not any(stored.values()):
        raise UserError(f"there are no results in {grades}: run autograder grade first")
    refuse_locked(api.coursedir)
    for name, results in stored.items():
        _refuse_unknown(api, name)
        done = 0
        for result in results:
            line = _import(api, course, name, result)
            done += line is None or line.startswith("points only")
            if line:
                yield f"{printable(result.student)}: {line}"
        yield f"{name}: {done} of {len(results)} results are in the gradebook"


@contextlib.contextmanager
def open_gradebook(coursedir: CourseDirectory) -> Iterator[Gradebook]:
    """nbgrader's gradebook of a course (its CourseDirectory); UserError where it can't be used."""
    try:
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            yield gradebook
    except ImportError as error:
        raise UserError(f"the gradebook's driver is missing: pip install {error.name}") from None
    except SQLAlchemyError as error:
        why = str(error).splitlines()[0].rpartition(") ")[2]
        raise UserError(
            f"the gradebook can't be written ({why}): is it there, and is no other program using it?"
        ) from None


def refuse_locked(coursedir: CourseDirectory) -> None:
    """UserError when the gradebook can't be written now."""
    with open_gradebook(coursedir) as gradebook:
        gradebook.db.execute(text("UPDATE student SET id = id WHERE 1 = 0"))
        gradebook.db.rollback()


def _api(course, grades):
    if not (course.root / "nbgrader_config.py").exists():
        raise UserError(f"there is no nbgrader_config.py in {course.root}: copy the workbook's")
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course.root)).load_config()
    ours = {
        "CourseDirectory": {"root": str(course.root)},
        "Grade": {"results": str(grades.resolve())},
    }
    config.merge(Config(ours))
    api = NbGraderAPI(config=config)
    api.log.setLevel("ERROR")
    api.log.handlers.clear()
    return api


def _refuse_unknown(api, name):
    with open_gradebook(api.coursedir) as gradebook:
        try:
            gradebook.find_assignment(name)
        except MissingEntry:
            raise UserError(
                f"the gradebook has no {name}: run nbgrader generate_assignment --force {name}"
            ) from None


def _import(api, course, name, result) -> str | None:
    """Import one result; what was odd about it."""
    targets = {
        s: _target(api, course, name, s) for s in (result.student, folder_name(result.student))
    }
    student = next((s for s in targets if targets[s].exists()), folder_name(result.student))
    target = targets[student]
    if not target.exists() and not _bring(result, name, target, submitted(api.coursedir)):
        return _points_only(api, name, student, result)
    with warnings.catch_warnings(action="ignore"):  # SQLAlchemy's, of nbgrader's own queries
        outcome = api.autograde(name, student)
    if outcome["success"]:
        return None
    return f"not imported: {_last_line(outcome)}"


def _target(api, course, name, student):
    """Where nbgrader looks for a student's notebook."""
    folder = api.coursedir.format_path(api.coursedir.submitted_directory, student, name)
    return Path(os.path.abspath(course.root / folder / f"{name}.ipynb"))


def _bring(result, name, target, top):
    """Copy what was graded to where nbgrader looks for it; whether it is still there."""
    path, _, member = result.file.partition("!")
    submission = Submission(result.student, Path(path), member)
    try:
        data, _ = read_bytes(submission, name)
    except UserError:
        return False
    graded = Key.read(result.key).data
    if graded not in ("", hashlib.sha256(data).hexdigest()) or is_linked(target, top):
        return False  # what lies there now, or behind a link, is something else
    write_file(target, data)
    return True


def _points_only(api, name, student, result):
    with open_gradebook(api.coursedir) as gradebook:
        gradebook.update_or_create_student(student)
        gradebook.update_or_create_submission(name, student)
        points = {f"check_{e.name}": e.points for e in result.exercises}
        for grade in gradebook.find_submission_notebook(name, name, student).grades:
            if grade.name.startswith("check_"):
                grade.auto_score = points.get(grade.name, 0.0)
                grade.needs_manual_grade = grade.manual_score is not None
        gradebook.db.commit()
    return f"points only: {printable(result.file)} isn't there any more, so the formgrader can't show it"


def _last_line(outcome):
    text = outcome.get("error") or outcome.get("log") or "nbgrader doesn't say why"
    return short(text.strip().splitlines()[-1], LONGEST_LINE)
