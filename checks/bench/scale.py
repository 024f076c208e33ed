"""`python -m checks.bench.scale`: ten thousand submissions on a cluster whose workers only pretend.

Scheduler, workers, client and files are real; a worker sleeps a little and gives back a result of
the usual size. So this measures what everything but grading costs, and where one coordinator ends.
"""

import argparse
import functools
import json
import resource
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil

from autograder.course import Course
from autograder.grading.batch import alone
from autograder.grading.built import Loaded, load_all
from autograder.grading.cluster import Cluster, ClusterBatch
from autograder.grading.packed import kept_course
from autograder.grading.remote import Order
from autograder.grading.result import CaseResult, ExerciseResult, Result
from autograder.inbox.find import find_submissions
from autograder.report.pages import write_class_pages
from autograder.status import Status
from autograder.testing.lab import Lab
from checks.bench.meter import memory_of

MESSAGE = "the values differ: 0.25 at [1, 2] where something else was expected, and 11 more"


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m checks.bench.scale", description=__doc__)
    parser.add_argument("--submissions", type=int, default=10_000, help="how many (10 000)")
    parser.add_argument("--practical", default="02", help="whose results they have (02)")
    parser.add_argument("--threads", type=int, default=32, help="graded at once (32)")
    parser.add_argument("--seconds", type=float, default=0.02, help="each takes (0.02)")
    parser.add_argument("--pages", action="store_true", help="write reports and feedback, too")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for line in simulate(Course(Path.cwd()), asked, Path(folder)):
            print(line, flush=True)


def simulate(course: Course, asked: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Grade a class that many; a line for each figure."""
    loaded = load_all(course, asked.practical)
    [name] = loaded
    hand_in(course, name, asked.submissions, folder / "class")
    with closing(Lab(folder / "lab")) as lab:
        scheduler = lab.start_scheduler()
        lab.start_worker(threads=asked.threads)
        batch = Pretending(lab.address, course, loaded, folder / "out", asked.seconds)
        yield f"{asked.submissions} submissions, {asked.threads} threads, {asked.seconds:g} s each"
        with alone(folder / "out"):
            yield from _grade(batch, find_submissions(folder / "class", loaded), scheduler.pid)
        yield from _folder(folder / "out", asked.submissions)
        again = Pretending(lab.address, course, loaded, folder / "out", asked.seconds)
        with taken() as used:
            done, tasks = again.prepare(find_submissions(folder / "class", loaded))
        assert not tasks
        yield f"a second run, in which nothing changed: {used()}"
    if asked.pages:
        with taken() as used:
            write_class_pages(done, folder / "out", name)
        yield f"pages: {used()}"


def hand_in(course: Course, name: str, count: int, folder: Path) -> None:
    """Write the solution notebook, without outputs, that many times; no two the same."""
    notebook = json.loads((course.solutions(name) / f"{name}.ipynb").read_text("utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
    folder.mkdir()
    for number in range(count):
        notebook["metadata"]["number"] = number
        (folder / f"student_{number:05}.ipynb").write_text(json.dumps(notebook))


class PretendingCluster(Cluster):
    """A cluster whose workers grade nothing."""


class Pretending(ClusterBatch):
    """A batch on it."""

    def __init__(self, address, course, loaded, output, seconds):
        super().__init__(address, course, loaded, output)
        self._seconds = seconds

    def pool(self, workers: int) -> Cluster:
        """The cluster's workers, which take so long."""
        PretendingCluster.task = functools.partial(pretend, self._seconds)
        return PretendingCluster(self._address, self._order, self._packed)


def pretend(seconds: float, order: Order, data: bytes, practical: str, key: str) -> bytes:
    """What a worker does: nothing for a while, and then a result as long as usual."""
    time.sleep(seconds)
    with _lock:  # the first thread makes it
        packed = _recorded(order.course, practical)
    return packed.replace(b"THE KEY", key.encode())


_lock = threading.Lock()


@functools.cache
def _recorded(digest, practical) -> bytes:
    course = kept_course(digest)
    assert course
    loaded = load_all(course, practical)[practical]
    return recorded(loaded).pack()


def recorded(loaded: Loaded) -> Result:
    """A result in which every third case fails."""
    practical = loaded.material.practical
    result = Result(practical.name, "", "", Status.GRADED, max_points=practical.points)
    result.key = "THE KEY"
    for name, facts in practical.exercises.items():
        cases = [
            CaseResult(c.name, c.title, c.hidden, Status.FAILED, 0, c.points, MESSAGE)
            if number % 3 == 0
            else CaseResult(c.name, c.title, c.hidden, Status.PASSED, c.points, c.points)
            for number, c in enumerate(loaded.material.tests[name].cases)
        ]
        points = sum(case.points for case in cases)
        exercise = ExerciseResult(name, facts.title, Status.PARTLY, points, facts.points, cases)
        result.exercises.append(exercise)
    result.points = sum(exercise.points for exercise in result.exercises)
    return result


@contextmanager
def taken() -> Iterator:
    """Gives a function that says how long something took, once it has ended."""
    wall, cpu = time.monotonic(), time.process_time()
    used: list[float] = []
    yield lambda: "{:.1f} s wall, {:.1f} s CPU".format(*used)
    used += [time.monotonic() - wall, time.process_time() - cpu]


def _grade(batch, submissions, scheduler) -> Iterator[str]:
    with taken() as used:
        done, tasks = batch.prepare(submissions)
    yield f"reading what there is to grade: {used()}"
    me, other = psutil.Process(), psutil.Process(scheduler)
    before = [sum(each.cpu_times()[:2]) for each in (me, other)]
    started, count, largest = time.monotonic(), 0, 0
    with closing(batch.pool(0)) as pool:
        for results in batch.grade(tasks, pool):
            assert all(result.status == Status.GRADED for result in results), results[0].reason
            done += results
            count += len(results)
            largest = max(largest, memory_of(scheduler) if count % 100 == 0 else 0)
        wall = time.monotonic() - started
        peak = 1000 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        ours, theirs = (sum(p.cpu_times()[:2]) - b for p, b in zip((me, other), before))
    yield f"grading: {wall:.1f} s, {count / wall:.0f} submissions a second"
    yield f"coordinator: {1000 * ours / count:.1f} ms CPU a submission, {peak / 1e6:.0f} MB at most"
    yield f"scheduler: {1000 * theirs / count:.1f} ms CPU a submission, {largest / 1e6:.0f} MB at most"
    yield f"so one coordinator ends at some {count / ours:.0f} submissions a second"


def _folder(output, count) -> Iterator[str]:
    sizes = [path.stat().st_size for path in output.rglob("*.json")]
    assert len(sizes) == count
    yield f"results: {sum(sizes) / 1e6:.0f} MB, {sum(sizes) / count / 1e3:.0f} kB each"


if __name__ == "__main__":
    from checks.bench import scale  # workers know its functions by this name

    scale.main()
