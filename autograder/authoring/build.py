"""`autograder build`: one source file to release/ and solutions/, as much as a change asks for."""

import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
from workbook.key import Answers

from autograder.authoring import rules
from autograder.authoring.answers import record_answers
from autograder.authoring.execute import SolutionNotebook
from autograder.authoring.generate import generate
from autograder.authoring.keys import same_key
from autograder.authoring.material import Material, read_material
from autograder.authoring.notebook import to_notebook
from autograder.authoring.release import IGNORED, complete_release, complete_solution
from autograder.course import LEFT_BEHIND, Course
from autograder.errors import UserError, refuse

Say = Callable[[str], None]


def build(course: Course, path: Path, say: Say = print, execute: bool = True) -> None:
    """Build one practical; UserError with every problem found, before anything is replaced."""
    material = read_material(course, path)
    name = material.practical.name
    key = record_answers(course, material, say)
    with tempfile.TemporaryDirectory() as folder:
        draft = Course(Path(folder))
        _draft(course, draft, material, key)
        refuse(_problems(draft, material))
        notebook = SolutionNotebook(course, draft, name)
        if execute and not notebook.is_executed:
            say(f"{name}: running the solution notebook")
            notebook.execute()
        else:
            notebook.keep()
        refuse(rules.output_problems(material.practical, notebook.content))
        _keep_same_key(course, draft, name)
        _install(draft, course, name)
    say(f"{name}: built")


def stale(course: Course, path: Path) -> list[str]:
    """What of a practical's built files differs from what a build would write (problems included)."""
    material = read_material(course, path)
    name = material.practical.name
    key = record_answers(course, material)
    with tempfile.TemporaryDirectory() as folder:
        draft = Course(Path(folder))
        _draft(course, draft, material, key)
        problems = _problems(draft, material)
        _keep_same_key(course, draft, name)
        notebook = SolutionNotebook(course, draft, name)
        if notebook.is_executed:
            notebook.keep()
        return problems + [
            f"{file} is stale: run autograder build {name[:2]}"
            for file in _differences(draft, course, name)
        ]


def all_stale(course: Course, paths: list[Path]) -> list[str]:
    """The same of several practicals, at once where there are processors for it."""
    workers = min(len(paths), os.cpu_count() or 1)
    if workers < 2:
        return [problem for path in paths for problem in _stale_or_why(course, path)]
    fresh = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
    with ProcessPoolExecutor(workers, mp_context=fresh) as pool:
        found = pool.map(_stale_or_why, [course] * len(paths), paths)
        return [problem for problems in found for problem in problems]


def _stale_or_why(course, path) -> list[str]:
    try:
        return stale(course, path)
    except UserError as error:
        return str(error).splitlines()


def _problems(draft, material) -> list[str]:
    name = material.practical.name
    return rules.draft_problems(material, draft.release(name))


def _draft(course: Course, draft: Course, material: Material, key: Answers) -> None:
    """Write a whole build of one practical into the empty course `draft`."""
    practical = material.practical
    name = practical.name
    shutil.copytree(course.source(name), draft.source(name), ignore=IGNORED, dirs_exist_ok=True)
    nbformat.write(to_notebook(practical), draft.source(name) / f"{name}.ipynb")
    generate(draft, name, practical.numbers.words)
    complete_release(course, draft.release(name), material, key)
    complete_solution(draft.solutions(name), practical, key)


# ---------------------------------------------------------------- installing


def _keep_same_key(course, draft, name):
    """Keep a stored answer key whose numbers differ by rounding alone."""
    for place in (Path("solutions") / name, Path("release") / name / "tests"):
        old, new = (root / place / "answers.safetensors" for root in (course.root, draft.root))
        if old.exists() and _is_same_key(old, new):
            shutil.copy(old, new)


def _is_same_key(old, new):
    if old.read_bytes() == new.read_bytes():
        return True
    try:
        return same_key(Answers.load(old), Answers.load(new))
    except Exception:  # a damaged key, or one of another format, is replaced
        return False


def _built_files(course: Course, name: str) -> Iterator[Path]:
    """Relative paths of the files that a build of this practical owns."""
    yield Path("source") / name / f"{name}.ipynb"
    for folder in (course.release(name), course.solutions(name)):
        for file in sorted(folder.rglob("*")):
            if file.is_file() and not LEFT_BEHIND & set(file.parts):
                yield file.relative_to(course.root)


def _differences(draft, course, name):
    new, old = set(_built_files(draft, name)), set(_built_files(course, name))
    changed = {
        f for f in new & old if (draft.root / f).read_bytes() != (course.root / f).read_bytes()
    }
    return sorted(map(str, (new ^ old) | changed))


def _install(draft, course, name):
    for folder in (Path("release") / name, Path("solutions") / name):
        shutil.rmtree(course.root / folder, ignore_errors=True)
        shutil.copytree(draft.root / folder, course.root / folder)
    notebook = Path("source") / name / f"{name}.ipynb"
    shutil.copy(draft.root / notebook, course.root / notebook)
