"""Grading as a person sees it: a progress bar, a summary table, one notebook's findings."""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from autograder.course import Course
from autograder.errors import Stopped
from autograder.grading.batch import Batch, alone, pool
from autograder.grading.built import load_all
from autograder.grading.result import Result
from autograder.inbox.find import find_submissions
from autograder.names import printable
from autograder.report.pages import write_class_pages
from autograder.sandbox.steps import DEFAULT, Limits
from autograder.status import Status

STYLES = {Status.PASSED: "green", Status.NOT_STARTED: "dim", Status.PARTLY: "yellow"}


def grade_class(
    course: Course,
    place: Path,
    wanted: str | None,
    output: Path,
    workers: int | None,
    limits: Limits = DEFAULT,
) -> None:
    """Grade everything in a place, write results and pages, print a summary."""
    console = Console()
    loaded = load_all(course, wanted)
    submissions = find_submissions(place, loaded)
    for line in _about(submissions):
        console.print(escape(line), soft_wrap=True)
    with alone(output):
        with _batch(course, loaded, output, console, limits) as batch:
            done, tasks = batch.prepare(submissions)
            if tasks:
                batch.warm(console.print, (task.practical for task in tasks))
            done += _with_progress(console, batch, tasks, workers or os.cpu_count() or 1)
            if batch.reused:
                console.print(
                    f"{batch.reused} of {len(submissions)} had not changed and were not graded again"
                )
        titles = {name: each.material.practical.title for name, each in loaded.items()}
        for name in loaded:
            if results := [result for result in done if result.practical == name]:
                write_class_pages(results, output, titles[name])
                _summary(console, titles[name], results, output / name)


def _about(submissions):
    """Which zips were opened as downloads of a class, and which attempts don't count."""
    opened = Counter((s.path, s.origin.lms) for s in submissions if s.member and s.origin)
    for (path, lms), count in opened.items():
        yield f"{printable(path.name)} is a download from {lms} with {count} submissions"
    for submission in submissions:
        if submission.older:
            files = ", ".join(PurePath(file).name for file in submission.older)
            yield f"{printable(submission.student)}: earlier attempts don't count: {printable(files)}"


@contextmanager
def _batch(course, loaded, output, console, limits=DEFAULT) -> Iterator[Batch]:
    batch = Batch(course, loaded, output, limits)
    try:
        yield batch
    finally:
        batch.close()
        if batch.isolation == "process":
            console.print(
                "[yellow]graded without bubblewrap, at the level *process only* of SECURITY.md: "
                "apt-get install bubblewrap brings the rest[/]"
            )


def _with_progress(console, batch, tasks, workers):
    results = []
    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    executor = pool(min(workers, max(len(tasks), 1)))
    try:
        with Progress(*columns, console=console) as progress:
            bar = progress.add_task("grading", total=sum(len(task.submissions) for task in tasks))
            for new in batch.grade(tasks, executor):
                results += new
                progress.advance(bar, len(new))
    except Stopped:
        batch.close()  # so that what is being graded ends now
        raise
    finally:
        executor.shutdown(cancel_futures=True)
    return results


def _summary(console, title, results, folder):
    table = Table(title=f"{title}: {len(results)} submissions", title_justify="left")
    table.add_column("status")
    table.add_column("submissions", justify="right")
    table.add_column("mean points", justify="right")
    for status, count in Counter(result.status for result in results).most_common():
        points = [result.points for result in results if result.status == status]
        table.add_row(status, str(count), f"{sum(points) / count:.1f} of {results[0].max_points:g}")
    console.print(table)
    for result in results:
        if result.reason and result.status != Status.BLANK:
            line = f"  {printable(result.student)}: {result.status}: {printable(result.reason)}"
            console.print(escape(line), soft_wrap=True)
    console.print(
        f"class report: {folder / 'report.html'}   grades: {folder / 'grades.csv'}", soft_wrap=True
    )


def check_one(course: Course, notebook: Path, wanted: str | None) -> None:
    """Grade one notebook and print what was found, exercise by exercise."""
    console = Console()
    loaded = load_all(course, wanted)
    with (
        tempfile.TemporaryDirectory() as folder,
        _batch(course, loaded, Path(folder), console) as batch,
    ):
        done, tasks = batch.prepare(find_submissions(notebook, loaded))
        if tasks:
            batch.warm(console.print, (task.practical for task in tasks))
        with pool(1) as executor:
            done += [result for new in batch.grade(tasks, executor) for result in new]
    for result in done:
        _print_result(console, result)


def _print_result(console, result: Result):
    console.print(
        f"[bold]{escape(printable(result.file))}[/]: {result.status}, {result.points:g} of {result.max_points:g} points"
    )
    for text in filter(None, (result.reason, *result.warnings)):
        console.print(escape(f"  {printable(text)}"))
    for exercise in result.exercises:
        style = STYLES.get(exercise.status, "red")
        console.print(
            f"[{style}]{exercise.name}[/]: {exercise.status}, {exercise.points:g} of {exercise.max_points:g}"
        )
        for case in exercise.cases:
            if exercise.status != Status.NOT_STARTED and case.status != Status.PASSED:
                message = f": {printable(case.message)}" if case.message else ""
                console.print(escape(f"    ✗ {case.title}{message}"))
        hint = exercise.unsaid_hint and f"Hint: {exercise.unsaid_hint}"
        for text in filter(None, (hint, exercise.note)):
            console.print(escape(f"    {text}"))
