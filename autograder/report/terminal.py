"""Grading as a person sees it: a progress bar, a summary table, one notebook's findings."""

from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import datetime

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

from autograder.grading.classroom import Begun, Event, Finished, Graded, Note
from autograder.grading.result import Result
from autograder.names import printable
from autograder.status import Status

STYLES = {Status.PASSED: "green", Status.NOT_STARTED: "dim", Status.PARTLY: "yellow"}

Events = Generator[Event, None, None]


def show_class(events: Events) -> None:
    """Print what happens while a class is graded, and what came of it."""
    console = Console()
    with closing(events), _progress(console) as progress:
        for event in events:
            match event:
                case Begun(submissions):
                    progress.start()
                    bar = progress.add_task("grading", total=submissions)
                case Graded(results):
                    progress.start()  # again, where a note ended it
                    progress.advance(bar, len(results))
                case Note():
                    _end(progress)
                    _print_note(console, event)
                case Finished():
                    _end(progress)
                    _print_summary(console, event)


def show_arrivals(events: Events) -> None:
    """Print a line for each hand-in that is graded while a folder is watched."""
    console = Console()
    with closing(events):
        for event in events:
            match event:
                case Note():
                    _print_note(console, event)
                case Graded(results):
                    for result in results:
                        _print_arrival(console, result)


def show_findings(events: Events) -> None:
    """Print what was found in one notebook, exercise by exercise."""
    console = Console()
    with closing(events):
        for event in events:
            match event:
                case Note():
                    _print_note(console, event)
                case Finished(results=results):
                    for result in results:
                        _print_result(console, result)


@contextmanager
def _progress(console: Console) -> Iterator[Progress]:
    progress = Progress(
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
    )
    try:
        yield progress
    finally:
        _end(progress)


def _end(progress: Progress) -> None:
    """Stop the bar where there is one: stopping says a line each time."""
    if progress.live.is_started:
        progress.stop()


def _print_note(console, note: Note):
    style = "yellow" if note.warning else None
    console.print(escape(note.text), style=style, soft_wrap=True)


def _print_arrival(console, result: Result):
    said = f"{result.status}, {result.points:g} of {result.max_points:g} points"
    several = [n for n, attempt in enumerate(result.attempts, 1) if attempt.counts]
    counts = f" (attempt {several[0]} of {len(result.attempts)} counts)" if several else ""
    reason = f": {printable(result.reason)}" if result.reason else ""
    line = f"{datetime.now():%H:%M:%S} {printable(result.student)}: {said}{counts}{reason}"
    console.print(escape(line), soft_wrap=True, highlight=False)


def _print_summary(console, finished: Finished):
    results, folder = finished.results, finished.folder
    table = Table(title=f"{finished.title}: {len(results)} submissions", title_justify="left")
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
