"""`python -m checks.attacks.elsewhere`: the same attacks under `otter run` and `nbgrader autograde`.

Both run the student's code in the process, or beside the files, that decide the score. Each grades
one submission at a time here, inside a container of its own (bubblewrap: nothing but its folder can
be written, no network, two minutes of time), because the attacks are real. Those that would wear out
the machine, bombs of memory, processes and disk, are left out. Ours grades them as in the tests.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.errors import UserError
from autograder.sample import Student
from autograder.testing.small import build_small
from checks.attacks import hostile, trial
from checks.attacks.evidence import marks
from checks.bench.engines import BIN, Engine, Nbgrader, Otter

SECONDS = 120
HARMLESS = ("a loop", "sleep", "os._exit", "a fault in C", "a wait for input")  # exhausting ones
MARKS = "marks.txt"
# Before an attack's own code: what it finds is also written down.
PRELUDE = f"""
def print(*words, _print=print, **options):
    if words and str(words[0]).split()[0:1] in (['FOUND'], ['REACHED']):
        with open({{place!r}} + '/{MARKS}', 'a') as file:
            file.write(str(words) + chr(10))
    _print(*words, **options)
"""


@dataclass(frozen=True)
class Fate:
    """What came of an attack."""

    points: float | None  # None: no row
    saw: bool

    def words(self, attack: hostile.Attack) -> list[str]:
        """What of it should never happen."""
        return [
            *["no row"] * (self.points is None),
            *["gained points"] * (self.points is not None and self.points > attack.points),
            *["saw what is hidden"] * self.saw,
        ]


def main() -> None:
    """Print how each grader did with each family; every success of an attack with -v."""
    parser = argparse.ArgumentParser(prog="python -m checks.attacks.elsewhere")
    parser.add_argument("-v", action="store_true", help="say which attack did what")
    parser.add_argument("--only", default="", help="attacks with this in their name")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="elsewhere-", dir="/var/tmp") as folder:
        try:
            _compare(Path(folder), asked, Console(soft_wrap=True))
        except UserError as error:
            sys.exit(str(error))


def _compare(folder, asked, console):
    course = build_small(folder / "course")
    shutil.copy(Path(__file__).parents[2] / "otter_config.json", course.root)
    attacks = [a for a in hostile.attacks(trial.needles(course), trial.hidden_cases(course), []) if _taken(a) and asked.only in a.name]  # fmt: skip
    fates = {
        "ours, bubblewrap": _ours(course, folder / "walled", attacks, "bubblewrap"),
        "ours, process only": _ours(course, folder / "bare", attacks, "process"),
    }
    with ThreadPoolExecutor(2) as pool:
        theirs = {
            "otter run": pool.submit(_theirs, Otter, course, folder / "otter", attacks, _otter_points),
            "nbgrader autograde": pool.submit(_theirs, Nbgrader, course, folder / "nbgrader", attacks, _nb_points),
        }  # fmt: skip
    fates |= {grader: future.result() for grader, future in theirs.items()}
    console.print(_table(attacks, fates))
    for grader, found in fates.items() if asked.v else ():
        for attack in attacks:
            if words := found[attack.name].words(attack):
                console.print(f"{grader}: {attack.family}: {attack.name}: {', '.join(words)}")


def _taken(attack):
    if attack.family == "exhaust":
        return attack.name in HARMLESS
    return attack.family in ("read", "forge")


def _table(attacks, fates):
    table = Table(title="attacks that succeeded", title_justify="left")
    for column in ("family", "attacks", *fates):
        table.add_column(column)
    for family, count in Counter(a.family for a in attacks).items():
        cells = []
        for found in fates.values():
            seen = Counter(w for a in attacks if a.family == family for w in found[a.name].words(a))
            cells.append(", ".join(f"{n} {what}" for what, n in seen.items()) or "0")
        table.add_row(family, str(count), *cells)
    return table


# ---------------------------------------------------------------- ours


def _ours(course, folder, attacks, level):
    held = trial.Trial(course, folder / "grades", level)
    try:
        held.prove(lambda text: None)
        solution = trial.solution(course)
        submissions = [
            trial.hand_in(folder / "class", f"hostile {n:03}", a.data(solution), a.suffix)
            for n, a in enumerate(attacks)
        ]
        seen = held.grade_in_order(submissions)
    finally:
        held.close()
    found = (seen[each.student] for each in submissions)
    return {a.name: Fate(s.result.points, bool(marks(s))) for a, s in zip(attacks, found)}


# ---------------------------------------------------------------- theirs


def _theirs(make, course, folder, attacks, points):
    students = list(_students(course, folder, attacks))
    engine: Engine = make(course, trial.PRACTICAL, students, folder)
    engine.prepare()
    fates = {}
    for attack, student in zip(attacks, engine.students):
        place = folder / "marks" / student.name
        place.mkdir(parents=True)
        made = points(engine, student.name)
        fates[attack.name] = Fate(made, (place / MARKS).exists())
    return fates


def _students(course, folder, attacks):
    """The same submissions, which write down what they find."""
    solution = trial.solution(course)
    for number, attack in enumerate(attacks):
        name = f"hostile_{number:03}"
        prelude = PRELUDE.format(place=str(folder / "marks" / name))
        cells = attack.cells | {hostile.VICTIM: prelude + attack.cells[hostile.VICTIM]}
        yield Student(name, "hostile", data=replace(attack, cells=cells).data(solution))


def _otter_points(engine, name):
    command = [str(BIN / "otter"), "run", "--no-logo", "-a", "../autograder.zip"]
    _contained([*command, "-o", ".", f"{name}.ipynb"], engine.folder / name, engine.folder)
    return _sum(engine, name)


def _nb_points(engine, name):
    command = [str(BIN / "nbgrader"), "autograde", engine.practical, "--student", name]
    _contained(command, engine.folder, engine.folder)
    return _sum(engine, name)


def _sum(engine, name):
    """Points of one student; None when the grader has none."""
    alone = type(engine).__new__(type(engine))
    alone.__dict__ |= engine.__dict__ | {"students": [s for s in engine.students if s.name == name]}
    try:
        return sum(alone.scores().values())
    except Exception:  # no results file, no submission in the database
        return None


def _contained(command, folder, writable):
    """Run a grader where nothing but its folder can be written, for two minutes."""
    walls = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/", "/"]
    walls += ["--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--tmpfs", "/dev/shm"]
    walls += ["--bind", str(writable), str(writable), "--setenv", "HOME", "/tmp", "--chdir", str(folder)]  # fmt: skip
    environment = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"}
    with (folder / "said.log").open("ab") as log:
        process = subprocess.Popen([*walls, "--", *command], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # fmt: skip
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
