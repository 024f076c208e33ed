"""`python -m checks.attacks.endurance`: a large mixed class, graded once undisturbed and once killed.

The class is the small course's: every attack, every broken file, and made-up students. The second
grading is killed (SIGKILL) at random moments and started again; both must give the same rows.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil

from autograder.names import slug
from autograder.sample import FIRST, REST, draw_class
from autograder.testing.small import build_small
from checks.attacks import hostile, trial
from checks.attacks.commands import rows, start
from checks.attacks.evidence import hand_in_faulty

QUICK = ("--cell-seconds", "3", "--case-seconds", "3")  # so many would wait for the end


def main() -> None:
    """Exit code 1 when a row is missing or differs, or anything is left."""
    parser = argparse.ArgumentParser(prog="python -m checks.attacks.endurance")
    parser.add_argument("--submissions", type=int, default=500)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="endurance-") as folder:
        Path(folder).chmod(0o755)
        sys.exit(not _endure(Path(folder), asked))


def _endure(folder, asked):
    course = build_small(folder / "course")
    racy = _hand_in(course, folder, asked)
    (folder / "temporary").mkdir()
    (folder / "temporary").chmod(0o755)
    os.environ["TMPDIR"] = str(folder / "temporary")  # of the gradings
    print(f"{len(list((folder / 'class').iterdir()))} submissions", flush=True)
    undisturbed = _grade(course, folder, "undisturbed", 0, asked.seed)
    killed = _grade(course, folder, "killed", asked.kills, asked.seed)
    facts = [_facts(found, racy) for found in (undisturbed, killed)]
    differ = sorted(s for s in facts[0] | facts[1] if facts[0].get(s) != facts[1].get(s))
    left = _leftovers(folder)
    for name, found in (("undisturbed", undisturbed), ("killed", killed)):
        print(f"{name}: {len(found)} rows: {dict(Counter(r['status'] for r in found.values()))}")
    for student in differ:
        print(f"differs: {student}: {facts[0].get(student)} and {facts[1].get(student)}")
        for found in (undisturbed, killed):
            print(f"    {found.get(student)}")
    print(f"{len(differ)} rows differ; left behind: {left or 'nothing'}")
    return len(undisturbed) == len(killed) == asked.submissions and not differ and not left


def _hand_in(course, folder, asked):
    """Write the class; names of those whose end is a race between two limits."""
    place, outside = folder / "class", folder / "outside"
    outside.mkdir()
    outside.chmod(0o777)
    attacks = hostile.attacks(trial.needles(course), trial.hidden_cases(course), [str(outside)])
    racy = {attack.name for attack in attacks if len(attack.fault) != 1}
    names = hand_in_faulty(course, place, attacks)
    count = max(asked.submissions - len(names), 0)
    kinds = [FIRST[n] if n < len(FIRST) else REST[n % len(REST)] for n in range(count)]
    for student in draw_class(course, trial.PRACTICAL, kinds, asked.seed):
        trial.hand_in(place, student.name, student.data)
    return {slug(student) for student, (_, name) in names.items() if name in racy}


def _grade(course, folder, name, kills, seed):
    """The rows of a grading that is killed so many times."""
    output, moments, started = folder / name, random.Random(seed), time.monotonic()
    for number in range(kills):
        process = start(course, folder / "class", output, *QUICK)
        time.sleep(moments.uniform(2, 30))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        print(f"{name}: kill {number + 1} after {len(rows(output))} rows", flush=True)
    process = start(course, folder / "class", output, *QUICK)
    said = process.communicate()[0]
    print(f"{name}: exit code {process.returncode}, {time.monotonic() - started:.0f} s", flush=True)
    if process.returncode:
        print(said[-3000:])
    return rows(output)


def _facts(found, racy):
    return {
        student: (row["status"], row["points"])
        + (() if student in racy else (row["reason"], [e["status"] for e in row["exercises"]]))
        for student, row in found.items()
    }


def _leftovers(folder):
    """Sandboxes without a grader, and files outside of where results go."""
    orphans = {
        f"process {p.pid}: {p.info['cmdline'][:3]}"
        for p in psutil.process_iter(["cmdline"])
        if "zygote.py" in " ".join(p.info["cmdline"] or []) and not _has_grader(p)
    }
    places = [*(folder / "temporary").iterdir(), *(folder / "outside").iterdir()]
    return sorted(orphans | {str(path) for path in [*places, *folder.rglob("*.partial")]})


def _has_grader(process):
    """Whether a living Python holds it: a grader, or a test that runs beside this."""
    try:
        return any("python" in " ".join(p.cmdline()) for p in process.parents())
    except psutil.Error:
        return True  # it has ended


if __name__ == "__main__":
    main()
