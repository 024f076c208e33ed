"""The same submissions through each engine, round by round: figures, and whether the scores agree."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.course import Course
from autograder.sample import Student
from checks.bench import machine
from checks.bench.engines import OURS, PLAIN, SWITCHED, Engine, Ours, Scores
from checks.bench.meter import Usage

NOTE = """\
One after the other, each in fresh processes, on this machine. `autograder grade` runs two workers in
sandboxes after its one-time preparation (once after each edit: the line below); the other two have
no workers. No engine has seen the answers before. The peers' second rows have our compiler switches
in their environment, which anybody could set. All three skip demo cells and run the same
cases, compared in process by otter and nbgrader. Wall and CPU seconds are for each submission, the
least and the most of the rounds; ratios take the least. CPU is user + system time of all processes.
Memory is the largest sum of PSS seen, two looks a second: of all processes, and of one that the
command started with everything below it (a worker's sandbox, a kernel)."""


@dataclass
class Row:
    """An engine in an environment: what each round used, and the scores of the last."""

    engine: Engine
    name: str
    env: Mapping[str, str]
    used: list[Usage] = field(default_factory=list)
    scores: Scores = field(default_factory=dict)

    def run(self) -> None:
        """Grade everything once more."""
        self.used.append(self.engine.run(self.env))
        self.scores = self.engine.scores()

    def least(self, of: str) -> float:
        """The least of the rounds."""
        return min(getattr(usage, of) for usage in self.used)

    def most(self, of: str) -> float:
        """The most of the rounds."""
        return max(getattr(usage, of) for usage in self.used)


def compare(
    course: Course,
    practical: str,
    students: Sequence[Student],
    rounds: int,
    peers: Sequence[type[Engine]],
    folder: Path,
    console: Console,
    switches: bool = True,
) -> list[Row]:
    """Grade the same submissions with each engine, round by round; print and return the figures.

    `switches`: the peers once more, with our compiler switches.
    """
    console.print(f"{machine.describe()}; load {machine.load()}")
    if machine.is_busy():
        busy = "the machine is busy with other things: wall seconds say little, CPU seconds more"
        console.print(busy, style="yellow")
    rows = []
    for make in (Ours, *peers):
        console.print(f"{practical[:2]}: preparing {make.name} …", style="dim")
        engine = make(course, practical, list(students), folder / make.__name__)
        engine.prepare()
        rows.append(Row(engine, make.name, OURS if make is Ours else PLAIN))
        if make is not Ours and switches:
            rows.append(Row(engine, f"{make.name} with our switches", SWITCHED))
    for number in range(rounds):
        for row in rows:
            row.run()
            used = row.used[-1]
            console.print(
                f"{practical[:2]}: round {number + 1}, {row.name}: "
                f"{used.wall:.0f} s wall, {used.cpu:.0f} s CPU",
                style="dim",
            )
    console.print(_table(f"{practical}: each of {len(students)} submissions", rows, len(students)))
    console.print(f"{NOTE}\nLoad afterwards: {machine.load()}; noise: {_noise(rows)}.", style="dim")
    for line in agreement(rows):
        console.print(line)
    _ours_alone(console, rows[0].engine)
    return rows


def _table(title: str, rows: Sequence[Row], count: int) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(no_wrap=True)
    for column in ("wall s", "CPU s", "wall ×", "CPU ×", "peak MB", "a worker's MB"):
        table.add_column(column, justify="right", no_wrap=True)
    ours = rows[0]
    for row in rows:
        table.add_row(
            row.name,
            _range(row.least("wall") / count, row.most("wall") / count),
            _range(row.least("cpu") / count, row.most("cpu") / count),
            f"{row.least('wall') / ours.least('wall'):.1f}",
            f"{row.least('cpu') / ours.least('cpu'):.1f}",
            f"{row.most('memory') / 1e6:.0f}",
            f"{row.most('worker') / 1e6:.0f}",
        )
    return table


def _range(least, most):
    return f"{least:.2f}" if least == most else f"{least:.2f}–{most:.2f}"


def _noise(rows):
    if len(rows[0].used) == 1:
        return "unknown of one round"
    wall, cpu = (max(row.most(of) / row.least(of) for row in rows) - 1 for of in ("wall", "cpu"))
    return f"rounds of one engine differ by at most {wall:.0%} in wall and {cpu:.0%} in CPU time"


def agreement(rows: Sequence[Row]) -> Iterator[str]:
    """Whether every exercise of every student got the same points, engine by engine."""
    ours = rows[0].scores
    students = len({student for student, _ in ours})
    for row in rows[1:]:
        differing = list(differences(ours, row.scores))
        verdict = f"{len(differing)} differences" if differing else "the same points"
        what = f"{len(ours)} scores ({students} students, quizzes included)"
        yield f"{row.name}: {verdict} in {what}"
        yield from (f"  {line}" for line in differing)


def differences(ours: Scores, theirs: Scores) -> Iterator[str]:
    """A line for each exercise whose points differ or are missing."""
    for student, exercise in sorted(ours.keys() | theirs.keys()):
        here, there = (scores.get((student, exercise)) for scores in (ours, theirs))
        if here is None or there is None or abs(here - there) > 1e-6:
            yield f"{student} {exercise}: {here} here, {there} there"


def _ours_alone(console, ours):
    first, results = ours.first, ours.results()
    console.print(
        f"first grading after an edit, one submission and all preparation: "
        f"{first.wall:.1f} s wall, {first.cpu:.1f} s CPU"
    )
    for kind in ("known", "unseen"):
        if own := [result for result in results if result.student.startswith(kind)]:
            cpu = statistics.median(r.cpu_seconds for r in own)
            cases = [r.cpu_seconds / sum(len(e.cases) for e in r.exercises) for r in own]
            console.print(
                f"{kind} answers in a worker, fork and follow-through included: median {cpu:.2f} s CPU, "
                f"{1000 * statistics.median(cases):.1f} ms a case; "
                f"longest {max(r.seconds for r in own):.2f} s wall"
            )
