"""nbgrader's autograding with our engine: a reader that takes any file, a preprocessor that grades.

nbgrader_config.py names them. Whoever autogrades (the command, the formgrader's button) gets the
scores of `autograder grade`, from a sandbox, and shares its results.
"""

import contextlib
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output
from nbgrader import preprocessors
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Float, List, Unicode

from autograder.authoring.percent import read_practical, without_markers
from autograder.course import Course
from autograder.doors.nbgrader.gradebook import refuse_locked
from autograder.doors.nbgrader.handed_in import Guard, submitted
from autograder.doors.nbgrader.kept import kept_grader
from autograder.doors.nbgrader.restore import restore
from autograder.doors.nbgrader.shown import shown_markdown
from autograder.errors import UserError
from autograder.grading.built import load
from autograder.grading.result import ExerciseResult, Result
from autograder.inbox.reading import Unreadable, read_notebook
from autograder.inbox.submission import Submission
from autograder.inbox.zips import read_bytes
from autograder.names import printable
from autograder.report.page import render
from autograder.sandbox.steps import DEFAULT, Limits
from autograder.status import Status

RUBRIC = "rubric"  # the tag of cells that only instructors see


class SubmissionExporter(NotebookExporter):
    """Reads what a student handed in, whatever it is, as the released notebook with their work in it."""

    def __init__(self, **options):
        super().__init__(**options)
        self._refuse_early()
        self.guard = Guard(self.parent)

    def _refuse_early(self):
        """One line, before anything is touched, for what would fail for every student."""
        coursedir = self.parent.coursedir
        try:
            if path := Course(Path(coursedir.root)).named(coursedir.assignment_id):
                kept_grader(coursedir.root, path.stem)
            refuse_locked(coursedir)
        except UserError as error:
            self.parent.log.error("%s", error)
            raise NbGraderException(str(error)) from None

    def from_filename(
        self, filename: str, resources: Any = None, **options: Any
    ) -> tuple[NotebookNode, dict]:
        """As nbconvert's; a file in submitted/ is opened and read by our reader."""
        assert self.parent is not None
        coursedir, facts = self.parent.coursedir, resources["nbgrader"]
        path = Path(os.path.abspath(filename))
        course = Course(Path(coursedir.root))
        source = course.named(facts["assignment"])
        if not self.guard.holds(path) or source is None:
            return super().from_filename(filename, resources=resources, **options)
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        released = nbformat.read(course.release(source.stem) / f"{source.stem}.ipynb", 4)
        practical = kept_grader(coursedir.root, source.stem).practical
        with contextlib.suppress(UserError, Unreadable):  # then nothing of it can be shown
            submission = Submission("", path, top=self.guard.top)
            notebook = read_notebook(read_bytes(submission, source.stem)[0])
            released = restore(notebook, released, practical)
        return self.from_notebook_node(released, resources=resources, **options)


class Grade(NbGraderPreprocessor):
    """Stands in for nbgrader's Execute: grades what was handed in, and writes each check's points."""

    results = Unicode("grades", help="Where results are kept, in the course's folder.").tag(
        config=True
    )
    idle_seconds = Float(60.0, help="How long a sandbox waits for the next submission.").tag(
        config=True
    )
    cell_seconds = Float(DEFAULT.cell_seconds, help="How long one cell may run.").tag(config=True)
    case_seconds = Float(DEFAULT.case_seconds, help="How long one case may run.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """The notebook without outputs but ours, and what graders need to know."""
        coursedir = self.parent.parent.coursedir
        facts = resources["nbgrader"]
        source = Course(Path(coursedir.root)).named(facts["assignment"])
        if source is None:
            raise UserError(f"{facts['assignment']} isn't one of this workbook's practicals")
        folder = coursedir.format_path(
            coursedir.submitted_directory, facts["student"], facts["assignment"]
        )
        path = Path(coursedir.root, folder, f"{facts['notebook']}.ipynb")
        top = submitted(coursedir)
        submission = Submission(facts["student"], path, folder=source.stem, top=top)
        grader = kept_grader(coursedir.root, source.stem)
        output = Path(coursedir.root, self.results)
        limits = Limits(cell_seconds=self.cell_seconds, case_seconds=self.case_seconds)
        result = grader.grade(submission, output, limits, self.idle_seconds)
        student = printable(facts["student"])
        self.log.info("%s: %s, %g points", student, result.status, result.points)
        if odd := self.parent.guard.remarks.get(facts["student"]):
            result = replace(result, warnings=[odd, *result.warnings])
        return _with_points(nb, result, grader.practical), resources


class HideRubric(NbGraderPreprocessor):
    """For feedback: takes out what only instructors see."""

    display_data_priority: List = List(config=True)  # GenerateFeedback sets it for all of its own

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """The notebook without rubrics."""
        nb.cells = [cell for cell in nb.cells if RUBRIC not in cell.metadata.get("tags", ())]
        return nb, resources


class ClearSolutions(preprocessors.ClearSolutions):
    """nbgrader's own; where an answer in words goes it says so in the practical's language."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """The notebook without solutions."""
        course = Course(Path(self.parent.parent.coursedir.root))
        if source := course.named(resources["nbgrader"]["assignment"]):
            self.text_stub = read_practical(source).numbers.words.write_here
        return super().preprocess(nb, resources)


def complete_generated(assignment: str, **facts: object) -> None:
    """After `nbgrader generate_assignment`: what students need beside the notebook."""
    from autograder.authoring.release import complete_release

    course = Course(Path.cwd())
    if path := course.named(assignment):
        loaded = load(course, path)
        complete_release(course, course.release(path.stem), loaded.material, loaded.answers)


# ---------------------------------------------------------------- what nbgrader reads, what people see


def _with_points(nb, result, practical):
    exercises = {f"check_{exercise.name}": exercise for exercise in result.exercises}
    checks = {f"check_{name}" for name in practical.exercises}
    rubrics = {
        cell.id: without_markers(cell.source)
        for cell in practical.cells
        if cell.kind == "discussion"
    }
    cells = [new_markdown_cell(remarks)] if (remarks := _remarks(result)) else []
    for cell in nb.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name in rubrics:
            cells.append(new_markdown_cell(rubrics[name], metadata={"tags": [RUBRIC]}))
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.outputs = _outputs(exercises.get(name)) if name in checks else []
        cells.append(cell)
    nb.cells = cells
    return nb


def _outputs(exercise: ExerciseResult | None):
    """What a student reads, and the plain number that nbgrader takes for the score."""
    points = exercise.points if exercise else 0.0
    outputs = [new_output("execute_result", {"text/plain": repr(float(points))})]
    if exercise:
        page = {"text/html": render("check.html", exercise=exercise)}
        outputs.insert(0, new_output("display_data", page))
    return outputs


def _remarks(result: Result) -> str:
    """How the grading as a whole went, in Markdown; "" when there is nothing to say."""
    odd = [f"{result.status}: {result.reason}"] if result.status != Status.GRADED else []
    return "\n".join(f"- {_as_text(line)}" for line in [*odd, *result.warnings])


def _as_text(line):
    """A line that may hold a student's words, with nothing in it that Markdown or HTML acts on."""
    escaped = re.sub(r"([\\`*_{}\[\]()#+!|<>&$~-])", r"\\\1", printable(line))
    return shown_markdown(escaped, {})[0]
