"""The command line: ten lines a verb, and the one place where errors become a line and an exit code."""

import enum
import signal
import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from autograder.course import Course, course_at
from autograder.errors import Stopped, UserError
from autograder.lms import TAKING_BACK
from autograder.names import printable
from autograder.sandbox.steps import Limits

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Build the workbook, and grade what students hand in.",
)

Practical = Annotated[
    str | None, typer.Option("--assignment", "-a", help="One practical, e.g. 02.")
]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Submissions graded at once; as many as cores by default.")
]
Best = Annotated[
    bool,
    typer.Option(
        "--best", help="Of several attempts the best counts, not the latest; all are kept."
    ),
]
Watch = Annotated[
    bool,
    typer.Option(
        "--watch", help="Go on: grade what arrives or changes until Ctrl-C, keep pages current."
    ),
]
Downloads = Annotated[
    bool,
    typer.Option(
        "--downloads", help="The folder holds zips that an LMS made of whole classes; open them."
    ),
]
Grades = Annotated[Path, typer.Argument(help="What autograder grade wrote.")]


# A value an LMS that takes files back: "canvas" for Canvas.
Lms = enum.StrEnum("Lms", {name.upper(): name.lower() for name in TAKING_BACK})  # type: ignore[misc]
For = Annotated[Lms, typer.Option("--for", help="Where the file goes.")]


def _name(lms):
    return next(name for name in TAKING_BACK if name.lower() == lms)


def _say_version(asked: bool) -> None:
    if asked:
        print(f"autograder {metadata.version('autograder')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_say_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
) -> None:
    pass


def course_here() -> Course:
    """The workbook that the current folder lies in."""
    return course_at(Path.cwd())


@app.command()
def build(
    practical: Annotated[
        str | None, typer.Argument(help="One practical, e.g. 02; all without it.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail when a built file is stale.")
    ] = False,
) -> None:
    """Make source/NN/, release/ and solutions/ from source/NN_name.py and tests/."""
    from autograder.authoring import build as b

    course = course_here()
    paths = course.chosen(practical)
    if not check:
        for path in paths:
            b.build(course, path)
    elif problems := b.all_stale(course, paths):
        raise UserError("\n".join(problems))
    else:
        print(f"{len(paths)} practical{'s' * (len(paths) > 1)} up to date")


@app.command("try")
def try_(
    practical: Annotated[str, typer.Argument(help="One practical, e.g. 02.")],
    exercise: Annotated[str, typer.Argument(help="One exercise, e.g. causal_mask.")],
    watch: Annotated[
        bool, typer.Option("--watch", help="Try again whenever a file of it is saved.")
    ] = False,
) -> None:
    """Try one exercise: its solution, blank, known mistakes and accepted variants, in seconds."""
    from autograder.authoring.try_ import keep_trying, try_exercise

    course = course_here()
    path = course.choose(practical)
    if watch:
        keep_trying(course, path, exercise)
    elif not try_exercise(course, path, exercise):
        raise typer.Exit(1)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Two digits and a name, e.g. 07_diffusion.")],
) -> None:
    """Write a small practical that builds, to be changed into another one."""
    from autograder.authoring.new import new_practical

    for line in new_practical(course_here(), name):
        print(line)


@app.command()
def grade(
    submissions: Annotated[
        Path, typer.Argument(help="A folder of notebooks or zips, or one file.")
    ],
    assignment: Practical = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where results go.")] = Path(
        "grades"
    ),
    workers: Workers = None,
    cell_seconds: Annotated[
        float, typer.Option(min=1, help="How long one cell may run.")
    ] = Limits.cell_seconds,
    case_seconds: Annotated[
        float, typer.Option(min=1, help="How long one test case may run.")
    ] = Limits.case_seconds,
    scheduler: Annotated[
        str, typer.Option(help="Grade on a dask cluster: its scheduler's address.")
    ] = "",
    cluster: Annotated[
        str, typer.Option(help="local:4 grades with four dask workers of this machine.")
    ] = "",
    best: Best = False,
    downloads: Downloads = False,
    watch: Watch = False,
) -> None:
    """Grade a class; a second run grades only what changed."""
    from autograder.grading.classroom import grade_class
    from autograder.grading.watch import watch_class
    from autograder.report.pages import write_class_pages
    from autograder.report.terminal import show_arrivals, show_class

    limits = Limits(cell_seconds=cell_seconds, case_seconds=case_seconds)
    place = (course_here(), submissions, assignment, output)
    if scheduler and cluster:
        raise UserError("name one of --scheduler and --cluster")
    if cluster and not cluster.startswith("local:"):
        raise UserError("--cluster is local: and a number; another cluster is a --scheduler")
    if watch and (scheduler or cluster):
        raise UserError("a folder is watched from this machine alone: leave out the cluster")
    how = (write_class_pages, workers, limits)
    if not watch:
        show_class(grade_class(*place, *how, scheduler or cluster, best, downloads))
        return
    try:
        show_arrivals(watch_class(*place, *how, best, downloads))
    except Stopped:  # that is how it ends
        print("stopped watching; results and pages are up to date", file=sys.stderr)


@app.command()
def check(
    notebook: Annotated[Path, typer.Argument(help="A notebook, or a zip with one.")],
    assignment: Practical = None,
) -> None:
    """Grade one notebook as the batch would, and print what was found."""
    from autograder.grading.classroom import grade_one
    from autograder.report.terminal import show_findings

    show_findings(grade_one(course_here(), notebook, assignment))


@app.command()
def collect(
    downloads: Annotated[
        list[Path],
        typer.Argument(help="Folders or zips from Canvas, Moodle, Blackboard, Gradescope."),
    ],
    assignment: Practical = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="nbgrader's folder.")] = Path(
        "submitted"
    ),
    replace: Annotated[
        bool, typer.Option("--replace", help="Let a newer notebook take an older one's place.")
    ] = False,
) -> None:
    """Put what was downloaded from an LMS into submitted/STUDENT/NN_name/, for nbgrader."""
    from autograder.grading.built import load_all
    from autograder.lms.collect import collect as collect_

    for line in collect_(downloads, load_all(course_here(), assignment), output, replace):
        print(line)


@app.command()
def export(
    for_: For,
    grades: Grades = Path("grades"),
    assignment: Practical = None,
    gradebook: Annotated[
        Path | None, typer.Option(help="The CSV that Canvas or Moodle gave out, to be filled in.")
    ] = None,
    column: Annotated[
        str | None, typer.Option(help="The column of Canvas's gradebook that the practical is.")
    ] = None,
    core: Annotated[
        bool, typer.Option("--core", help="Leave out the exercises that go further.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file; canvas.csv or moodle.csv.")
    ] = None,
) -> None:
    """Write grades as a CSV that Canvas or Moodle takes."""
    from autograder.lms.grades import export_grades

    file = output or Path(f"{for_}.csv")
    for line in export_grades(_name(for_), grades, assignment, gradebook, column, core, file):
        print(line)


@app.command()
def feedback(
    for_: For,
    grades: Grades = Path("grades"),
    assignment: Practical = None,
    downloads: Annotated[
        Path | None, typer.Option(help="What was downloaded, if grades are of submitted/.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The zip; feedback_canvas.zip or so.")
    ] = None,
) -> None:
    """Zip students' pages so that Canvas or Moodle gives them back."""
    from autograder.lms.feedback import zip_feedback

    file = output or Path(f"feedback_{for_}.zip")
    for line in zip_feedback(_name(for_), grades, assignment, downloads, file):
        print(line)


@app.command("import")
def import_(
    grades: Annotated[Path, typer.Argument(help="A folder of results.")] = Path("grades"),
    assignment: Practical = None,
) -> None:
    """Put the batch's results into nbgrader's gradebook."""
    from autograder.doors.nbgrader.gradebook import import_results

    course = course_here()
    names = [path.stem for path in course.chosen(assignment)]
    for line in import_results(course, grades, names):
        print(line)


@app.command()
def package(
    practical: Annotated[str, typer.Argument(help="One practical, e.g. 02.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The zip; 02-autograder.zip or so.")
    ] = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Grade with our own engine, answers out of reach.")
    ] = False,
) -> None:
    """Make the autograder zip for Gradescope and otter run."""
    from autograder.doors.otter.package import package as package_

    for line in package_(course_here(), practical, output, sandbox):
        print(line)


@app.command()
def sample(
    students: Annotated[int, typer.Option(min=1, help="How many.")] = 24,
    seed: Annotated[int, typer.Option(help="Another seed, another class.")] = 1,
    assignment: Practical = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the notebooks go.")] = Path(
        "submitted"
    ),
) -> None:
    """Make a synthetic class: right, blank, each known mistake, accepted variants, crashes."""
    from autograder.sample import make_class

    course = course_here()
    for path in course.chosen(assignment):
        made = make_class(course, path.stem, students, seed, output / path.stem)
        print(f"{path.stem}: {len(made)} submissions in {output / path.stem}")


def main() -> None:
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    try:
        app()
    except UserError as error:
        print(*map(printable, str(error).split("\n")), sep="\n", file=sys.stderr)
        sys.exit(error.exit_code)
    except Stopped as stop:
        print(f"stopped; {_what_stays(sys.argv[1:])}", file=sys.stderr)
        sys.exit(128 + stop.args[0])


def _what_stays(words: list[str]) -> str:
    """What a command that was stopped has kept."""
    if words[:1] == ["grade"]:
        return "the same command goes on where this one ended"
    if words[:1] == ["build"]:
        return "nothing was replaced; answers recorded so far are kept, the same command goes on"
    return "nothing is half written"


def _stop(number, frame):
    signal.signal(number, signal.SIG_DFL)  # a second one ends it at once
    raise Stopped(number)


if __name__ == "__main__":
    main()
