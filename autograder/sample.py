"""A made-up class: right answers, known mistakes, blanks, and everything else people hand in."""

import ast
import copy
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.authoring.material import Material, read_material
from autograder.authoring.mistakes import Variant
from autograder.authoring.percent import BEGIN, END
from autograder.course import Course
from autograder.errors import UserError

# What the first students of a class are, and, over and over, those after them.
FIRST = (
    *("right", "mistakes", "accepted", "partial", "blank", "mistakes", "mistakes", "mistakes"),
    *("syntax_error", "endless_loop", "sys_exit", "os_exit", "huge_allocation", "output_flood"),
    *("unreadable", "empty", "wrong_practical", "duplicated_cell", "deleted_cell"),
    *("old_format", "colab", "right", "mistakes", "partial"),
)
REST = ("mistakes", "right", "mistakes", "partial", "mistakes", "accepted", "mistakes", "blank")
MISTAKES_EACH = 4

# What a function does before anything else; some come back with the right answer all the same.
FAULTS = {
    "endless_loop": "while True:\n    pass",
    "sys_exit": "import sys\nsys.exit()",
    "os_exit": "import os\nos._exit(1)",
    "huge_allocation": "import numpy\nnumpy.ones(30 * 2**27)",
    "output_flood": "print('x' * 100_000_000)",
    "exception": "raise ValueError('this much I have')",
    "warnings": "import warnings\nwarnings.warn('deprecated', DeprecationWarning, 2)",
    "prints": "import sys\nprint('called')\nprint('called', file=sys.stderr)",
    "segfault": "import ctypes\nctypes.string_at(0)",
    "memory_hog": "import numpy\nkept = []\nwhile True:\n    kept.append(numpy.ones(2**22))",
    "recursion": "def deeper():\n    return deeper()\ndeeper()",
    # slow, but within the time that a case has
    "works": "import time\nend = time.process_time() + 1.5\nwhile time.process_time() < end:\n    pass",
    "sleeps": "import time\ntime.sleep(1.5)",
}


@dataclass
class Student:
    """One made-up submission, and what is known of it: `answers` says what each exercise is."""

    name: str
    kind: str
    answers: dict[str, str] = field(default_factory=dict)
    data: bytes = b""


def make_class(
    course: Course, practical: str, students: int, seed: int, folder: Path
) -> list[Student]:
    """Write `<folder>/<student>.ipynb` for a class; the same seed, the same bytes.

    Returns:
        What each student is, which isn't written anywhere.
    """
    kinds = [FIRST[n] if n < len(FIRST) else REST[n % len(REST)] for n in range(students)]
    made = draw_class(course, practical, kinds, seed)
    folder.mkdir(parents=True, exist_ok=True)
    for student in made:
        (folder / f"{student.name}.ipynb").write_bytes(student.data)
    return made


def draw_class(course: Course, practical: str, kinds: Sequence[str], seed: int) -> list[Student]:
    """Students of these kinds, in an order that the seed decides."""
    material = read_material(course, course.root / "source" / f"{practical}.py")
    release = course.release(practical) / f"{practical}.ipynb"
    if not release.exists():
        raise UserError(f"{practical} isn't built: run autograder build {practical[:2]}")
    maker = _Maker(material, nbformat.read(release, 4), random.Random(f"{seed} {practical}"))
    made = [maker.student(kind) for kind in kinds]
    maker.random.shuffle(made)
    for number, student in enumerate(made, 1):
        student.name = f"student_{number:0{max(2, len(str(len(made))))}}"
    return made


class _Maker:
    """Makes submissions; every known mistake is dealt once before any comes again."""

    def __init__(self, material: Material, release: nbformat.NotebookNode, rng: random.Random):
        self.material, self.release, self.random = material, release, rng
        self.exercises = list(material.practical.exercises)
        self._deck: list[Variant] = []

    def student(self, kind: str) -> Student:
        return getattr(self, f"_{kind}", self._fault)(Student("", kind))

    # ------------------------------------------------------------ what is filled in

    def _right(self, student):
        return self._hand_in(student, self._fill(student))

    def _blank(self, student):
        return self._hand_in(student, self._fill(student, done=0))

    def _accepted(self, student):
        return self._hand_in(student, self._fill(student, accepted=1.0))

    def _mistakes(self, student):
        return self._hand_in(student, self._fill(student, mistakes=MISTAKES_EACH))

    def _partial(self, student):
        done = self.random.randint(1, max(1, len(self.exercises) - 1))
        return self._hand_in(student, self._fill(student, done=done, mistakes=1))

    def _fill(self, student, done=None, mistakes=0, accepted=0.3):
        """A notebook with the first `done` exercises filled in, some of them wrong."""
        notebook = copy.deepcopy(self.release)
        dealt = self._deal(mistakes, self.exercises[:done])
        for number, name in enumerate(self.exercises):
            if done is not None and number >= done:
                student.answers[name] = "blank"
                continue
            self._write(notebook, name, self._answer(student, name, dealt.get(name), accepted))
        return notebook

    def _answer(self, student, name, mistake, accepted):
        others = [v for v in self.material.variants[name] if v.accepted]
        if mistake:
            student.answers[name] = f"mistake: {mistake.name}"
            return mistake.source
        if others and self.random.random() < accepted:
            variant = self.random.choice(others)
            student.answers[name] = f"accepted: {variant.name}"
            return variant.source
        student.answers[name] = "right"
        return self.material.practical.exercises[name].solution.source

    def _deal(self, count, exercises):
        """The next mistakes of the deck, at most one an exercise."""
        dealt, passed = {}, []
        while len(dealt) < min(count, len(exercises)):
            if not self._deck:
                self._deck = self._new_deck()
            if not any(v.exercise in exercises and v.exercise not in dealt for v in self._deck):
                break
            variant = self._deck.pop()
            if variant.exercise in exercises and variant.exercise not in dealt:
                dealt[variant.exercise] = variant
            else:
                passed.append(variant)
        self._deck += reversed(passed)
        return dealt

    def _new_deck(self):
        deck = [v for vs in self.material.variants.values() for v in vs if not v.accepted]
        self.random.shuffle(deck)
        return deck

    def _write(self, notebook, name, source):
        lines = [line for line in source.splitlines() if line.strip() not in (BEGIN, END)]
        self._cell(notebook, name).source = "\n".join(lines)

    def _cell(self, notebook, name):
        return next(cell for cell in notebook.cells if cell.id == name)

    def _hand_in(self, student, notebook):
        student.data = _to_bytes(notebook)
        return student

    # ------------------------------------------------------------ what goes wrong

    def _fault(self, student):
        """A function that does one of FAULTS first."""
        notebook = self._fill(student, mistakes=2)
        name = self._victim(student.kind)
        student.answers[name] = student.kind
        reference = self.material.practical.exercises[name].solution.source
        self._write(notebook, name, _before_everything(reference, FAULTS[student.kind]))
        return self._hand_in(student, notebook)

    def _victim(self, kind):
        """The exercise of a fault; a loop takes the one that it stops for the shortest time."""
        quizzes = {name for name, e in self.material.practical.exercises.items() if e.quiz}
        exercises = [name for name in self.exercises if name not in quizzes]
        if kind == "endless_loop":
            return min(exercises, key=lambda e: len(self.material.tests[e].cases))
        return self.random.choice(exercises)

    def _syntax_error(self, student):
        notebook = self._fill(student, mistakes=2)
        name = self.random.choice(self.exercises)
        student.answers[name] = student.kind
        self._cell(notebook, name).source += "\n    return ("
        return self._hand_in(student, notebook)

    def _duplicated_cell(self, student):
        notebook = self._fill(student, mistakes=1)
        cell = self._cell(notebook, self.random.choice(self.exercises))
        notebook.cells.insert(notebook.cells.index(cell), copy.deepcopy(cell))
        return self._hand_in(student, notebook)

    def _deleted_cell(self, student):
        notebook = self._fill(student, mistakes=1)
        name = self.random.choice(self.exercises)
        student.answers[name] = "deleted"
        notebook.cells.remove(self._cell(notebook, name))
        return self._hand_in(student, notebook)

    def _old_format(self, student):
        """As saved by a Jupyter that knew no cell ids."""
        notebook = self._fill(student, mistakes=2)
        notebook.nbformat_minor = 2
        for cell in notebook.cells:
            del cell["id"]
        return self._hand_in(student, notebook)

    def _colab(self, student):
        """As saved by Colab: ids in the metadata, a notebook format of its own habit."""
        notebook = self._fill(student, mistakes=2)
        notebook.nbformat_minor = 0
        notebook.metadata = {
            "colab": {"provenance": [], "toc_visible": True},
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "language_info": {"name": "python"},
        }
        for cell in notebook.cells:
            cell.metadata["id"] = "".join(self.random.choices("abcdefABCDEF0123456789", k=12))
            del cell["id"]
        return self._hand_in(student, notebook)

    def _unreadable(self, student):
        """Half a file: the upload was cut off."""
        whole = _to_bytes(self._fill(student))
        student.answers, student.data = {}, whole[: len(whole) // 2]
        return student

    def _empty(self, student):
        return student

    def _wrong_practical(self, student):
        cells = [new_markdown_cell("# Homework of another course"), new_code_cell("print(1 + 1)")]
        for number, cell in enumerate(cells):
            cell.id = f"other-{number}"
        return self._hand_in(student, new_notebook(cells=cells))


def _before_everything(source: str, fault: str) -> str:
    """The source with the fault as the first thing that its last function or method does."""
    functions = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef)]
    first = max(functions, key=lambda f: (-f.col_offset, f.lineno)).body[0]
    lines = source.splitlines()
    lines[first.lineno - 1 : first.lineno - 1] = [
        " " * first.col_offset + x for x in fault.splitlines()
    ]
    return "\n".join(lines)


def _to_bytes(notebook: nbformat.NotebookNode) -> bytes:
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()
