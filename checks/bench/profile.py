"""`python -m checks.bench.profile 02`: where the CPU time of one submission goes, in one sandbox child.

The sandbox itself is asked: cells of ours before, between and after the submission's read clocks in
its child. JAX's own events, which are wall time, give the shares of tracing, lowering and compiling;
a second run under cProfile, which slows Python down, gives those of modules.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.course import Course
from autograder.errors import UserError
from autograder.sandbox.client import Sandbox
from autograder.sandbox.steps import Case, Cell
from autograder.status import Status
from checks.bench.single import EMPTY, cpu_of, open_grader, solution, steps_of
from checks.bench.submissions import make_submissions

Steps = list[Cell | Case]
KINDS = ("right", "accepted", "mistakes")
MODULES = 12  # shown
START = """
import time as _time, jax.monitoring as _monitoring
_clocks, _events = [(_time.process_time(), _time.perf_counter())], {}
def _note(event, seconds, **more):
    _events.setdefault(event, []).append(seconds)
_monitoring.register_event_duration_secs_listener(_note)
"""
CLOCK = "_clocks.append((_time.process_time(), _time.perf_counter()))"
REPORT = """
import json as _json
_sums = {event: [sum(times), len(times)] for event, times in _events.items()}
print("\\n" + _json.dumps([_clocks, _sums]))
"""
PROFILE_START = """
import cProfile as _cprofile, time as _time
_profile = _cprofile.Profile(_time.process_time)
_profile.enable()
"""
# Own time by module, and how long the calls of a function took with all that they call.
PROFILE_REPORT = """
_profile.disable()
import json as _json, pstats as _pstats, re as _re
_own, _whole, _all = {}, {}, _pstats.Stats(_profile).stats
for (_file, _line, _name), (_, _, _time_own, _time_whole, _) in _all.items():
    _parts = _re.split(r"site-packages/|/lib/python[0-9.]+/|/(?=workbook/)", _file)
    _module = "built-in" if _file in ("~", "") else _parts[-1].removesuffix(".py")[-60:]
    _own[_module] = _own.get(_module, 0) + _time_own
    for _label, _where, _who in LOOKED_FOR:
        if _module.startswith(_where) and _who in ("", _name):
            _whole[_label] = max(_whole.get(_label, 0), _time_whole)
_most = sorted(_own.items(), key=lambda item: -item[1])[:MODULES]
print("\\n" + _json.dumps([sum(_own.values()), _whole, _most]))
"""
# What is looked for: a label, how its module begins, the function ("": whichever takes longest).
LOOKED_FOR = (
    ("calling cases", "workbook/cases", "run_case"),
    ("evaluating", "workbook/evaluate", ""),
    ("encoding", "workbook/values", "encode"),
)
# What JAX calls the parts of making a program, since 0.4; an event that it no longer has shows as 0.
EVENTS = {
    "tracing": "/jax/core/compile/jaxpr_trace_duration",
    "lowering": "/jax/core/compile/jaxpr_to_mlir_module_duration",
    "compiling": "/jax/core/compile/backend_compile_duration",
}


@dataclass(frozen=True)
class Profile:
    """CPU seconds of one submission; `parts` of its cases are JAX's, with how often; the rest Python's."""

    fork: float
    cells: float
    cases: float
    parts: dict[str, tuple[float, int]]
    again: float  # follow-through, and cases run again without hidden ones
    number_of_cases: int
    profiled: float  # all seconds under cProfile
    functions: dict[str, float]  # of them, with all that they call
    modules: list[tuple[str, float]]  # of them, their own


def profile(course: Course, practical: str, data: bytes) -> Profile:
    """Run a submission three times in a sandbox that is ready."""
    with open_grader(course, practical) as grader:
        sandbox, steps = grader.sandbox, steps_of(grader, data)
        cells: Steps = [step for step in steps if isinstance(step, Cell)]
        cases: Steps = [step for step in steps if isinstance(step, Case)]
        sandbox.run(steps, practical)
        first = sandbox.cpu_seconds
        whole = grader.grade(data, "student", "student.ipynb").cpu_seconds
        fork = cpu_of(sandbox, EMPTY, practical)
        asked = [_cell(START), *cells, _cell(CLOCK), *cases, _cell(CLOCK), _cell(REPORT)]
        clocks, events = _told(sandbox, asked, practical)
        report = _cell(f"LOOKED_FOR, MODULES = {LOOKED_FOR}, {MODULES}{PROFILE_REPORT}")
        total, functions, modules = _told(
            sandbox, [_cell(PROFILE_START), *cells, *cases, report], practical
        )
    (cells_cpu, _), (cases_cpu, cases_wall) = _between(clocks)
    parts = {
        label: (seconds / cases_wall * cases_cpu, count)
        for label, event in EVENTS.items()
        for seconds, count in [events.get(event, (0.0, 0))]
    }
    again = max(whole - first, 0.0)
    return Profile(fork, cells_cpu, cases_cpu, parts, again, len(cases), total, functions, modules)


def _between(clocks):
    """(CPU, wall) seconds from each look at the clocks to the next."""
    return [tuple(b - a for a, b in zip(one, other)) for one, other in pairwise(clocks)]


def _cell(source):
    return Cell("bench", source)


def _told(sandbox: Sandbox, steps: Steps, practical: str):
    """What the last cell prints on its last line."""
    last = sandbox.run(steps, practical)[-1]
    if last.status != Status.OK:
        raise UserError(f"the profile can't be read: {last.status} {last.failure}")
    return json.loads(last.output.strip().splitlines()[-1])


def show(made: Profile, title: str) -> Table:
    """The profile as a table."""
    table = Table(title=title, title_justify="left")
    table.add_column(no_wrap=True)
    for column in ("CPU s", "a case, ms", "programs"):
        table.add_column(column, justify="right", no_wrap=True)

    def row(label, seconds, count=""):
        each = 1000 * seconds / max(made.number_of_cases, 1)
        table.add_row(label, f"{seconds:.3f}", f"{each:.1f}", str(count))

    row("fork", made.fork)
    row("cells", made.cells)
    row(f"cases ({made.number_of_cases})", made.cases)
    for label, (seconds, count) in made.parts.items():
        row(f"  {label}", seconds, count)
    row("  everything else", made.cases - sum(seconds for seconds, _ in made.parts.values()))
    row("follow-through and runs again", made.again)
    table.add_section()
    row("under cProfile, cells and cases", made.profiled)
    for label, seconds in made.functions.items():
        row(f"  {label}, with all it calls", seconds)
    for module, seconds in made.modules:
        row(f"  own time of {module}", seconds)
    return table


def main() -> None:
    """Print the profile of one submission."""
    parser = argparse.ArgumentParser(prog="python -m checks.bench.profile", description=__doc__)
    parser.add_argument("practical", help="one practical, e.g. 02")
    answers = "which submission: the solution, or rewritten answers that nobody has seen"
    parser.add_argument("--answers", choices=KINDS, default="right", help=answers)
    asked, course = parser.parse_args(), Course(Path.cwd())
    try:
        name = course.choose(asked.practical).stem
        data = solution(course, name)
        if asked.answers != "right":
            unseen = make_submissions(course, name, 4)[2:]
            data = next(s.data for s in unseen if s.kind == asked.answers)
        what = "the solution" if asked.answers == "right" else f"{asked.answers}, never seen"
        Console(width=100).print(show(profile(course, name, data), f"{name}: {what}"))
    except UserError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
