"""`python -m checks.bench`: the table of three graders for each practical, and what one submission costs."""

import argparse
import signal
import statistics
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from autograder.course import Course
from autograder.errors import UserError
from checks.bench import single
from checks.bench.compare import compare
from checks.bench.engines import Nbgrader, Otter
from checks.bench.submissions import make_submissions

PEERS = (Otter, Nbgrader)
QUICK = {"students": 4, "rounds": 1, "peers": False}
WHOLE = {"students": 12, "rounds": 2, "peers": True}


def main() -> None:
    """Run the benchmark that the command line asks for."""
    asked = _options().parse_args()
    for name, value in (QUICK if asked.quick else WHOLE).items():
        if getattr(asked, name) is None:
            setattr(asked, name, value)
    course, console = Course(Path.cwd()), Console(soft_wrap=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that it ends what it started
    try:
        for path in course.chosen(asked.practical):
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                students = make_submissions(course, path.stem, asked.students)
                peers = PEERS if asked.peers else ()
                compare(course, path.stem, students, asked.rounds, peers, Path(folder), console)
                one_submission(console, course, path.stem, demos=not asked.quick)
    except UserError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("ended before its time: figures of what was done stand above")


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m checks.bench", description=__doc__)
    parser.add_argument("--practical", help="one practical, e.g. 02; all without it")
    parser.add_argument("--students", type=_above_0, help="submissions of each practical (12)")
    parser.add_argument("--rounds", type=_above_0, help="how often each engine grades them (2)")
    peers = argparse.BooleanOptionalAction
    parser.add_argument("--peers", action=peers, help="with otter run and nbgrader autograde")
    quick = "4 submissions, 1 round, no peers, no demos, unless another option says otherwise"
    parser.add_argument("--quick", action="store_true", help=quick)
    return parser


def _above_0(text):
    if not (text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r}: write a whole number above 0")
    return int(text)


def one_submission(console: Console, course: Course, practical: str, demos: bool) -> None:
    """Print what a right submission costs, how long a student's checks take and, with demos, the notebook."""
    warm = single.warm_submission(course, practical)
    console.print(
        f"a complete right submission: {warm.wall:.2f} s wall, {warm.total_cpu:.2f} s CPU, "
        f"of which {warm.fork_cpu:.2f} s its fork and {warm.cells_cpu - warm.fork_cpu:.2f} s its cells"
    )
    console.print(
        f"CPU a case beyond the fork: {1000 * warm.cpu_per_case:.1f} ms ({warm.cases} cases)"
    )
    console.print(
        f"its worker's memory (PSS): {warm.idle_memory / 1e6:.0f} MB waiting, {warm.peak_memory / 1e6:.0f} MB at most"
    )
    checks = single.first_checks(course, practical)
    for label, which in (("the first time, in a fresh kernel", "first"), ("again", "second")):
        console.print(f"grader.check {label}: {_latency(checks, which)}")
    for name, check in checks.items():
        if check.status not in ("right", "answered"):
            console.print(f"  {name}: {check.status}")
    if demos:
        notebook = single.whole_notebook(course, practical)
        console.print(
            f"the solution notebook, demos included: {notebook.wall:.0f} s wall, {notebook.cpu:.0f} s CPU"
        )


def _latency(checks: Mapping[str, single.Check], which: str) -> str:
    found = {name: getattr(check, which) for name, check in checks.items()}
    seconds = {name: one for name, one in found.items() if one is not None}
    if not seconds:
        return "no exercise came to an end"
    worst = max(seconds, key=seconds.__getitem__)
    median = statistics.median(seconds.values())
    within = sum(s <= 0.3 for s in seconds.values())
    return (
        f"median {median:.3f} s, worst {seconds[worst]:.3f} s ({worst}); "
        f"{within} of {len(seconds)} within 0.3 s"
    )


if __name__ == "__main__":
    main()
