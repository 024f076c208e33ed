"""A small course for nbgrader, with a class that hands in all sorts of files."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.authoring.build import build
from autograder.authoring.quiz_test import SOURCE
from autograder.authoring.words import ENGLISH
from autograder.testing.programs import quick_environment
from autograder.testing.small import copy_small

NAME, SECONDS = "01_mini", 3
WEIGHTS = "def causal_weights(scores):\n    return {}\n"
WARNS = (
    "import sys, warnings\n"
    "def causal_mask(scores):\n"
    "    warnings.warn('careful')\n"
    "    print('on stderr', file=sys.stderr)\n"
    "    print(100.0)\n"
    "    future = jnp.triu(jnp.ones(scores.shape[-2:], bool), k=1)\n"
    "    return jnp.where(future, -jnp.inf, scores)\n"
)
DOT = (  # a PNG of one pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC"
)
PREFIX = "import jax.numpy as jnp\n"


def edited(notebook: dict, edits: dict[str, str]) -> dict:
    """A notebook with other sources for some cells."""
    for cell in notebook["cells"]:
        cell["source"] = edits.get(cell["id"], cell["source"])
    return notebook


def _duplicated(notebook):
    notebook["cells"] += [
        dict(cell) for cell in notebook["cells"] if "nbgrader" in cell["metadata"]
    ]


def _without_checks(notebook):
    notebook["cells"] = [c for c in notebook["cells"] if not c["id"].startswith("check_")]


def _without_metadata(notebook):
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"], cell["id"] = {}, f"cell-{number}"
    notebook["metadata"] = {}


def _answer_below(notebook):
    where = next(i for i, c in enumerate(notebook["cells"]) if c["id"] == "why_masks")
    notebook["cells"][where]["source"] = ENGLISH.write_here
    own = {"cell_type": "markdown", "id": "own", "metadata": {}, "source": "Because of the future."}
    notebook["cells"].insert(where + 1, own)


def _picture(notebook):
    """Two pasted pictures, of which the file holds one."""
    [cell] = [c for c in notebook["cells"] if c["id"] == "why_masks"]
    cell["source"] = "See ![a dot](attachment:dot.png) and ![](attachment:lost.png)."
    cell["attachments"] = {"dot.png": {"image/png": DOT}}


EDITS = {  # what each student changed in the solution
    "right": lambda n: None,
    "mistake": lambda n: edited(n, {"causal_weights": WEIGHTS.format("causal_mask(scores)")}),
    "raises": lambda n: edited(n, {"causal_weights": WEIGHTS.format("1 / 0")}),
    "warns and prints": lambda n: edited(n, {"causal_mask": PREFIX + WARNS}),
    "partly": lambda n: edited(n, {"quiz": "quiz_1 = ...\nquiz_2 = 12\nquiz_3 = [3, 2]"}),
    "syntax": lambda n: edited(n, {"Scale": "class Scale(hk.Module:\n"}),
    "loops": lambda n: edited(n, {"Scale": "while True:\n    pass\n"}),
    "given cell changed": lambda n: edited(n, {"imports": "import jax\n"}),
    "checks changed": lambda n: edited(n, {"check_causal_mask": "100.0"}),
    "duplicated": _duplicated,
    "checks deleted": _without_checks,
    "metadata lost": _without_metadata,
    "answer below": _answer_below,
    "picture": _picture,
    "markup": lambda n: edited(
        n,
        {
            "why_masks": "<script>alert('boo')</script> <img src=x onerror=alert(1)>\n\n# why_masks\n\n"
            "[x](javascript:alert(2)) ![](attachment:none.png) ![](https://evil.example/pixel.png)",
            "causal_weights": WEIGHTS.format("{}['<script>alert(1)</script>']"),
        },
    ),
}


@dataclass(frozen=True)
class NbCourse:
    """A course's folder, where nbgrader runs."""

    root: Path

    def run(self, *command: str) -> subprocess.CompletedProcess:
        """Run one of this environment's programs there."""
        ours = quick_environment()
        return subprocess.run(
            command, cwd=self.root, env=ours, capture_output=True, text=True, check=False
        )

    def hand_in(self, student: str, data: bytes) -> None:
        file = self.root / "submitted" / student / NAME / f"{NAME}.ipynb"
        file.parent.mkdir(parents=True)
        file.write_bytes(data)

    def solution(self) -> dict:
        return json.loads((self.root / "solutions" / NAME / f"{NAME}.ipynb").read_text())


def make_course(root: Path, language: str = "en") -> NbCourse:
    """A built course that nbgrader knows, without submissions."""
    course = copy_small(root)
    path = root / "source" / f"{NAME}.py"
    text = path.read_text().replace("minutes: 20}", f"minutes: 20, language: {language}}}")
    path.write_text(text + SOURCE)
    build(course, path, say=lambda text: None, execute=False)
    config = (Path(__file__).parents[2] / "nbgrader_config.py").read_text()
    limits = f"c.Grade.cell_seconds = {SECONDS}\nc.Grade.case_seconds = {SECONDS}\n"
    (root / "nbgrader_config.py").write_text(config + limits)
    return NbCourse(root)


@pytest.fixture(scope="session")
def nb_course(tmp_path_factory) -> NbCourse:
    """The course after `nbgrader generate_assignment`, a class's hand-in and `nbgrader autograde`."""
    course = make_course(tmp_path_factory.mktemp("nbgrader") / "course")
    made = course.run("nbgrader", "generate_assignment", "--force", NAME)
    assert made.returncode == 0, made.stderr
    for student, edit in EDITS.items():
        notebook = edited(course.solution(), {"why_masks": "So that nobody looks *ahead*."})
        edit(notebook)
        course.hand_in(student, json.dumps(notebook).encode())
    released = (course.root / "release" / NAME / f"{NAME}.ipynb").read_bytes()
    course.hand_in("blank", released)
    course.hand_in("unreadable", b"PK\3\4 no notebook")
    course.hand_in("wrong notebook", json.dumps({"nbformat": 4, "cells": []}).encode())
    own = edited(course.solution(), {"why_masks": "To hide."})
    course.hand_in("with a mark", b"\xef\xbb\xbf" + json.dumps(own).encode())
    graded = course.run("nbgrader", "autograde", NAME)
    assert graded.returncode == 0, graded.stderr
    return course
