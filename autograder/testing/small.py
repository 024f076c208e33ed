"""The small course that tests are about: three exercises, built where a test wants it."""

import atexit
import contextlib
import dataclasses
import functools
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from workbook.key import Answers

from autograder.authoring.build import build
from autograder.authoring.material import read_material
from autograder.authoring.release import IGNORED
from autograder.course import Course
from autograder.grading.grade import Grader
from autograder.grading.result import Result
from autograder.sandbox.client import Sandbox
from autograder.sandbox.steps import DEFAULT, Limits
from autograder.testing.once import once

MINI = Path(__file__).parent / "mini"
NAME = "01_mini"
SOURCE = f"source/{NAME}.py"
KEPT_IN: Path | None = None  # the folder that pytest's processes share


def copy_small(root: Path) -> Course:
    """The small course as an author has it, nothing built."""
    shutil.copytree(MINI, root, ignore=IGNORED)
    return Course(root)


def changed_course(folder: Path, file: str, old: str, new: str) -> Course:
    """A copy of the small course with one edit."""
    course = copy_small(folder / "mini")
    path = course.root / file
    text = path.read_text()
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
    path.write_text(text.replace(old, new))
    return course


def build_small(root: Path, more: str = "") -> Course:
    """The small course with `more` at its end, built there (its solution notebook not run).

    It is built once in a test run and copied from then on.
    """
    kept = (KEPT_IN or _own_folder()) / hashlib.sha256(more.encode()).hexdigest()[:16]
    shutil.copytree(once(kept, lambda place: _build(place, more)), root)
    return Course(root)


@functools.cache
def _own_folder() -> Path:
    """Where builds are kept outside of pytest, until this process ends."""
    folder = Path(tempfile.mkdtemp(prefix="small-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _build(root, more):
    course = copy_small(root)
    path = root / SOURCE
    path.write_text(path.read_text() + more)
    build(course, path, say=lambda text: None, execute=False)


@dataclasses.dataclass
class Class:
    """Grades edited solution notebooks of the small course in a real sandbox."""

    grader: Grader
    solution: dict

    def notebook(
        self, cells: dict[str, str] | None = None, edit: Callable = lambda n: None
    ) -> bytes:
        """The solution notebook with other sources for some cells, after any other edit."""
        notebook = json.loads(json.dumps(self.solution))
        for cell in notebook["cells"]:
            cell["source"] = (cells or {}).get(cell["id"], cell["source"])
        edit(notebook)
        return json.dumps(notebook).encode()

    def grade(self, cells: dict[str, str] | None = None, edit: Callable = lambda n: None) -> Result:
        return self.grader.grade(self.notebook(cells, edit), "student", "student.ipynb")


@contextlib.contextmanager
def open_classroom(course: Course, limits: Limits = DEFAULT) -> Iterator[Class]:
    """A grader of a small course."""
    material = read_material(course, course.root / SOURCE)
    key = Answers.load(course.solutions(NAME) / "answers.safetensors")
    notebook = json.loads((course.solutions(NAME) / f"{NAME}.ipynb").read_text())
    with Sandbox({NAME: course.release(NAME)}, limits) as sandbox:
        yield Class(Grader(material.practical, material.tests, key, sandbox), notebook)
