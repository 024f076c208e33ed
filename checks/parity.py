"""One class through all four doors: `make parity` prints what each gives, and where they differ."""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from rich.console import Console
from rich.table import Table

from autograder.course import Course
from autograder.doors.otter.package import package
from autograder.grading.result import Result, load_results
from autograder.inbox.find import find_submissions
from autograder.sample import draw_class
from autograder.status import Status
from autograder.testing.programs import quick_environment

CHECK = re.compile(r"""^grader\.check\(["'](\w+)["']\)""", re.MULTILINE)
DOORS = ("notebook", "nbgrader", "otter")
# What students hand in: nothing that never ends, as other doors would wait for it.
FIRST = (
    *("right", "mistakes", "accepted", "partial", "blank", "duplicated_cell", "syntax_error"),
    *("sys_exit", "deleted_cell", "old_format", "colab", "unreadable", "wrong_practical"),
    *("exception", "warnings", "prints"),
)
REST = ("mistakes", "accepted", "partial")
# Why a door may say something else than the batch, by the batch's status of a submission.
NOT_OPENED = "a file that is no notebook, or another's, can only be refused there"
LIMIT = "nothing is limited there"
ENDS_IT = (Status.TIMED_OUT, Status.CRASHED, Status.OUT_OF_MEMORY)
LIMITED = (*ENDS_IT, Status.TOO_MUCH_OUTPUT)
FOLLOW_THROUGH = "follow-through is the batch's"
REASONS = {
    Status.UNREADABLE: {"notebook": NOT_OPENED, "otter": NOT_OPENED},
    Status.WRONG_PRACTICAL: {"notebook": NOT_OPENED, "otter": NOT_OPENED},
}


@dataclass
class Compared:
    """One submission: the batch's result, and what differs at each door, with the reason."""

    result: Result
    differs: dict[str, str] = field(default_factory=dict)


def compare(course: Course, name: str, students: int, folder: Path) -> Iterator[Compared]:
    """Grade a made-up class of a practical four times; yields each submission's comparison.

    `folder` is empty; all doors work in it. Whatever differs without a documented reason begins
    with "!".
    """
    _hand_in(course, name, students, folder / "class")
    handed_in = {s.student: s.path for s in find_submissions(folder / "class", [name])}
    batch = _batch(course, name, folder)
    gradebook = _nbgrader(course, name, handed_in, folder / "course")
    package(course, name[:2], folder / "autograder.zip", sandbox=False)
    for student, path in sorted(handed_in.items()):
        compared = Compared(batch[student])
        whole = {e.name: e for e in compared.result.exercises}
        found = {
            "nbgrader": gradebook.get(student),
            "otter": _otter(path, folder / "autograder.zip", folder / "otter" / student),
            "notebook": _notebook(course, name, path, folder / "notebook" / student),
        }
        for door in DOORS:
            if said := _difference(door, found[door], whole, compared.result):
                compared.differs[door] = said
        yield compared


def _difference(door, points, exercises, result):
    """What a door says otherwise, with the reason where there is a documented one."""
    if points is None:
        why = REASONS.get(result.status, {}).get(door)
        struck = [e.name for e in exercises.values() if e.status in ENDS_IT]
        why = why or (f"{LIMIT} ({', '.join(struck)})" if struck else "")
        return f"no score: {why}" if why else "! no score"
    odd = {}
    for name, exercise in exercises.items():
        expected, got = _expected(door, exercise), points.get(name)
        why = _why(door, exercise)
        if got is None or got != expected:
            odd.setdefault(why or "! not the same", []).append(f"{name} {got} for {expected:g}")
        elif exercise.own_points is not None and expected != exercise.points:
            odd.setdefault(FOLLOW_THROUGH, []).append(name)
    return "; ".join(f"{why}: {', '.join(sorted(which))}" for why, which in sorted(odd.items()))


def _expected(door, exercise):
    """The batch's points, without follow-through for otter; the notebook: all public cases pass."""
    if door == "notebook":
        return float(all(c.status == Status.PASSED for c in exercise.cases if not c.hidden))
    if door == "otter" and exercise.own_points is not None:
        return exercise.own_points
    return exercise.points


def _why(door, exercise):
    """The documented reason, if there is one, for which an exercise may be judged otherwise."""
    if door == "notebook" and exercise.own_points is not None:
        return FOLLOW_THROUGH
    return LIMIT if door != "nbgrader" and exercise.status in LIMITED else ""


# ---------------------------------------------------------------- the doors


def _hand_in(course, name, students, folder):
    kinds = [FIRST[n] if n < len(FIRST) else REST[n % len(REST)] for n in range(students)]
    folder.mkdir(parents=True)
    for student in draw_class(course, name, kinds, 1):
        (folder / f"{student.name}.ipynb").write_bytes(student.data)


def _run(folder, *command):
    return subprocess.run(
        command,
        cwd=folder,
        env=quick_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=7200,
    )


def _batch(course, name, folder):
    output = folder / "grades"
    _run(course.root, "autograder", "grade", folder / "class", "-a", name[:2], "-o", output)
    return {result.student: result for result in load_results(output / name)}


def _nbgrader(course, name, handed_in, root):
    """By student, the points of each exercise in nbgrader's gradebook, graded there anew."""
    from nbgrader.api import Gradebook

    for part in ("source", "tests", "release", "solutions"):
        shutil.copytree(course.root / part, root / part)
    for file in ("nbgrader_config.py", "requirements.txt"):
        shutil.copy(course.root / file, root)
    for student, path in handed_in.items():
        place = root / "submitted" / student / name
        place.mkdir(parents=True)
        shutil.copy(path, place / f"{name}.ipynb")
    _run(root, "nbgrader", "generate_assignment", "--force", name)
    _run(root, "nbgrader", "autograde", name)
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        return {
            s.student.id: {
                g.name.removeprefix("check_"): g.auto_score for g in s.notebooks[0].grades
            }
            for s in gradebook.assignment_submissions(name)
        }


def _otter(path, autograder, folder):
    """The points of each exercise that otter gives; None when it gives no score."""
    folder.mkdir(parents=True)
    shutil.copy(path, folder / "handed_in.ipynb")
    try:
        _run(folder, "otter", "run", "--no-logo", "-a", autograder, "-o", folder, "handed_in.ipynb")
    except subprocess.TimeoutExpired:
        return None
    file = folder / "results.json"
    if not file.exists():
        return None
    tests = json.loads(file.read_text())["tests"]
    return {t["name"]: float(t.get("score", 0)) for t in tests}


def _notebook(course, name, path, folder):
    """By exercise, 1 where the notebook's own check says right; None when it doesn't run."""
    shutil.copytree(course.release(name), folder)
    try:
        with warnings.catch_warnings(action="ignore"):  # of ids there twice, which it mends
            notebook = nbformat.read(path, 4)
    except Exception:
        return None
    cells = [c for c in notebook.cells if "otter_ignore" not in c.metadata.get("tags", ())]
    notebook.cells = cells
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(
        notebook, timeout=60, interrupt_on_timeout=True, allow_errors=True, resources=resources,
        kernel_name="python3",
    )  # fmt: skip
    try:
        client.execute(stderr=subprocess.DEVNULL)
    except DeadKernelError:
        return None
    return dict(_said(notebook))


def _said(notebook):
    """(exercise, 1 or 0) as the last check of each says; a cell may have lost its id."""
    for cell in notebook.cells:
        if check := CHECK.search(cell.source):
            text = "".join(
                o.data.get("text/plain", "") for o in cell.get("outputs", []) if "data" in o
            )
            exercise = check[1]
            yield exercise, float(f"{exercise}: right" in text or f"{exercise}: answered" in text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assignment", "-a", help="one practical, e.g. 02; all without it")
    parser.add_argument("--students", type=int, default=20)
    chosen = parser.parse_args()
    course = Course(Path.cwd())
    console, wrong = Console(), 0
    for path in course.chosen(chosen.assignment):
        table = Table("submission", "points", "at", "says", title=path.stem, title_justify="left")
        summary = {door: Counter() for door in DOORS}
        with tempfile.TemporaryDirectory() as folder:
            for one in compare(course, path.stem, chosen.students, Path(folder)):
                label = f"{one.result.student}, {one.result.status}"
                print(f"{path.stem[:2]} {label}: {one.differs or 'the same'}", file=sys.stderr)
                table.add_row(label, f"{one.result.points:g}")
                for door in DOORS:
                    said = one.differs.get(door, "the same")
                    wrong += said.startswith("!")
                    summary[door].update(part.split(": ")[0] for part in said.split("; "))
                    if door in one.differs:
                        table.add_row("", "", door, said)
        console.print(table)
        for door, counts in summary.items():
            said = ", ".join(f"{count} {what}" for what, count in counts.most_common())
            console.print(f"{path.stem[:2]} {door}: {said}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
