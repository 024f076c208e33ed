"""`autograder try`: one exercise alone, its solution, blank, mistakes and accepted variants, in seconds."""

import difflib
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from workbook.assess import assess, judge_all
from workbook.key import Answers

from autograder.authoring import record, rules
from autograder.authoring.answers import open_desk
from autograder.authoring.depends import Dependencies
from autograder.authoring.material import Material, read_material
from autograder.course import Course
from autograder.errors import UserError
from autograder.status import Status

LOOK_EVERY = 0.3  # seconds, at the files while watching
OK, WRONG = "[green]✓[/]", "[red]✗[/]"


def try_exercise(course: Course, path: Path, wanted: str, console: Console | None = None) -> bool:
    """Print how an exercise fares; whether a build would take it.

    Raises UserError when the practical can't be read, or has no such exercise.
    """
    console, started = console or Console(), time.perf_counter()
    material = read_material(course, path)
    exercise = _exercise(material, wanted)
    needed = Dependencies(course, material)
    with open_desk(course, material, [exercise], needed) as desk:
        made = desk.record(exercise, thorough=False, edited=False)
    problems = made.problems + rules.exercise_problems(material, exercise)
    key = record.assemble(material.practical, desk.judges, {exercise: made})
    console.print(_headline(material, exercise), highlight=False)
    console.print(_table(key, material, exercise, made))
    for problem in problems:
        console.print(f"{WRONG} {escape(problem)}", highlight=False, soft_wrap=True)
    verdict = f"{WRONG} {len(problems)} to mend" if problems else f"{OK} a build would take it"
    console.print(f"{verdict}   {time.perf_counter() - started:.1f} s", highlight=False)
    return not problems


def keep_trying(course: Course, path: Path, wanted: str) -> None:
    """Try an exercise now, and again whenever a file that it may depend on is saved."""
    console = Console()
    while True:
        seen = _state(course, path)
        try:
            try_exercise(course, path, wanted, console)
        except UserError as error:
            console.print(f"{WRONG} {escape(str(error))}", highlight=False, soft_wrap=True)
        console.print("[dim]waiting for a file to be saved; Ctrl-C ends[/]")
        while _state(course, path) == seen:
            time.sleep(LOOK_EVERY)


def _state(course, path) -> dict[Path, tuple[int, int]]:
    """Every file of a practical's author, with its time and size."""
    files = [path, *course.tests(path.stem).rglob("*"), *course.source(path.stem).rglob("*")]
    state = {}
    for file in files:
        if file.suffix in (".py", ".toml"):
            facts = file.stat()
            state[file] = (facts.st_mtime_ns, facts.st_size)
    return state


def _exercise(material: Material, wanted: str) -> str:
    exercises = material.practical.exercises
    if wanted in exercises:
        return wanted
    close = difflib.get_close_matches(wanted, exercises, 1)
    hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(exercises)}"
    raise UserError(f"{material.practical.name} has no exercise {wanted!r}; {hint}")


# ---------------------------------------------------------------- what is printed


def _headline(material, name) -> str:
    facts, cases = material.practical.exercises[name], material.tests[name].cases
    public = sum(not case.hidden for case in cases)
    needs = f" · needs {', '.join(facts.needs)}" if facts.needs else ""
    return (
        f"[bold]{name}[/]: {escape(facts.title)} · {facts.points:g} points · {facts.minutes} minutes "
        f"· {len(cases)} cases, {public} public{needs}"
    )


def _table(key: Answers, material: Material, name: str, made: record.Recorded) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="dim")
    for title in ("", "tried", "what cases say", "hint from public cases"):
        table.add_column(title, overflow="fold")
    table.add_column("s", justify="right")
    for row in _rows(key, material, name, made):
        table.add_row(*row)
    return table


def _rows(key, material, name, made) -> Iterator[tuple[str, ...]]:
    cases = {case.name: case for case in material.tests[name].cases}
    for trial in made.trials:
        verdicts = judge_all(key, name, trial.outcomes)
        failing = [case for case, verdict in verdicts.items() if verdict.status != Status.PASSED]
        said = _said(failing, cases, verdicts, trial.kind)
        hint = ""
        if trial.kind == "mistake":
            public = {c: seen for c, seen in trial.outcomes.items() if not cases[c].hidden}
            hint = assess(key, name, public).hint or "[dim]none before handing in[/]"
        mark = OK if bool(failing) == (trial.kind in ("mistake", "blank")) else WRONG
        yield mark, f"{trial.kind}: {escape(trial.name)}", said, hint, f"{trial.seconds:.1f}"


def _said(failing, cases, verdicts, kind) -> str:
    if kind == "blank":
        return "not started" if len(failing) == len(cases) else "passes something"
    if not failing:
        return f"passes all {len(cases)} cases"
    if kind in ("solution", "accepted"):
        return escape("; ".join(f"{case}: {verdicts[case].message}" for case in failing))
    hidden = sum(cases[case].hidden for case in failing)
    public = [case for case in failing if not cases[case].hidden] or ["[yellow]no public case[/]"]
    return ", ".join(public) + (f" + {hidden} hidden" if hidden else "")
