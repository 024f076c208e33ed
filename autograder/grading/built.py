"""A built practical, ready for grading, and the digest of everything that a score depends on."""

import hashlib
import importlib.metadata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbook.key import Answers

from autograder import packages
from autograder.authoring.material import Material, read_material
from autograder.course import KEY_FORMAT, Course, workbook_files
from autograder.errors import UserError
from autograder.grading.key_file import read_key
from autograder.inbox.submission import Submission
from autograder.inbox.which_practical import guess
from autograder.inbox.zips import read_bytes


@dataclass(frozen=True)
class Loaded:
    """A practical ready for grading, and the digest of everything a score depends on."""

    material: Material
    answers: Answers
    digest: str

    @property
    def name(self) -> str:
        return self.material.practical.name


PARSING = "cases headers markup material notebook percent quiz words".split()
DECIDING = ("compiling", "names", "packages", "status")  # beside the rooms


def engine_files() -> Iterator[Path]:
    """Our own files that a score depends on; pages, builds and commands aren't among them."""
    here = Path(__file__).parents[1]
    yield from (here / f"{name}.py" for name in DECIDING)
    yield from (here / "authoring" / f"{name}.py" for name in PARSING)
    for room in ("grading", "inbox", "sandbox"):
        files = (here / room).rglob("*.py")
        yield from sorted(f for f in files if not f.name.endswith(("_test.py", "conftest.py")))


def load(course: Course, path: Path) -> Loaded:
    """Read a practical and its answer key; UserError when it isn't built, or not with these tests."""
    material = read_material(course, path)
    key = course.solutions(path.stem) / "answers.safetensors"
    if not key.exists() or not course.release(path.stem).exists():
        raise UserError(f"{path.stem} isn't built: run autograder build {path.stem[:2]}")
    digest = hashlib.sha256()
    for file in (path, key, *workbook_files(), *engine_files()):
        digest.update(file.read_bytes())
    for tests in material.tests.values():
        digest.update(tests.text.encode())
    for package in packages.DECIDING:
        digest.update(f"{package} {importlib.metadata.version(package)}".encode())
    loaded = Loaded(material, read_key(key, path.stem), digest.hexdigest())
    if what := _changed_since(loaded):
        raise UserError(built_before(path.stem, what))
    return loaded


def built_before(name: str, what: str) -> str:
    """What to say of a practical whose answer key is older than something it was made from."""
    return f"{name} was built before {what} changed: run autograder build {name[:2]}"


def _changed_since(loaded) -> str:
    """What the answer key says otherwise than the tests that lie there."""
    if loaded.answers.header.get("format") != KEY_FORMAT:
        return "the format of answer keys"
    for exercise in {**loaded.material.tests, **loaded.answers.exercises}:
        if _cases(loaded, exercise) != _recorded(loaded, exercise):
            return f"the test file of {exercise}"
    return ""


def _cases(loaded, exercise):
    tests = loaded.material.tests.get(exercise)
    return tests and {c.name: (c.title, c.points, c.hidden) for c in tests.cases}


def _recorded(loaded, exercise):
    entry = loaded.answers.exercises.get(exercise)
    return entry and {
        name: (case["title"], case["points"], case["hidden"])
        for name, case in entry["cases"].items()
    }


def load_all(course: Course, wanted: str | None) -> dict[str, Loaded]:
    """The practicals to grade, by name."""
    return {path.stem: load(course, path) for path in course.chosen(wanted)}


def practical_of(submission: Submission, loaded: dict[str, Loaded]) -> str:
    """Which of these practicals a submission is of."""
    exercises = {name: each.answers.exercises for name, each in loaded.items()}
    return guess(submission, exercises, lambda: read_bytes(submission, "")[0])
