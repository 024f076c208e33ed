"""For all tests: strict dtypes, and the small course of testdata/mini, built and ready to grade."""

import contextlib
import dataclasses
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import jax
import pytest
from answerkey import Answers

from autograder import build
from autograder.grade import Grader
from autograder.result import Result
from autograder.sandbox.client import Sandbox
from autograder.sandbox.steps import DEFAULT, Limits

build.set_up_jax()  # before any test starts the backend

MINI = Path(__file__).parent / "testdata" / "mini"


# Fixtures that take minutes: whoever needs one runs where it was made.
COSTLY = {"great_trial": "trials", "small_trial": "trials", "nb_course": "nbgrader"}


def pytest_collection_modifyitems(items):
    """What takes longest first, so that no worker is left alone with it at the end."""
    for item in items:
        for group in {COSTLY[name] for name in COSTLY.keys() & set(item.fixturenames)}:
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=_when)


def _when(item):
    if item.get_closest_marker("xdist_group"):
        return 0
    if item.path.name == "practicals_test.py":
        return 1
    return 2 if item.get_closest_marker("slow") else 3


@pytest.fixture(autouse=True)
def strict_dtypes():
    """Silent promotion is an error in this process; the sandbox keeps JAX's default."""
    with jax.numpy_dtype_promotion("strict"):
        yield


def build_small(root: Path, more: str = "") -> build.Course:
    """The small course with `more` at its end, built there (its solution notebook not run)."""
    course = build.Course(root)
    shutil.copytree(MINI, root, ignore=build.IGNORED)
    path = root / "source" / "01_mini.py"
    path.write_text(path.read_text() + more)
    build.build(course, path, say=lambda text: None, execute=False)
    return course


@pytest.fixture(scope="session")
def mini(tmp_path_factory) -> build.Course:
    """The small course, built (its solution notebook not run)."""
    return build_small(tmp_path_factory.mktemp("mini") / "course")


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
def open_classroom(course: build.Course, limits: Limits = DEFAULT) -> Iterator[Class]:
    """A grader of a small course."""
    material = build.read_material(course, course.root / "source" / "01_mini.py")
    key = Answers.load(course.solutions("01_mini") / "answers.safetensors")
    notebook = json.loads((course.solutions("01_mini") / "01_mini.ipynb").read_text())
    with Sandbox({"01_mini": course.release("01_mini")}, limits) as sandbox:
        yield Class(Grader(material.practical, material.tests, key, sandbox), notebook)


@pytest.fixture(scope="session")
def classroom(mini) -> Class:
    """A grader of the small course with short limits."""
    limits = Limits(
        cell_seconds=4,
        case_seconds=4,
        submission_seconds=60,
        memory_bytes=2 << 30,
        output_bytes=10**6,
    )
    with open_classroom(mini, limits) as opened:
        yield opened
