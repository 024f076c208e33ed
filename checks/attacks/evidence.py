"""One trial from beginning to end: everybody graded together, and what was different afterwards."""

import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from autograder.course import Course
from autograder.inbox.find import find_submissions
from autograder.status import Status
from checks.attacks import broken, hostile, trial

LONGEST = trial.LIMITS.submission_seconds + 30  # the rest: starting and clearing sandboxes
MARKS = ("FOUND", "REACHED", "ESCAPED", "TOUCHED")


@dataclass(frozen=True)
class Evidence:
    """What came of each submission by name, and what a trial left."""

    hostile: dict[str, trial.Seen]
    after: dict[str, trial.Seen]  # who looked around after each persisting attack
    broken: dict[str, trial.Seen]
    honest: dict[str, trial.Seen]
    left: tuple[str, ...]  # processes that still ran, files that were new or changed
    printed: str  # by the command line, over the same results
    output: Path  # where results and pages lie


def hold(
    course: Course,
    folder: Path,
    level: str | None = None,
    wanted: Callable[[hostile.Attack], bool] = lambda attack: True,
    files: Iterable[broken.Broken] = broken.FILES,
    seed: int = 1,
) -> Evidence:
    """Grade all wanted attacks, these broken files and the honest together, in random order."""
    outside = folder / "outside"
    outside.mkdir(parents=True)
    outside.chmod(0o777)
    attacks = hostile.attacks(trial.needles(course), trial.hidden_cases(course), [str(outside)])
    place = folder / "class"
    names = hand_in_faulty(course, place, filter(wanted, attacks), files)
    for student, data in trial.honest_files(course):
        trial.hand_in(place, f"honest {student.name}", data)
        names[f"honest {student.name}"] = ("honest", student.name)
    held = trial.Trial(course, folder / "grades", level)
    held.prove(lambda text: None)
    before, running = _snapshot(outside, place, course.root), set(_zygotes())
    try:
        seen = held.grade_all(find_submissions(place, [trial.PRACTICAL]), seed)
        after = _look_after_each(held, course, folder / "pairs", filter(wanted, attacks))
    finally:
        held.close()
    running = [f"still running: {process}" for process in set(_zygotes()) - running]
    left = [*running, *_changes(before, _snapshot(outside, place, course.root))]
    printed = _command_line(course, place, folder / "grades")
    groups: dict[str, dict] = {"hostile": {}, "broken": {}, "honest": {}}
    for student, one in seen.items():
        group, name = names[student]
        groups[group][name] = one
    return Evidence(
        **groups, after=after, left=tuple(left), printed=printed, output=folder / "grades"
    )


def hand_in_faulty(
    course: Course,
    place: Path,
    attacks: Iterable[hostile.Attack],
    files: Iterable[broken.Broken] = broken.FILES,
) -> dict[str, tuple[str, str]]:
    """Write these attacks and broken files; by student, its group and name."""
    solution, names = trial.solution(course), {}
    for number, attack in enumerate(attacks):
        student = attack.student or f"hostile {number:03}"
        trial.hand_in(place, student, attack.data(solution), attack.suffix)
        names[student] = ("hostile", attack.name)
    for file in files:
        trial.hand_in(place, f"broken {file.name}", file.make(solution), file.suffix)
        names[f"broken {file.name}"] = ("broken", file.name)
    return names


def _look_after_each(held, course, place, attacks):
    """By attack, what an honest student sees who comes next in the same sandbox."""
    look = next(data for student, data in trial.honest_files(course) if "around" in student.name)
    submissions = []
    for attack in (a for a in attacks if a.family == "persist"):
        submissions.append(
            trial.hand_in(place, f"{attack.name}, 1", attack.data(trial.solution(course)) + b" ")
        )
        own = look + b" " * len(submissions)  # no two alike: each is graded
        submissions.append(trial.hand_in(place, f"{attack.name}, 2", own))
    seen = held.grade_in_order(submissions)
    return {name[:-3]: one for name, one in seen.items() if name.endswith(", 2")}


def marks(seen: trial.Seen) -> list[str]:
    """The words by which attacks report that they got somewhere."""
    text = seen.said.decode("latin-1")
    return [text[text.index(mark) :][:80].partition("\n")[0] for mark in MARKS if mark in text]


ENDS = (
    *(Status.FAILED, Status.ERROR, Status.PARTLY, Status.NOT_STARTED),
    *(Status.CRASHED, Status.TIMED_OUT, Status.OUT_OF_MEMORY),
)


def problems(attack: hostile.Attack, seen: trial.Seen) -> list[str]:
    """What came of an attack that should never happen; [] if it got what it deserves."""
    result, found = seen.result, list(marks(seen))
    if result.points > attack.points:
        found.append(f"gained {result.points - attack.points:g} points")
    if result.points < attack.points:
        found.append(f"cost its other exercises {attack.points - result.points:g} points")
    if result.status != attack.status or attack.reason not in result.reason:
        found.append(f"ended as {result.status}: {result.reason}")
    if result.seconds >= LONGEST:
        found.append(f"took {result.seconds:.0f} s")
    exercises = {e.name: e for e in result.exercises}
    if exercises and attack.points < 6:
        victim = exercises[hostile.VICTIM]
        ends = attack.fault or ENDS
        if (
            result.isolation == "process"
        ):  # its folder has no size of its own: time ends what fills it
            ends = (*ends, Status.TIMED_OUT)
        if victim.points or victim.status not in ends:
            found.append(f"its exercise ended as {victim.status} with {victim.points:g} points")
    return found


def _snapshot(*folders):
    """Files by path with a digest; where everybody writes, only what looks like an attack's."""
    found = {}
    for folder in folders:
        for path in (p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
            found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
    for folder in (tempfile.gettempdir(), "/dev/shm", "/var/tmp", Path.home(), "/", os.getcwd()):
        with contextlib.suppress(OSError):
            for name in os.listdir(folder):
                if "escaped" in name or "left_behind" in name:
                    found[f"{folder}/{name}"] = ""
    return found


def _changes(before, after):
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            yield f"changed: {path}"


def _zygotes():
    """Processes of sandboxes that this process has started; other tests may have their own."""
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "zygote.py" in " ".join(process.cmdline()):
                yield process


def _command_line(course, place, output):
    """What `autograder grade` prints when it finds these results done."""
    command = [sys.executable, "-m", "autograder.cli", "grade", str(place), "-o", str(output)]
    command += ["--cell-seconds", f"{trial.LIMITS.cell_seconds}"]
    command += ["--case-seconds", f"{trial.LIMITS.case_seconds}"]
    done = subprocess.run(command, cwd=course.root, capture_output=True, check=False, timeout=600)
    return (done.stdout + done.stderr).decode("utf-8", "backslashreplace")
