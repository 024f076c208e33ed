"""Three ways to grade the same submissions: set up untimed, run timed, read the scores."""

import json
import os
import shutil
import sys
from pathlib import Path

import nbformat

from autograder.authoring.material import read_material
from autograder.authoring.notebook import to_notebook
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


class Engine:
    """One grader of a class; `folder` is its own."""

    name = ""

    def __init__(self, course: Course, practical: str, students: list[Student], folder: Path):
        self.course, self.practical, self.students, self.folder = (
            course,
            practical,
            students,
            folder,
        )
        folder.mkdir(parents=True)

    def prepare(self) -> None:
        """Whatever happens once a class, or once an assignment."""

    def _material(self):
        return read_material(self.course, self.course.root / "source" / f"{self.practical}.py")

    def run(self) -> Usage:
        """Grade every submission."""
        raise NotImplementedError

    def scores(self) -> Scores:
        """What each exercise of each student got."""
        raise NotImplementedError


class Ours(Engine):
    """`autograder grade` with two workers, in a sandbox, hidden answers outside it."""

    name = "autograder grade"
    workers = 2

    def prepare(self) -> None:
        """Fill the cache of compiled programs; `first` is what that costs from nothing."""
        (self.folder / "submissions").mkdir()
        for student in self.students:
            (self.folder / "submissions" / f"{student.name}.ipynb").write_bytes(student.data)
        notebook = self.course.solutions(self.practical) / f"{self.practical}.ipynb"
        empty = {"XDG_CACHE_HOME": str(self.folder / "cache")}
        self.first = self._grade(notebook.resolve(), "first", empty)
        self._grade(notebook.resolve(), "second", {})

    def run(self) -> Usage:
        return self._grade(self.folder / "submissions", "grades", {})

    def _grade(self, submissions, output, env):
        command = [str(BIN / "autograder"), "grade", str(submissions), "-a", self.practical]
        command += ["-o", str(self.folder / output), "--workers", str(self.workers)]
        return measure(command, self._course(), env)

    def _course(self):
        """A folder that shows the course; the command finds it from where it runs."""
        folder = self.folder / "course"
        folder.mkdir(exist_ok=True)
        for part in ("source", "tests", "release", "solutions"):
            if not (folder / part).exists():
                (folder / part).symlink_to((self.course.root / part).resolve())
        return folder

    def results(self) -> list[Result]:
        """The stored results; UserError when one of these honest submissions isn't graded."""
        folder = self.folder / "grades" / self.practical
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
        _write_tests(self._material(), self.folder / "all_tests")
        command = [str(BIN / "otter"), "generate", "-t", "all_tests"]
        command += ["-o", "autograder.zip", "--no-requirements", "--no-environment"]
        command += ["answers.safetensors", *_all_files(self.folder, files)]
        measure(command, self.folder)
        for student in self.students:
            (self.folder / student.name).mkdir()
            (self.folder / student.name / f"{student.name}.ipynb").write_bytes(student.data)

    def run(self) -> Usage:
        total = NOTHING
        for student in self.students:
            command = [str(BIN / "otter"), "run", "--no-logo", "-a", "../autograder.zip"]
            total += measure(
                [*command, "-o", ".", f"{student.name}.ipynb"], self.folder / student.name
            )
        return total

    def scores(self) -> Scores:
        found = {}
        for student in self.students:
            results = json.loads((self.folder / student.name / "results.json").read_text())
            for test in results["tests"]:
                if "score" in test:
                    found[student.name, test["name"]] = float(test["score"])
        return found


class Nbgrader(Engine):
    """`nbgrader autograde`: check cells give points in the kernel; demo cells are taken out."""

    name = "nbgrader autograde"

    def prepare(self) -> None:
        (self.folder / "nbgrader_config.py").write_text(NBGRADER_CONFIG)
        material = self._material()
        source = self.folder / "source" / self.practical
        _write_tests(material, source / "tests")
        for file in _student_files(self.course, self.practical):
            _copy(file, source / file.name)
        shutil.copy(self.course.solutions(self.practical) / "answers.safetensors", source / "tests")
        (source / "check_points.py").write_text(POINTS)
        notebook = _without_demos(to_notebook(material.practical))
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

    def run(self) -> Usage:
        return measure([str(BIN / "nbgrader"), "autograde", self.practical], self.folder)

    def scores(self) -> Scores:
        from nbgrader.api import Gradebook

        found = {}
        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}") as gradebook:
            for student in self.students:
                notebook = gradebook.find_submission_notebook(
                    self.practical, self.practical, student.name
                )
                for grade in notebook.grades:
                    found[student.name, grade.name.removeprefix("check_")] = float(
                        grade.auto_score or 0
                    )
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
