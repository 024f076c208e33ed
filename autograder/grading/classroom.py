"""A class from its folder to its pages, or one notebook; tells what happens while it happens.

Pages are made by whoever asks, as grading knows nothing of them.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath

from autograder.course import Course
from autograder.grading.batch import Batch, Task, alone
from autograder.grading.built import Loaded, load_all
from autograder.grading.cluster import ClusterBatch
from autograder.grading.result import Result
from autograder.inbox.find import find_submissions, unopened
from autograder.inbox.submission import Submission
from autograder.names import LONGEST_LINE, printable, short
from autograder.sandbox.steps import DEFAULT, Limits


@dataclass(frozen=True)
class Note:
    """A line for whoever waits."""

    text: str
    warning: bool = False


@dataclass(frozen=True)
class Begun:
    """So many submissions are graded now; the others had not changed."""

    submissions: int


@dataclass(frozen=True)
class Graded:
    """Some of them are done."""

    results: Sequence[Result]


@dataclass(frozen=True)
class Finished:
    """All of one practical is done; its pages are in the folder."""

    title: str
    results: Sequence[Result]
    folder: Path


Event = Note | Begun | Graded | Finished
WritePages = Callable[[Sequence[Result], Path, str], None]  # of one practical, with its title

UNPROTECTED = (
    "graded without bubblewrap, at the level *process only* of SECURITY.md: "
    "apt-get install bubblewrap brings the rest"
)


def grade_class(
    course: Course,
    place: Path,
    wanted: str | None,
    output: Path,
    write_pages: WritePages,
    workers: int | None = None,
    limits: Limits = DEFAULT,
    cluster: str = "",
    best: bool = False,
    downloads: bool = False,
) -> Generator[Event, None, None]:
    """Grade everything in a place; store results and pages. Closing the iterator ends it.

    `cluster` is a dask scheduler's address, or `local:4` for so many dask workers of this machine.
    `downloads` says that a folder holds the zips that an LMS made of whole classes.
    """
    loaded = load_all(course, wanted)
    submissions = find_submissions(place, loaded, downloads)
    yield from map(Note, about(submissions, best))
    with alone(output):
        facts = (course, loaded, output, limits)
        make = partial(ClusterBatch, cluster) if cluster else Batch
        with closing(make(*facts, best=best)) as batch:
            done = yield from _grade(batch, submissions, workers or os.cpu_count() or 1)
        for finished in by_practical(done, loaded, output):
            write_pages(finished.results, output, finished.title)
            yield finished


def grade_one(course: Course, notebook: Path, wanted: str | None) -> Generator[Event, None, None]:
    """Grade one notebook as the batch would; nothing of it stays."""
    loaded = load_all(course, wanted)
    with tempfile.TemporaryDirectory() as folder:
        with closing(Batch(course, loaded, Path(folder))) as batch:
            done = yield from _grade(batch, find_submissions(notebook, loaded), 1)
        yield from by_practical(done, loaded, Path(folder))


def about(submissions: Sequence[Submission], best: bool = False) -> Iterator[str]:
    """Which zips were opened as downloads of a class, and who has several attempts there."""
    opened = Counter((s.path, s.origin.lms) for s in submissions if s.member and s.origin)
    for (path, lms), count in opened.items():
        yield f"{printable(path.name)} is a download from {lms} with {count} submissions"
    for submission in submissions:
        if submission.older:
            files = ", ".join(PurePath(past.file).name for past in submission.older)
            what = "the best counts; earlier attempts:" if best else "earlier attempts don't count:"
            yield f"{printable(submission.student)}: {what} {short(files, LONGEST_LINE)}"
    yield from map(_not_opened, unopened(submissions))


def _not_opened(path):
    return (
        f"{printable(path.name)} has names as in a download of a whole class and is taken for one "
        "student's: if it is one, name the file itself, or say --downloads"
    )


def prepare(batch: Batch, submissions: Sequence[Submission]) -> tuple[list[Result], list[Task]]:
    """What holds already and what is left to grade; earlier attempts too where the best counts."""
    if not batch.attempts.best:
        return batch.prepare(submissions)
    earlier = batch.attempts.earlier(submissions, batch.loaded)
    done, tasks = batch.prepare([*submissions, *earlier])
    rules = {name: batch.rules(name) for name in batch.loaded}
    held, more = batch.prepare(batch.attempts.not_graded(rules))
    return [*done, *held], [*tasks, *more]


def _grade(
    batch: Batch, submissions: Sequence[Submission], workers: int
) -> Generator[Event, None, list[Result]]:
    """Grade what has changed; gives back the results of all."""
    done, tasks = prepare(batch, submissions)
    if tasks:
        yield from map(Note, batch.proving(task.practical for task in tasks))
    yield Begun(sum(len(task.submissions) for task in tasks))
    pool = batch.pool(min(workers, max(len(tasks), 1)))
    try:
        for results in batch.grade(tasks, pool):
            yield from (Note(text, warning=True) for text in pool.news())
            done += results
            yield Graded(results)
    except BaseException:  # also where somebody closes the iterator
        batch.close()  # so that what is being graded ends now
        raise
    finally:
        pool.close()
    if batch.reused:
        unchanged = f"{batch.reused} of {len(done)} had not changed"
        yield Note(f"{unchanged} and were not graded again")
    if batch.isolation == "process":
        yield Note(UNPROTECTED, warning=True)
    return batch.attempts.counting(done)


def by_practical(
    results: Iterable[Result], loaded: Mapping[str, Loaded], output: Path
) -> Iterator[Finished]:
    """The results of each practical that has any."""
    results = list(results)
    for name, each in loaded.items():
        if own := [result for result in results if result.practical == name]:
            yield Finished(each.material.practical.title, own, output / name)
