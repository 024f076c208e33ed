"""The same scores whatever the load: `python -m checks.load` grades one class again and again.

With 1, 2, 4 and 8 submissions at once and in another order each time: not one score, status,
message or hint may differ.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from autograder.course import Course, course_at
from autograder.grading.batch import Batch
from autograder.grading.built import Loaded, load_all
from autograder.inbox.find import find_submissions
from autograder.sample import draw_class
from autograder.sandbox.steps import Limits

WORKERS = (1, 2, 4, 8)
KINDS = (  # right, wrong, and whatever meets a limit or comes near one
    *("right", "mistakes", "accepted", "partial", "blank", "syntax_error", "unreadable"),
    *("endless_loop", "works", "sleeps", "huge_allocation", "memory_hog", "output_flood"),
    *("sys_exit", "os_exit", "segfault", "recursion", "exception", "prints", "mistakes"),
)
LIMITS = Limits(
    cell_seconds=4,
    case_seconds=4,
    submission_seconds=900,  # by the clock on the wall, waiting included: it is not to strike
    memory_bytes=512 << 20,  # a gigabyte that is new to a virtual machine takes seconds of its own
    output_bytes=10**6,
)


def hand_in(course: Course, practical: str, kinds: Sequence[str], folder: Path) -> None:
    """Write a class that holds these kinds of students, by number."""
    folder.mkdir()
    for student in draw_class(course, practical, kinds, seed=1):
        (folder / f"{student.name}_{student.kind}.ipynb").write_bytes(student.data)


def graded(
    course: Course, loaded: dict[str, Loaded], folder: Path, workers: int, seed: int, limits: Limits
) -> dict[str, dict]:
    """What is known of each student after grading the class from nothing, in this seed's order."""
    with (
        tempfile.TemporaryDirectory() as output,
        closing(Batch(course, loaded, Path(output), limits)) as batch,
    ):
        done, tasks = batch.prepare(find_submissions(folder, loaded))
        random.Random(seed).shuffle(tasks)
        with closing(batch.pool(workers)) as pool:
            for results in batch.grade(tasks, pool):
                done += results
        return {result.student: _without_times(result) for result in done}


def _without_times(result):
    data = asdict(result)
    data.pop("seen")
    for timed in (data, *data["exercises"]):
        timed.pop("seconds"), timed.pop("cpu_seconds", None)
    return data


def differences(one: object, other: object, place: str = "") -> Iterator[str]:
    """Each value that two results don't share, with its place."""
    if isinstance(one, dict) and isinstance(other, dict):
        pairs = [(key, one.get(key), other.get(key)) for key in {**one, **other}]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        named = [x.get("name", n) if isinstance(x, dict) else n for n, x in enumerate(one)]
        pairs = list(zip(named, one, other))
    else:
        if one != other:
            yield f"{place}: {one!r}, then {other!r}"
        return
    for key, a, b in pairs:
        yield from differences(a, b, f"{place} {key}".strip())


def compare(
    course: Course,
    practical: str,
    folder: Path,
    workers: Sequence[int] = WORKERS,
    limits: Limits = LIMITS,
    seed: int = 0,
) -> Iterator[tuple[int, float, list[str]]]:
    """Grade a class with each number of workers; what differs from the first time.

    Yields:
        (workers, seconds, differences) of each time.
    """
    loaded = load_all(course, practical)
    first: dict[str, dict] = {}
    for turn, count in enumerate(workers):
        started = time.monotonic()
        found = graded(course, loaded, folder, count, seed + turn, limits)
        first = first or found
        yield count, time.monotonic() - started, list(differences(first, found))


def main() -> None:
    """Several rounds on a practical's made-up class; exit code 1 when anything differed."""
    parser = argparse.ArgumentParser(prog="python -m checks.load", description=__doc__)
    parser.add_argument("practical", nargs="?", default="02")
    parser.add_argument("--times", type=int, default=10, help="rounds of 1, 2, 4 and 8 at once")
    wanted = parser.parse_args()
    course = course_at(Path.cwd())
    name = course.choose(wanted.practical).stem
    count, unlike = 0, 0
    with tempfile.TemporaryDirectory() as place:
        hand_in(course, name, KINDS, Path(place) / "class")
        turns = WORKERS * wanted.times
        for workers, seconds, found in compare(course, name, Path(place) / "class", turns):
            count, unlike = count + 1, unlike + bool(found)
            busy = os.getloadavg()[0]
            first = f"{workers} at once: {seconds:.0f} s, load {busy:.1f}, {len(found)} differ"
            print("\n  ".join([first, *found]), flush=True)
    print(f"{name}: {len(KINDS)} submissions graded {count} times, {unlike} times otherwise")
    sys.exit(unlike > 0)


if __name__ == "__main__":
    main()
