"""`python -m checks.bench`: the table of three graders, and what one submission costs."""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.course import Course
from autograder.errors import UserError
from autograder.sample import draw_class
from checks.bench import single
from checks.bench.engines import Engine, Nbgrader, Otter, Ours, Scores
from checks.bench.meter import Usage

# Everyone here finishes, so that all three engines do.
KINDS = ("right", "mistakes", "accepted", "mistakes", "partial", "mistakes", "blank", "right")
SEED = 7
NOTE = """\
One after the other, each in fresh processes, on the same machine. `autograder grade` runs two
workers in sandboxes, with its compiled programs ready (making them, once after each edit, is the
line below); the other two have no workers and no cache of compiled programs. All three skip demo
cells and run the same cases, compared in process by otter and nbgrader. CPU is user + system time
of all processes; memory is the largest sum of PSS over all processes, seen four times a second."""


def main() -> None:
    """Run the benchmark that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m checks.bench", description=__doc__)
    parser.add_argument("--students", type=int, default=12, help="how many submissions (12)")
    parser.add_argument("--practical", default="02", help="which practical (02)")
    asked = parser.parse_args()
    course = Course(Path.cwd())
    try:
        practical = course.choose(asked.practical).stem
        with tempfile.TemporaryDirectory() as folder:
            bench(course, practical, asked.students, Path(folder), Console(soft_wrap=True))
    except UserError as error:
        sys.exit(str(error))


def bench(course: Course, practical: str, count: int, folder: Path, console: Console) -> None:
    """Measure and print everything."""
    kinds = [KINDS[n % len(KINDS)] for n in range(count)]
    students = draw_class(course, practical, kinds, SEED)
    engines = [
        make(course, practical, students, folder / make.__name__)
        for make in (Ours, Otter, Nbgrader)
    ]
    used = {}
    for engine in engines:
        console.print(f"{engine.name} …", style="dim")
        engine.prepare()
        used[engine] = engine.run()
    console.print(_table(f"{practical}: each of {count} submissions", used, count))
    console.print(NOTE, style="dim")
    _agreement(console, engines)
    _first_time(console, engines[0])
    _one_submission(console, course, practical)


def _table(title: str, used: dict[Engine, Usage], count: int) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(no_wrap=True)
    for column in ("wall s", "CPU s", "wall ×", "CPU ×", "peak MB"):
        table.add_column(column, justify="right")
    ours = next(iter(used.values()))
    for engine, usage in used.items():
        table.add_row(
            engine.name,
            f"{usage.wall / count:.2f}",
            f"{usage.cpu / count:.2f}",
            f"{usage.wall / ours.wall:.1f}",
            f"{usage.cpu / ours.cpu:.1f}",
            f"{usage.memory / 1e6:.0f}",
        )
    return table


def _agreement(console: Console, engines: list[Engine]) -> None:
    """Whether every exercise of every student got the same points three times."""
    ours, *others = [engine.scores() for engine in engines]
    for engine, theirs in zip(engines[1:], others):
        lines = list(_differences(ours, theirs))
        verdict = "the same points" if not lines else f"{len(lines)} differences"
        console.print(
            f"{engine.name}: {verdict} for {len(ours)} exercises of {len({s for s, _ in ours})} students"
        )
        for line in lines:
            console.print(f"  {line}", style="red")


def _differences(ours: Scores, theirs: Scores):
    for student, exercise in sorted(ours.keys() | theirs.keys()):
        here, there = (scores.get((student, exercise)) for scores in (ours, theirs))
        if here is None or there is None or abs(here - there) > 1e-6:
            yield f"{student} {exercise}: {here} here, {there} there"


def _first_time(console: Console, ours: Ours) -> None:
    first = ours.first
    console.print(
        f"first grading after an edit, one submission: {first.wall:.1f} s wall, {first.cpu:.1f} s CPU"
    )
    seconds = [result.seconds for result in ours.results()]
    console.print(
        f"a submission in its worker: median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s"
    )


def _one_submission(console: Console, course: Course, practical: str) -> None:
    warm = single.warm_submission(course, practical)
    console.print(
        f"a complete submission, warm: {warm.wall:.2f} s wall, {warm.total_cpu:.2f} s CPU, "
        f"of which {warm.fork_cpu:.2f} s its fork and {warm.cells_cpu - warm.fork_cpu:.2f} s its cells"
    )
    console.print(
        f"CPU a case beyond the fork: {1000 * warm.cpu_per_case:.1f} ms ({warm.cases} cases)"
    )
    console.print(
        f"a worker's memory (PSS): {warm.idle_memory / 1e6:.0f} MB waiting, {warm.peak_memory / 1e6:.0f} MB at most"
    )
    seconds = single.check_latency(course, practical)
    slowest = max(seconds, key=seconds.get)
    console.print(
        f"grader.check once compiled: median {statistics.median(seconds.values()):.3f} s, "
        f"longest {seconds[slowest]:.3f} s ({slowest})"
    )
    notebook = single.whole_notebook(course, practical)
    console.print(
        f"the solution notebook, demos included: {notebook.wall:.0f} s wall, {notebook.cpu:.0f} s CPU"
    )


if __name__ == "__main__":
    main()
