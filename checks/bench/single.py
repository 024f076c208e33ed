"""One submission, one check, one notebook: what each costs."""

import contextlib
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.percent import Practical, read_practical
from autograder.course import Course
from autograder.errors import UserError
from autograder.grading.batch import Batch
from autograder.grading.built import load
from autograder.grading.grade import Grader
from autograder.grading.plan import plan
from autograder.grading.runs import planned
from autograder.inbox.reading import read_notebook
from autograder.sandbox.client import Sandbox
from autograder.sandbox.steps import Case, Cell
from autograder.status import Status
from checks.bench.meter import Peak, Usage, measure, memory_of, tree_memory

REPEATS = 3
FIRST_CHECK = Path(__file__).with_name("first_check.py")
EMPTY = [Cell("empty", "pass")]
# A student's kernel has none of our compiler switches.
AS_STUDENTS = {"XLA_FLAGS": ""}


@dataclass(frozen=True)
class Warm:
    """A complete right submission in a sandbox that is ready, graded more than once before."""

    cases: int
    fork_cpu: float  # a submission of one empty cell
    cells_cpu: float  # the student's cells, no cases
    total_cpu: float
    wall: float
    idle_memory: int  # bytes: PSS of a waiting worker
    peak_memory: int

    @property
    def cpu_per_case(self) -> float:
        """CPU seconds beyond the fork, the student's cells included, for each case."""
        return (self.total_cpu - self.fork_cpu) / self.cases


@contextlib.contextmanager
def open_grader(course: Course, practical: str) -> Iterator[Grader]:
    """A grader with a sandbox of its own, after the one-time preparation of `autograder grade`."""
    loaded = {practical: load(course, course.choose(practical))}
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(Batch(course, loaded, Path(folder))) as batch,
    ):
        batch.prove(lambda text: None)
        yield batch.grader(practical)


def solution(course: Course, practical: str) -> bytes:
    """The reference solution as somebody would hand it in."""
    return (course.solutions(practical) / f"{practical}.ipynb").read_bytes()


def steps_of(grader: Grader, data: bytes) -> list[Cell | Case]:
    """What the sandbox is asked to run for a submission, before any follow-through."""
    laid_out = plan(read_notebook(data), grader.practical)
    return [run.asked for run in planned(laid_out.steps, grader.tests)]


def warm_submission(course: Course, practical: str) -> Warm:
    """Measure the reference solution as a submission."""
    with open_grader(course, practical) as grader:
        sandbox, steps = grader.sandbox, steps_of(grader, solution(course, practical))
        cells = [step for step in steps if isinstance(step, Cell)]
        _refuse_failures(steps, sandbox.run(steps, practical))
        idle = tree_memory(os.getpid()) - memory_of(os.getpid())
        fork = [cpu_of(sandbox, EMPTY, practical) for _ in range(REPEATS)]
        bare = [cpu_of(sandbox, cells, practical) for _ in range(REPEATS)]
        runs = [_watched(sandbox, steps, practical) for _ in range(REPEATS)]
    totals, walls, peaks = zip(*runs)
    cases, median = len(steps) - len(cells), statistics.median
    return Warm(cases, median(fork), median(bare), median(totals), median(walls), idle, max(peaks))


def _refuse_failures(steps, outcomes):
    for step, outcome in zip(steps, outcomes):
        if outcome.status != Status.OK:
            raise UserError(f"the solution's {step} ends as {outcome.status}: {outcome.failure}")


def cpu_of(sandbox: Sandbox, steps: list[Cell | Case], practical: str) -> float:
    """CPU seconds of one run of these steps, its fork included."""
    sandbox.run(steps, practical)
    return sandbox.cpu_seconds


def _watched(sandbox, steps, practical):
    """(CPU seconds, wall seconds, peak bytes) of one run."""
    peak, started = Peak(os.getpid()), time.monotonic()
    cpu = cpu_of(sandbox, steps, practical)
    wall = time.monotonic() - started
    peak.stop()
    return cpu, wall, peak.worker


# ---------------------------------------------------------------- as students see it


@dataclass(frozen=True)
class Check:
    """The first and the second check of one exercise; no seconds where it came to no end."""

    status: str
    first: float | None = None
    second: float | None = None


def first_checks(course: Course, practical: str) -> dict[str, Check]:
    """By exercise: the seconds of `grader.check` on the solution in a kernel that has only imported."""
    parsed = read_practical(course.choose(practical))
    wanted = before_checks(parsed)
    setup = next(cell for cell in parsed.cells if cell.kind == "provided").source
    with _student_folder(course, practical) as folder:
        asked = folder / "asked.json"
        asked.write_text(json.dumps({"setup": setup, "exercises": wanted}))
        measure([sys.executable, str(FIRST_CHECK), asked.name], folder, AS_STUDENTS)
        found = json.loads((folder / "first_check.json").read_text())
    return {name: Check(one["status"], *one["seconds"] or ()) for name, one in found.items()}


def before_checks(practical: Practical) -> dict[str, list[str]]:
    """By exercise, the sources of what its check needs after the setup: given cells and solutions."""
    given = [cell for cell in practical.cells if cell.kind == "provided"][1:]
    found = {}
    for name, exercise in practical.exercises.items():
        needed = _needed(practical, name)
        cells = practical.cells[: practical.cells.index(exercise.solution) + 1]
        found[name] = [c.source for c in cells if c in given or (c.kind == "solution" and c.id in needed)]  # fmt: skip
    return found


def _needed(practical, name) -> set[str]:
    needs = practical.exercises[name].needs
    return {name}.union(*(_needed(practical, need) for need in needs))


def whole_notebook(course: Course, practical: str) -> Usage:
    """The solution notebook from its first cell to its last, demos included."""
    with _student_folder(course, practical) as folder:
        command = [sys.executable, "-m", "jupyter", "execute", f"{practical}.ipynb"]
        return measure(command, folder, AS_STUDENTS)


@contextlib.contextmanager
def _student_folder(course, practical):
    """A copy of the release with the solution in the notebook's place."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / practical
        shutil.copytree(course.release(practical), folder)
        (folder / f"{practical}.ipynb").write_bytes(solution(course, practical))
        yield folder
