"""The answers of a whole practical: recorded exercise by exercise, kept where nothing changed."""

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from unittest import mock

import workbook
from workbook.key import Answers, read_judges

from autograder import cache
from autograder.authoring import record, running
from autograder.authoring.depends import Dependencies
from autograder.authoring.material import Material
from autograder.authoring.notebook import blank
from autograder.authoring.percent import Cell
from autograder.compiling import set_up_jax
from autograder.course import Course
from autograder.errors import refuse
from autograder.files import write_whole

LONGEST_KEPT = 60 * 24 * 3600  # seconds that answers are kept without being asked for


def record_answers(
    course: Course, material: Material, say: Callable[[str], None] = lambda text: None
) -> Answers:
    """The answer key of a practical; UserError lists what authors must change.

    Exercises on which nothing changed since they were last recorded aren't run again.
    """
    name = material.practical.name
    needed = Dependencies(course, material)
    digests = {exercise: needed.digest(exercise) for exercise in material.tests}
    recorded = {e: kept for e, digest in digests.items() if (kept := _load(digest))}
    if new := [exercise for exercise in material.tests if exercise not in recorded]:
        say(f"{name}: recording the answers of {_some(new, material.tests)}")
    problems: list[str] = []
    with contextlib.ExitStack() as stack:
        desk = stack.enter_context(open_desk(course, material, new, needed)) if new else None
        for exercise in new:
            assert desk is not None
            made = desk.record(exercise)
            problems += made.problems
            recorded[exercise] = made
            if not made.problems:
                _keep(digests[exercise], made)
    refuse(problems)
    in_order = {exercise: recorded[exercise] for exercise in material.tests}
    return record.assemble(material.practical, read_judges(course.source(name)), in_order)


def _some(new, all_) -> str:
    if len(new) == len(all_):
        return f"all {len(new)} exercises"
    return ", ".join(new) if len(new) <= 4 else f"{len(new)} of {len(all_)} exercises"


class Desk:
    """Where exercises are tried: the names that their cells define, and those of the blanks."""

    def __init__(self, course: Course, material: Material, cells: Iterable[Cell]):
        self._material, cells = material, list(cells)
        self.judges = read_judges(course.source(material.practical.name))
        self.names = running.reference_names(material.practical, cells)
        self._blanks = running.reference_names(material.practical, self._with_blanks(cells))

    def _with_blanks(self, cells) -> Iterator[Cell]:
        exercises = self._material.practical.exercises
        for cell in cells:
            source = blank(exercises[cell.id]) if cell.kind == "solution" else cell.source
            yield Cell(cell.kind, cell.id, source, cell.line)

    def record(
        self, exercise: str, thorough: bool = True, edited: bool = True
    ) -> "record.Recorded":
        """What the solution, its blank and its variants give in the exercise's cases.

        thorough: all of it twice, evaluated and compiled. edited: edits of right answers too.
        """
        import jax

        tests, variants = self._material.tests[exercise], self._material.variants[exercise]
        practical = self._material.practical
        made = record.record_exercise(
            practical,
            tests,
            self.names,
            variants,
            self.judges,
            self._blanks,
            thorough,
            self._material.notes[exercise],
            edited,
        )
        jax.clear_caches()  # nobody calls a variant's programs again; they fill gigabytes
        return made


class _NoGrader:
    """In place of the notebook's grader, as in a sandbox: its libraries take a second to import."""

    def __init__(self, *anything: object, **more: object):
        pass

    def check(self, *anything: object, **more: object) -> None:
        """Nothing: the cases are run without it."""

    def ready(self, *exercises: str) -> bool:
        """False, so that nothing is drawn."""
        return False


@contextlib.contextmanager
def open_desk(
    course: Course, material: Material, exercises: Iterable[str], needed: Dependencies
) -> Iterator[Desk]:
    """Run the cells that some exercises depend on, as students' notebooks would."""
    set_up_jax()
    import jax

    wanted = {id(cell) for exercise in exercises for cell in needed.cells(exercise)}
    cells = [cell for cell in material.practical.cells if id(cell) in wanted]
    as_students_have_it = jax.numpy_dtype_promotion("standard")
    without_grader = mock.patch.object(workbook, "Notebook", _NoGrader)
    folder = course.source(material.practical.name)
    with running.imports_from(folder), as_students_have_it, without_grader:
        yield Desk(course, material, cells)


# ---------------------------------------------------------------- kept answers


def _folder() -> Path:
    folder = cache.folder() / "answers"
    folder.mkdir(exist_ok=True)
    return folder


def _load(digest: str) -> "record.Recorded | None":
    """What was recorded from the same sources, if it is kept."""
    path = _folder() / digest
    try:
        made = record.Recorded.from_bytes(path.read_bytes())
        os.utime(path)
        return made
    except Exception:  # not there, or damaged: it is recorded again
        return None


def _keep(digest: str, made: "record.Recorded") -> None:
    oldest = time.time() - LONGEST_KEPT
    for path in _folder().iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
    write_whole(_folder() / digest, made.to_bytes())
