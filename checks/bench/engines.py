"""Three ways to grade the same submissions: set up untimed, run timed, read the scores."""

import functools
import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from workbook.evaluate import SWITCH

from autograder.authoring.material import Material, read_material
from autograder.authoring.notebook import to_notebook
from autograder.compiling import XLA_FLAGS
from autograder.course import Course
from autograder.errors import UserError
from autograder.grading.result import Result
from autograder.sample import Student
from autograder.status import Status
from checks.bench.meter import NOTHING, Usage, measure

Scores = dict[tuple[str, str], float]  # (student, exercise) -> points
BIN = Path(sys.executable).parent

# nbgrader reads a score from a check cell's last value, a plain number.
POINTS = '''\
"""A check's points as the plain number that nbgrader reads."""

from workbook.key import Answers
from workbook.status import Status

_exercises = Answers.load("tests/answers.safetensors").exercises


def points(report):
    cases = _exercises[report.exercise]["cases"].values()
    worth = {case["title"]: case["points"] for case in cases}
    passed = [title for title, verdict in report.rows if verdict.status == Status.PASSED]
    return float(sum(worth[title] for title in passed))
'''
NBGRADER_CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "bench"
c.CourseDirectory.max_file_size = 10**9
c.Execute.timeout = 900
"""


# Plain is JAX as it comes; the switches are what anybody could set. Peers compile all that they
# run, as they do with anybody's tests: the evaluator is ours.
PLAIN = {"XLA_FLAGS": "", SWITCH: "xla"}
SWITCHED = {"XLA_FLAGS": " ".join(XLA_FLAGS), SWITCH: "xla"}
OURS = {"XLA_FLAGS": "", SWITCH: "numpy"}


class Engine:
    """One grader of a class; `folder` is its own. `run` may be called again: it grades again."""

    name = ""

    def __init__(self, course: Course, practical: str, students: list[Student], folder: Path):
        self.course, self.practical, self.students = course, practical, students
        self.folder = folder
        folder.mkdir(parents=True)

    @functools.cached_property
    def material(self) -> Material:
        """What the author wrote of this practical."""
        return read_material(self.course, self.course.choose(self.practical))

    def prepare(self) -> None:
        """Whatever happens once a class, or once an assignment."""

    def run(self, env: Mapping[str, str]) -> Usage:
        """Grade every submission, with this in the environment."""
        raise NotImplementedError

    def scores(self) -> Scores:
        """What each exercise of each student got, quizzes too; nothing that is marked by hand."""
        raise NotImplementedError


class Ours(Engine):
    """`autograder grade` with two workers, in a sandbox, hidden answers outside it."""

    name = "autograder grade"
    workers = 2

    def __init__(self, *arguments: Any):
        super().__init__(*arguments)
        self._runs = 0

    def prepare(self) -> None:
        """Grade the solution from nothing, as the first time on a machine; `first` is what that costs."""
        (self.folder / "submissions").mkdir()
        for student in self.students:
            (self.folder / "submissions" / f"{student.name}.ipynb").write_bytes(student.data)
        notebook = self.course.solutions(self.practical) / f"{self.practical}.ipynb"
        self.first = self._grade(notebook.resolve(), OURS)

    def run(self, env: Mapping[str, str]) -> Usage:
        """Into a new folder each time, as results that are there are kept."""
        self._runs += 1
        return self._grade(self.folder / "submissions", env)

    def _grade(self, submissions, env):
        command = [str(BIN / "autograder"), "grade", str(submissions), "-a", self.practical]
        command += ["-o", str(self._grades), "--workers", str(self.workers)]
        # A cache of its own, so that the first time is one.
        env = {**env, "XDG_CACHE_HOME": str(self.folder / "cache")}
        return measure(command, self._course(), env)

    @property
    def _grades(self):
        return self.folder / f"grades_{self._runs}"

    def _course(self):
        """A folder that shows the course; the command finds it from where it runs."""
        folder = self.folder / "course"
        folder.mkdir(exist_ok=True)
        for part in ("source", "tests", "release", "solutions"):
            if not (folder / part).exists():
                (folder / part).symlink_to((self.course.root / part).resolve())
        return folder

    def results(self) -> list[Result]:
        """The last run's results; UserError when one of these honest submissions isn't graded."""
        folder = self._grades / self.practical
        found = [Result.load(folder / f"{student.name}.json") for student in self.students]
        for result in found:
            if result.status not in (Status.GRADED, Status.BLANK):
                raise UserError(f"{result.student}: {result.status} {result.reason}")
        return found

    def scores(self) -> Scores:
        """Points before follow-through, which the other two don't have."""
        return {
            (result.student, e.name): e.points if e.own_points is None else e.own_points
            for result in self.results()
            for e in result.exercises
        }


class Otter(Engine):
    """`otter run` on a zip by `otter generate`: the same tests, compared in its own process."""

    name = "otter run"

    def prepare(self) -> None:
        files = _student_files(self.course, self.practical)
        for file in files:
            _copy(file, self.folder / file.name)
        shutil.copy(self.course.root / "otter_config.json", self.folder)
        _copy(self.course.solutions(self.practical) / "answers.safetensors", self.folder)
        _write_tests(self.material, self.folder / "all_tests")
        command = [str(BIN / "otter"), "generate", "-t", "all_tests"]
        command += ["-o", "autograder.zip", "--no-requirements", "--no-environment"]
        command += ["answers.safetensors", *_all_files(self.folder, files)]
        measure(command, self.folder)
        for student in self.students:
            (self.folder / student.name).mkdir()
            (self.folder / student.name / f"{student.name}.ipynb").write_bytes(student.data)

    def run(self, env: Mapping[str, str]) -> Usage:
        """One after the other, as otter does."""
        total = NOTHING
        for student in self.students:
            command = [str(BIN / "otter"), "run", "--no-logo", "-a", "../autograder.zip"]
            command += ["-o", ".", f"{student.name}.ipynb"]
            total += measure(command, self.folder / student.name, env)
        return total

    def scores(self) -> Scores:
        found = {}
        for student in self.students:
            results = json.loads((self.folder / student.name / "results.json").read_text())
            for test in results["tests"]:
                if test["name"] in self.material.practical.exercises:
                    found[student.name, test["name"]] = float(test.get("score", 0))
        return found


class Nbgrader(Engine):
    """`nbgrader autograde`: check cells give points in the kernel; demo cells are taken out."""

    name = "nbgrader autograde"

    def prepare(self) -> None:
        (self.folder / "nbgrader_config.py").write_text(NBGRADER_CONFIG)
        source = self.folder / "source" / self.practical
        _write_tests(self.material, source / "tests")
        for file in _student_files(self.course, self.practical):
            _copy(file, source / file.name)
        shutil.copy(self.course.solutions(self.practical) / "answers.safetensors", source / "tests")
        (source / "check_points.py").write_text(POINTS)
        notebook = _without_demos(to_notebook(self.material.practical))
        for cell in notebook.cells:
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade"):
                exercise = cell.id.removeprefix("check_")
                cell.source = (
                    f'from check_points import points\n\npoints(grader.check("{exercise}"))'
                )
        nbformat.write(notebook, source / f"{self.practical}.ipynb")
        measure([str(BIN / "nbgrader"), "generate_assignment", self.practical], self.folder)
        for student in self.students:
            place = self.folder / "submitted" / student.name / self.practical
            place.mkdir(parents=True)
            submission = nbformat.reads(student.data.decode(), 4)
            nbformat.write(_without_demos(submission), place / f"{self.practical}.ipynb")

    def run(self, env: Mapping[str, str]) -> Usage:
        """The whole class in one command, again where that was done."""
        command = [str(BIN / "nbgrader"), "autograde", "--force", self.practical]
        return measure(command, self.folder, env)

    def scores(self) -> Scores:
        from nbgrader.api import Gradebook

        found = {}
        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}") as gradebook:
            for student in self.students:
                notebook = gradebook.find_submission_notebook(
                    self.practical, self.practical, student.name
                )
                for grade in notebook.grades:  # discussions are among them
                    exercise = grade.name.removeprefix("check_")
                    if exercise in self.material.practical.exercises:
                        found[student.name, exercise] = float(grade.auto_score or 0)
        return found


def _write_tests(material, folder):
    """All cases, those of quizzes too."""
    folder.mkdir(parents=True)
    for tests in material.tests.values():
        (folder / tests.path.name).write_text(tests.text, encoding="utf-8")


def _without_demos(notebook):
    notebook.cells = [c for c in notebook.cells if "otter_ignore" not in c.metadata.get("tags", [])]
    return notebook


def _student_files(course, practical):
    """What lies beside a student's notebook, without its public tests."""
    left_out = {"tests", "requirements.txt", "__pycache__", f"{practical}.ipynb"}
    return [
        file for file in sorted(course.release(practical).iterdir()) if file.name not in left_out
    ]


def _all_files(folder, files):
    """Paths of files, and of those in folders, relative to where they were copied."""
    for file in files:
        copied = folder / file.name
        inside = (
            sorted(p for p in copied.rglob("*") if p.is_file()) if copied.is_dir() else [copied]
        )
        yield from (os.path.relpath(path, folder) for path in inside)


def _copy(file, target):
    shutil.copytree(file, target) if file.is_dir() else shutil.copy(file, target)
