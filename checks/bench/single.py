"""One submission, one check, one notebook: what each costs when everything is compiled."""

import contextlib
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.material import read_material
from autograder.cache import Cache
from autograder.course import Course
from autograder.errors import UserError
from autograder.grading.plan import plan
from autograder.inbox.reading import read_notebook
from autograder.sandbox.client import Sandbox
from autograder.sandbox.steps import Case, Cell
from autograder.status import Status
from checks.bench.meter import Peak, Usage, measure, memory_of, tree_memory

REPEATS = 3

CHECK_LATENCY = """
import contextlib, io, json, sys, time
import nbformat

notebook = nbformat.read(sys.argv[1], 4)
names = {"__name__": "__main__"}
seconds = {}
for cell in notebook.cells:
    facts = cell.metadata.get("nbgrader")
    if facts and not facts["grade"]:
        exec(cell.source, names)
    elif facts:
        exercise = cell.id.removeprefix("check_")
        with contextlib.redirect_stdout(io.StringIO()):
            first = names["grader"].check(exercise, global_env=names)
            assert first.status == "right", first
            start = time.perf_counter()
            names["grader"].check(exercise, global_env=names)
            seconds[exercise] = time.perf_counter() - start
print(json.dumps(seconds), file=open("latency.json", "w"))
"""


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


def warm_submission(course: Course, practical: str) -> Warm:
    """Measure the reference solution as a submission; needs a filled compilation cache."""
    cells, steps = _steps(course, practical)
    with Sandbox({practical: course.release(practical)}, cache=Cache().folder) as sandbox:
        _refuse_failures(steps, sandbox.run(steps, practical))
        idle = tree_memory(os.getpid()) - memory_of(os.getpid())
        fork = [_cpu(sandbox, [Cell("empty", "pass")], practical) for _ in range(REPEATS)]
        bare = [_cpu(sandbox, cells, practical) for _ in range(REPEATS)]
        runs = [_watched(sandbox, steps, practical) for _ in range(REPEATS)]
    totals, walls, peaks = zip(*runs)
    cases = sum(isinstance(step, Case) for step in steps)
    median = statistics.median
    return Warm(cases, median(fork), median(bare), median(totals), median(walls), idle, max(peaks))


def _steps(course, practical):
    """A right submission's cells alone, and with every case in its place."""
    material = read_material(course, course.root / "source" / f"{practical}.py")
    notebook = course.solutions(practical) / f"{practical}.ipynb"
    planned = plan(read_notebook(notebook.read_bytes()), material.practical)
    steps = []
    for step in planned.steps:
        if step.kind == "cases":
            steps += [Case(step.id, c.name, c.source) for c in material.tests[step.id].cases]
        else:
            steps.append(Cell(step.id, step.source))
    return [step for step in steps if isinstance(step, Cell)], steps


def _refuse_failures(steps, outcomes):
    for step, outcome in zip(steps, outcomes):
        if outcome.status != Status.OK:
            raise UserError(f"the solution's {step} ends as {outcome.status}: {outcome.failure}")


def _cpu(sandbox, steps, practical):
    sandbox.run(steps, practical)
    return sandbox.cpu_seconds


def _watched(sandbox, steps, practical):
    """(CPU seconds, wall seconds, peak bytes) of one run."""
    peak, started = Peak(os.getpid()), time.monotonic()
    cpu = _cpu(sandbox, steps, practical)
    wall = time.monotonic() - started
    return cpu, wall, peak.stop() - memory_of(os.getpid())


def check_latency(course: Course, practical: str) -> dict[str, float]:
    """Seconds that a second `grader.check` of a right answer takes, by exercise."""
    with _student_folder(course, practical) as folder:
        (folder / "latency.py").write_text(CHECK_LATENCY)
        measure([sys.executable, "latency.py", f"{practical}.ipynb"], folder)
        return json.loads((folder / "latency.json").read_text())


def whole_notebook(course: Course, practical: str) -> Usage:
    """The solution notebook from its first cell to its last, demos included."""
    with _student_folder(course, practical) as folder:
        command = [sys.executable, "-m", "jupyter", "execute", f"{practical}.ipynb"]
        return measure(command, folder)


@contextlib.contextmanager
def _student_folder(course, practical):
    """A copy of the release with the solution in the notebook's place."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / practical
        shutil.copytree(course.release(practical), folder)
        shutil.copy(course.solutions(practical) / f"{practical}.ipynb", folder)
        yield folder
