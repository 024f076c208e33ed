"""A class of attackers and honest students graded together, and what was seen of each."""

import json
import os
import random
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from workbook.key import Answers

from autograder.course import Course
from autograder.grading.batch import Batch
from autograder.grading.built import load_all
from autograder.grading.graders import Graders
from autograder.grading.result import Result
from autograder.inbox.submission import Submission
from autograder.sandbox.client import Sandbox
from autograder.sandbox.steps import Limits
from checks.attacks.hostile import OTHERS_WORK, VICTIM

LIMITS = Limits(
    cell_seconds=2,
    case_seconds=2,
    submission_seconds=120,
    memory_bytes=1 << 30,
    output_bytes=10**6,
)
PRACTICAL = "01_mini"

# An honest cell that looks for whatever an earlier submission could have left.
LOOK_AROUND = (
    f"""
_lowest = {os.getpriority(os.PRIO_PROCESS, 0) + 5}  # whoever runs the trial may be nice
"""
    + """
import builtins, importlib.util, os, sys, time
import jax, numpy, workbook, helpers
_left = [p for top in ('/tmp', '/dev/shm', os.getcwd(), os.environ.get('JAX_COMPILATION_CACHE_DIR', '/tmp'))
         for f, _, names in os.walk(top) for p in names if 'left_behind' in p]
_left += [m.__name__ for m in (builtins, numpy, workbook, jax, helpers) if hasattr(m, 'left_behind')]
_left += [n for n in os.environ if 'LEFT' in n] + [n for n in sys.path if 'left' in n]
_left += ['module'] * ('left_behind' in sys.modules) + ['numpy.ones'] * (numpy.ones is None)
_left += ['x64'] * jax.config.jax_enable_x64 + ['affinity'] * (len(os.sched_getaffinity(0)) < os.cpu_count())
_folder = os.stat(os.environ['TMPDIR'])
_left += ['mode'] * (_folder.st_mode & 0o7777 != 0o755) + ['size'] * (_folder.st_size > 4096)
_left += ['times'] * (max(_folder.st_atime, _folder.st_mtime) > time.time() + 60)
_left += ['priority'] * (os.getpriority(os.PRIO_PROCESS, 0) > _lowest)
if os.getppid() == 1:
    _pids = [p for p in os.listdir('/proc') if p.isdigit()]
    _left += [f'{len(_pids)} processes'] * (len(_pids) > 2)
if _left:
    print('TOUCHED', _left)
"""
)


@dataclass
class Seen:
    """What came of one submission: its row, and all that its process said that we kept."""

    result: Result
    said: bytes = b""


class _Listening(Sandbox):
    """A sandbox that keeps what came out of it."""

    said = b""

    def run(self, steps, folder, allowance=None):
        outcomes = super().run(steps, folder, allowance)
        for outcome in outcomes:
            trees = [seen.tree for seen in outcome.observations]
            words = json.dumps([trees, outcome.failure and vars(outcome.failure)])
            self.said += outcome.output.encode() + words.encode()
            self.said += b"".join(
                np.asarray(array).tobytes()
                for seen in outcome.observations
                for array in seen.arrays
            )
        return outcomes


class _ListeningGraders(Graders):
    """Graders that keep, by the key of what they graded, what came out of the sandbox."""

    sandbox_class = _Listening

    def __init__(self, *facts):
        super().__init__(*facts)
        self.heard: dict[str, bytes] = {}

    def grade(self, data, practical, key, allowance=None):
        self.sandbox().said = b""
        packed = super().grade(data, practical, key, allowance)
        self.heard[key] = self.sandbox().said
        return packed


class Trial(Batch):
    """A batch that listens to its sandboxes."""

    graders_class = _ListeningGraders

    def __init__(self, course: Course, output: Path, level: str | None = None):
        super().__init__(course, load_all(course, None), output, LIMITS, level)
        self.heard: dict[str, bytes] = {}

    def _store(self, task, result):
        said = self.graders.heard.get(task.key, b"")
        self.heard |= {each.student: said for each in task.submissions}
        return super()._store(task, result)

    def grade_all(self, submissions: Iterable[Submission], seed: int) -> dict[str, Seen]:
        """What came of every submission, by student; in an order that the seed decides."""
        done, tasks = self.prepare(submissions)
        random.Random(seed).shuffle(tasks)
        return self._graded(done, tasks, 2)

    def grade_in_order(self, submissions: Iterable[Submission]) -> dict[str, Seen]:
        """The same one after the other in one sandbox."""
        return self._graded(*self.prepare(submissions), 1)

    def _graded(self, done, tasks, workers):
        with closing(self.pool(workers)) as pool:
            for results in self.grade(tasks, pool):
                done += results
        return {r.student: Seen(r, self.heard.get(r.student, b"")) for r in done}


def solution(course: Course) -> dict:
    """The small course's solution notebook."""
    path = course.solutions(PRACTICAL) / f"{PRACTICAL}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))


def hidden_cases(course: Course) -> list[bytes]:
    """The names of hidden cases."""
    key = Answers.load(course.solutions(PRACTICAL) / "answers.safetensors")
    cases = [case for facts in key.exercises.values() for case in facts["cases"].items()]
    return [name.encode() for name, facts in cases if facts["hidden"]]


def needles(course: Course) -> list[bytes]:
    """What no attack may see: reference values, the reference, others' work."""
    key = Answers.load(course.solutions(PRACTICAL) / "answers.safetensors")
    arrays = [
        tensor.tobytes()[:64]
        for name, tensor in key.tensors.items()
        if "/mistake" not in name
        and name.split("/")[0] != "Scale"  # whose right answer every attack has
        and key.exercises[name.split("/")[0]]["cases"][name.split("/")[1]]["hidden"]
    ]
    [source] = [c["source"] for c in solution(course)["cells"] if c["id"] == VICTIM]
    body = "".join(source).split('"""')[-1]
    lines = [line.strip().encode() for line in body.splitlines() if len(line) > 40]
    assert len(arrays) >= 4
    assert lines
    return [*arrays, *lines, OTHERS_WORK.encode()]


def edited(notebook: dict, cells: dict[str, str]) -> bytes:
    """A notebook with other sources for some cells."""
    changed = json.loads(json.dumps(notebook))
    for cell in changed["cells"]:
        cell["source"] = cells.get(cell["id"], cell["source"])
    return json.dumps(changed).encode()


@dataclass(frozen=True)
class Honest:
    """A submission that nothing is wrong with but its answers."""

    name: str
    cells: dict[str, str] = field(default_factory=dict)
    points: float = 6.0


MASK = "def causal_mask(scores):\n    return {}\n"
HONEST = (
    Honest("right"),
    Honest("looks around", {"Scale": LOOK_AROUND + "{Scale}"}),
    Honest("marked", {"Scale": f"# {OTHERS_WORK}\n{{Scale}}"}),
    Honest("mask of nothing", {VICTIM: MASK.format("scores")}, 5),
    Honest("mask of itself", {VICTIM: MASK.format("jnp.tril(scores)")}, 5),
    Honest("not started", {VICTIM: MASK.format("1 / 0")}, 4),
    Honest("prints", {"Scale": "print('hello')\n{Scale}"}),
    Honest("no scale", {"Scale": "scale = 3\n"}, 5),
)


def honest_files(course: Course) -> Iterator[tuple[Honest, bytes]]:
    """The honest students' notebooks."""
    notebook = solution(course)
    own = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}
    for student in HONEST:
        cells = {
            name: text.replace("{Scale}", own["Scale"]) for name, text in student.cells.items()
        }
        yield student, edited(notebook, cells)


def hand_in(folder: Path, name: str, data: bytes, suffix: str = ".ipynb") -> Submission:
    """Write a file as a student's submission; the name may be any that the file system takes."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}{suffix}"
    path.write_bytes(data)
    return Submission(name, path)
