"""`python -m checks.attacks.siege`: the whole collection at every level that this machine offers.

For each level, and as root also for an ordinary user, all attacks, the broken files and honest
students are graded together, two at a time, and the table of SECURITY.md is printed: how many
attacks of each family got anywhere, and with -v which and what. An hour on two cores.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.course import Course
from autograder.errors import UserError
from autograder.sandbox import policy
from autograder.testing.small import build_small
from checks.attacks import hostile, trial
from checks.attacks.evidence import Evidence, hold, marks, problems

ROOT = Path(__file__).parents[2]
SOMEBODY = 4321  # any user number but root's and nobody's
LEVELS = {"bubblewrap": "bubblewrap", "process": "process only"}
Found = dict[str, dict[str, list[str]]]  # of each family, the attacks that got somewhere and how


def main() -> None:
    """Print the table, or, asked by itself, find what it shows of one level."""
    parser = argparse.ArgumentParser(prog="python -m checks.attacks.siege", description=__doc__)
    parser.add_argument("-v", action="store_true", help="say which attack did what")
    parser.add_argument("--only", default="", help="attacks with this in their family and name")
    parser.add_argument("--level", choices=LEVELS, help="this level alone")
    parser.add_argument("--held", metavar="FILE", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.held:
        Path(asked.held).write_text(json.dumps(_find(asked.level, asked.only)), encoding="utf-8")
        return
    console = Console(soft_wrap=True)
    found = {}
    for level in [asked.level] if asked.level else LEVELS:
        if level == "bubblewrap" and not policy.works():
            console.print("bubblewrap doesn't work here: its column is missing", style="yellow")
            continue
        for user in ("root", "an ordinary user") if os.geteuid() == 0 else ("an ordinary user",):
            name = f"{LEVELS[level]}, as {user}"
            console.print(f"{name} …", style="dim")
            found[name] = _as_user(user, level, asked.only)
    console.print(_table(found, asked.only))
    for name, families in found.items() if asked.v else ():
        for family, attacks in families.items() if isinstance(families, dict) else ():
            for attack, words in attacks.items():
                console.print(f"{name}: {family}: {attack}: {'; '.join(words)}", markup=False)
    sys.exit(any(not isinstance(f, dict) or any(f.values()) for f in found.values()))


def _table(found, only):
    attacks = [a for a in hostile.attacks([], [], []) if only in f"{a.family}: {a.name}"]
    table = Table(title="attacks that got somewhere", title_justify="left")
    for column in ("family", "attacks", *found):
        table.add_column(column)
    families = [f for f in hostile.FAMILIES if any(a.family == f for a in attacks)]
    for family in [*families, "honest students", "left behind"]:
        count = str(sum(a.family == family for a in attacks) or "")
        cells = (_cell(families, family) for families in found.values())
        table.add_row(family, count, *cells)
    return table


def _cell(families, family):
    return str(len(families.get(family, ()))) if isinstance(families, dict) else families


# ---------------------------------------------------------------- one level


def _find(level, only) -> Found:
    """What got anywhere at this level, for whoever runs this process."""
    with tempfile.TemporaryDirectory(prefix="siege-", ignore_cleanup_errors=True) as folder:
        course = build_small(Path(folder) / "course")
        place = Path(folder) / "trial"
        place.mkdir()
        held = hold(course, place, level, lambda a: only in f"{a.family}: {a.name}")
        return _gains(held, course, only)


def _gains(held: Evidence, course: Course, only: str) -> Found:
    found: Found = {}
    for attack in hostile.attacks(trial.needles(course), trial.hidden_cases(course), []):
        if only not in f"{attack.family}: {attack.name}":
            continue
        words = problems(attack, held.hostile[attack.name])
        if attack.family == "persist":
            after = held.after[attack.name]
            words += [f"the next student saw {mark}" for mark in marks(after)]
            if after.result.points != 6:
                words.append(f"the next student had {after.result.points:g} of 6 points")
        if words:
            found.setdefault(attack.family, {})[attack.name] = words
    for student in trial.HONEST:
        seen = held.honest[student.name]
        if seen.result.points != student.points or marks(seen):
            words = [f"{seen.result.points:g} of {student.points:g} points", *marks(seen)]
            found.setdefault("honest students", {})[student.name] = words
    if held.left:
        found["left behind"] = {str(n): [what] for n, what in enumerate(held.left)}
    return found


# ---------------------------------------------------------------- as whom


def _as_user(user: str, level: str, only: str) -> Found | str:
    """What got anywhere, or in a line why nothing could be tried."""
    with tempfile.TemporaryDirectory(
        prefix="siege-", dir="/var/tmp", ignore_cleanup_errors=True
    ) as folder:
        place = Path(folder)
        command = [sys.executable, "-m", "checks.attacks.siege", "--level", level]
        command += ["--only", only, "--held", str(place / "found.json")]
        ordinary = user != "root" and os.geteuid() == 0
        if ordinary:
            os.chown(place, SOMEBODY, SOMEBODY)
        walls = list(_readable(place, ordinary)) if os.geteuid() == 0 else []
        environment = os.environ | {"HOME": folder, "XDG_CACHE_HOME": folder, "TMPDIR": folder}
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "source")])
        done = subprocess.run(
            [*walls, *command], cwd=ROOT, env=environment, capture_output=True, check=False
        )
        with contextlib.suppress(OSError, ValueError):
            return json.loads((place / "found.json").read_text(encoding="utf-8"))
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or [""]
        return f"not tried: {said[-1] or done.returncode}"


def _readable(place: Path, ordinary: bool) -> Iterator[str]:
    """As root: a view of this machine in which everybody may pass the folders above Python.

    There root can hand its work to nobody, and an ordinary user can run at all.
    """
    if not shutil.which("bwrap"):
        raise UserError("as root this needs bubblewrap, to run as other users: install it")
    closed = {
        parent
        for path in (ROOT, *map(Path, (sys.prefix, sys.base_prefix, sys.executable)))
        for parent in (*path.resolve().parents, *path.parents)
        if not parent.stat().st_mode & 0o001
    }
    tops = [p for p in closed if not any(q in closed for q in p.parents)]
    yield from ("bwrap", "--dev-bind", "/", "/", "--die-with-parent")
    for top in tops:
        yield from _opened(top)
    yield from ("--bind", str(place), str(place))
    yield from "--cap-add ALL --".split()
    if ordinary:
        yield from f"setpriv --reuid {SOMEBODY} --regid {SOMEBODY} --clear-groups".split()
        yield from "--bounding-set -all --inh-caps -all --".split()


def _opened(top: Path) -> Sequence[str]:
    """The folder with only Python, this environment and this checkout in it, for everybody to pass."""
    shown = {Path(p).resolve() for p in (ROOT, sys.prefix, sys.base_prefix)}
    inside = sorted(p for p in shown if top in p.parents)
    folders = sorted({q for p in inside for q in p.parents if top in q.parents})
    words = ["--perms", "0755", "--tmpfs", str(top)]
    for folder in folders:
        words += ["--perms", "0755", "--dir", str(folder)]
    for path in inside:
        words += ["--ro-bind", str(path), str(path)]
    return words


if __name__ == "__main__":
    main()
