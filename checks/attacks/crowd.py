"""`python -m checks.attacks.crowd`: how long honest students wait in a class full of attackers.

Thirty honest submissions are graded alone, then among thirty of the attacks that take most of a
machine, in random order, with the limits of a real class. Until the last honest one is done.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.grading.batch import Batch
from autograder.grading.built import load_all
from autograder.inbox.find import find_submissions
from autograder.sandbox.steps import DEFAULT, Limits
from autograder.status import Status
from autograder.testing.small import build_small
from checks.attacks import hostile, trial

STUCK = {Status.TIMED_OUT, Status.OUT_OF_MEMORY, Status.CRASHED}


@dataclass(frozen=True)
class Waited:
    """Points of each honest student, and seconds until the last of them was done."""

    points: dict[str, float]
    seconds: float


def main() -> None:
    """Print both times; exit with 1 if any honest student got other points."""
    parser = argparse.ArgumentParser(prog="python -m checks.attacks.crowd", description=__doc__)
    parser.add_argument("--students", type=int, default=30, help="honest ones, and attackers (30)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crowd-", ignore_cleanup_errors=True) as folder:
        course = build_small(Path(folder) / "course")
        alone, among = compare(course, Path(folder), asked.students)
    print(f"{asked.students} honest submissions alone: done after {alone.seconds:.0f} s")
    print(
        f"among as many of the worst attacks: the last one done after {among.seconds:.0f} s, "
        f"{among.seconds / alone.seconds:.1f} times as long"
    )
    differing = [s for s, points in alone.points.items() if among.points.get(s) != points]
    print(f"with other points: {', '.join(differing) or 'nobody'}")
    sys.exit(bool(differing))


def compare(
    course: Course, folder: Path, count: int, limits: Limits = DEFAULT
) -> tuple[Waited, Waited]:
    """So many honest students alone, and among as many attackers."""
    honest = list(_honest(course, count))
    worst = [a for a in hostile.attacks([], [], []) if STUCK & set(a.fault)]
    chosen = random.Random(3).choices(worst, k=count)
    solution = trial.solution(course)
    hostile_files = [(f"hostile {n:02}", a.data(solution) + b" " * n) for n, a in enumerate(chosen)]
    return (
        _grade(course, folder / "alone", honest, limits),
        _grade(course, folder / "among", [*honest, *hostile_files], limits),
    )


def _honest(course, count) -> Iterator[tuple[str, bytes]]:
    files = [data for _, data in trial.honest_files(course)]
    for number in range(count):
        yield f"honest {number:02}", files[number % len(files)] + b" " * number


def _grade(course, folder, files, limits) -> Waited:
    """Until the last honest one is done; what is left then is given up."""
    for name, data in files:
        trial.hand_in(folder / "class", name, data)
    left, points = {name for name, _ in files if name.startswith("honest")}, {}
    with closing(Batch(course, load_all(course, None), folder / "grades", limits)) as batch:
        batch.prove(lambda text: None)
        _, tasks = batch.prepare(find_submissions(folder / "class", [trial.PRACTICAL]))
        random.Random(1).shuffle(tasks)
        started, pool = time.monotonic(), batch.pool(2)
        for results in batch.grade(tasks, pool):
            for result in results:
                if result.student in left:
                    left.remove(result.student)
                    points[result.student] = result.points
            if not left:
                break
        seconds = time.monotonic() - started
    pool.close()
    return Waited(points, seconds)


if __name__ == "__main__":
    main()
