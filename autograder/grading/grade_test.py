"""One submission to one result: scores, reasons, follow-through, and what can't gain a point."""

import pytest

from autograder.status import Status

RIGHT = (
    "def causal_mask(scores):\n"
    "    future = jnp.triu(jnp.ones(scores.shape[-2:], bool), k=1)\n"
    "    return jnp.where(future, -jnp.inf, scores)\n"
)
DIAGONAL = RIGHT.replace("k=1", "k=0")


def exercise(result, name):
    return next(e for e in result.exercises if e.name == name)


def points(result):
    return {e.name: e.points for e in result.exercises}


FULL = {"causal_mask": 2, "causal_weights": 3, "Scale": 1}


def test_the_solution_gets_full_points(classroom):
    result = classroom.grade()
    assert (result.status, result.points, result.reason, result.warnings) == (
        Status.GRADED,
        6,
        "",
        [],
    )
    assert {case.status for e in result.exercises for case in e.cases} == {Status.PASSED}


def test_nothing_filled_in_is_blank(classroom, mini):
    data = (mini.release("01_mini") / "01_mini.ipynb").read_bytes()
    result = classroom.grader.grade(data, "student", "file")
    assert (result.status, result.points) == (Status.BLANK, 0)
    assert {e.status for e in result.exercises} == {Status.NOT_STARTED}


def test_a_known_mistake_gets_its_hint_and_costs_once(classroom):
    result = classroom.grade({"causal_mask": DIAGONAL})
    wrong, needing = exercise(result, "causal_mask"), exercise(result, "causal_weights")
    assert (wrong.mistake, wrong.hint) == (
        "masks the diagonal too",
        "May a token attend to itself?",
    )
    assert (needing.points, needing.own_points) == (3, 0)
    assert needing.note == "graded with the reference for causal_mask"


def test_follow_through_never_replaces_the_exercise_itself(classroom):
    both = {
        "causal_mask": DIAGONAL,
        "causal_weights": "def causal_weights(scores):\n    return scores\n",
    }
    result = classroom.grade(both)
    assert points(result) == FULL | {"causal_mask": 0, "causal_weights": 0}


def test_hidden_cases_never_show_their_reference_or_student_text(classroom):
    spy = "def causal_mask(scores):\n    raise ValueError('inputs: ' + repr(scores.shape))\n"
    cases = {
        case.name: case
        for case in exercise(classroom.grade({"causal_mask": spy}), "causal_mask").cases
    }
    assert "inputs: (2, 3, 4)" in cases["future_keys"].message
    assert cases["kept_scores"].message == "your code raises a ValueError"


STRUCK = {
    "a loop": ("while True: pass", Status.TIMED_OUT),
    "a loop that refuses to stop": ("while True:\n        try:\n            while True: pass\n        except BaseException: pass", Status.TIMED_OUT),
    "os._exit": ("import os; os._exit(0)", Status.CRASHED),
    "a fault in C": ("import ctypes; ctypes.string_at(0)", Status.CRASHED),
    "thirty gigabytes": ("import numpy as np; return np.ones(30 << 27)", Status.OUT_OF_MEMORY),
    "a hundred megabytes of output": ("for _ in range(100): print('x' * 10**6)", Status.TOO_MUCH_OUTPUT),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("body", "status"), STRUCK.values(), ids=STRUCK)
def test_a_limit_that_strikes_is_named_and_the_rest_is_graded(classroom, body, status):
    source = f"def causal_mask(scores):\n    {body}\n    return scores\n"
    result = classroom.grade({"causal_mask": source})
    assert result.status == Status.GRADED
    assert exercise(result, "causal_mask").status == status
    assert f"causal_mask: {status}" in result.reason
    assert points(result) == FULL | {"causal_mask": 0}


@pytest.mark.slow
@pytest.mark.parametrize(("body", "status"), STRUCK.values(), ids=STRUCK)
def test_a_limit_that_strikes_in_a_cell_leaves_the_other_cells(classroom, body, status):
    source = RIGHT + f"def hidden_trouble():\n    {body}\nhidden_trouble()\n"
    result = classroom.grade({"causal_mask": source})
    assert points(result)["Scale"] == 1
    assert result.status == Status.GRADED


CELL_FAULTS = {
    "syntax": (
        "def causal_mask(scores):\n    return jnp.where(",
        "its cell stops with SyntaxError",
    ),
    "an import": ("import torch_of_my_own\n" + RIGHT, "its cell stops with ModuleNotFoundError"),
    "sys.exit": ("import sys\nsys.exit()\n" + RIGHT, "its cell stops with SystemExit"),
}


@pytest.mark.parametrize(("source", "message"), CELL_FAULTS.values(), ids=CELL_FAULTS)
def test_a_cell_that_stops_says_why(classroom, source, message):
    result = classroom.grade({"causal_mask": source})
    assert exercise(result, "causal_mask").cases[0].message.startswith(message)
    assert points(result) == FULL | {"causal_mask": 0}


HARMLESS = {
    "warnings": "import warnings\nwarnings.warn('careful')\n" + RIGHT,
    "stderr": "import sys\nprint('note', file=sys.stderr)\n" + RIGHT,
    "prints": RIGHT.replace("    return", "    print('scores', scores)\n    return"),
    "magics": "%matplotlib inline\n%pip install something\n!ls\n" + RIGHT,
    "numpy": "import numpy as np\n"
    "def causal_mask(scores):\n"
    "    scores = np.array(scores)\n"
    "    scores[..., np.triu(np.ones(scores.shape[-2:], bool), k=1)] = -np.inf\n"
    "    return scores\n",
    "defined twice": DIAGONAL + RIGHT,
}


@pytest.mark.parametrize("source", HARMLESS.values(), ids=HARMLESS)
def test_what_is_harmless_costs_nothing(classroom, source):
    assert points(classroom.grade({"causal_mask": source})) == FULL


def drop(*ids):
    def edit(notebook):
        notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] not in ids]

    return edit


def strip(notebook):
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id")
    notebook["nbformat_minor"] = 2
    notebook["metadata"] = {}


def duplicate(notebook):
    notebook["cells"] += [
        cell for cell in notebook["cells"] if cell["id"] in ("causal_mask", "check_causal_mask")
    ]


def extra(notebook):
    cell = {
        "cell_type": "code",
        "id": "mine",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    notebook["cells"].insert(
        3, cell | {"source": ["def softmax(x):\n", "    return jax.nn.softmax(x, axis=-1)\n"]}
    )
    weights = next(c for c in notebook["cells"] if c["id"] == "causal_weights")
    weights["source"] = "def causal_weights(scores):\n    return softmax(causal_mask(scores))\n"


def old_format(notebook):
    for cell in notebook["cells"]:
        cell["input"] = cell.pop("source")
    notebook["worksheets"] = [{"cells": notebook.pop("cells")}]
    notebook["nbformat"] = 3


def moved_check(notebook):
    checks = [c for c in notebook["cells"] if c["id"].startswith("check_")]
    others = [c for c in notebook["cells"] if not c["id"].startswith("check_")]
    notebook["cells"] = others[:2] + checks + others[2:]


def tampered(notebook):
    setup = next(c for c in notebook["cells"] if c["id"] == "imports")
    setup["source"] = "import numpy as np\njnp = jax = None\n"
    mask = next(c for c in notebook["cells"] if c["id"] == "causal_mask")
    mask["source"] = RIGHT.replace("-jnp.inf", "-np.inf")


def move(source, target):
    def edit(notebook):
        cells = {cell["id"]: cell for cell in notebook["cells"]}
        cells[target]["source"], cells[source]["source"] = cells[source]["source"], ""

    return edit


def lambda_elsewhere(notebook):
    cell = next(c for c in notebook["cells"] if c["id"] == "causal_mask")
    mask = "jnp.triu(jnp.ones(scores.shape[-2:], bool), k=1)"
    source = f"causal_mask = lambda scores: jnp.where({mask}, -jnp.inf, scores)\n"
    notebook["cells"].insert(2, {**cell, "id": "mine", "metadata": {}, "source": source})
    cell["source"] = ""


def merged(notebook):
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    both = [*cells["causal_mask"]["source"], "\n", *cells["causal_weights"]["source"]]
    cells["causal_mask"]["source"] = "".join(both)
    notebook["cells"].remove(cells["causal_weights"])


ODD = {
    "no metadata, no ids": (
        strip,
        ["the cells have lost their ids; they were recognised by what they define"],
    ),
    "a duplicated cell": (
        duplicate,
        ["the cell of causal_mask is there more than once; all ran, in order"],
    ),
    "no set-up cell": (
        drop("imports"),
        ["the given cell 'imports' is missing; the original was used"],
    ),
    "a changed set-up cell": (
        tampered,
        ["the given cell 'imports' was changed; the original ran after it"],
    ),
    "no check cells": (drop("check_causal_mask", "check_Scale"), []),
    "a helper in a cell of one's own": (extra, []),
    "nbformat 3": (old_format, ["the notebook has an old format (3)"]),
    "checks before the work": (moved_check, []),
    "work in a check cell": (move("Scale", "check_Scale"), []),
    "work in a demo's cell": (move("Scale", "mask_picture"), []),
    "a lambda in a cell of its own": (lambda_elsewhere, []),
    "two exercises in a cell": (merged, ["no cell of causal_weights was found"]),
}


@pytest.mark.parametrize(("edit", "warnings"), ODD.values(), ids=ODD)
def test_an_odd_notebook_gets_what_it_deserves(classroom, edit, warnings):
    result = classroom.grade(edit=edit)
    assert (result.points, result.warnings) == (6, warnings)


def test_follow_through_keeps_what_shares_a_cell_with_the_mistake(classroom):
    def edit(notebook):
        merged(notebook)
        cell = next(c for c in notebook["cells"] if c["id"] == "causal_mask")
        cell["source"] = cell["source"].replace("k=1", "k=0")

    assert points(classroom.grade(edit=edit)) == FULL | {"causal_mask": 0}


def test_a_deleted_exercise_is_named(classroom):
    result = classroom.grade(edit=drop("Scale"))
    assert points(result) == FULL | {"Scale": 0}
    assert result.warnings == ["no cell of Scale was found"]


UNREADABLE = {
    "empty": (b" \n", Status.UNREADABLE, "the file is empty"),
    "half a download": (b'{"cells": [{"cell_type": "code", "sour', Status.UNREADABLE, "damaged at line 1"),
    "not JSON": (b"print(1)", Status.UNREADABLE, "isn't a notebook"),
    "a list": (b"[1, 2]", Status.UNREADABLE, "isn't a notebook"),
    "no cells": (b'{"nbformat": 4}', Status.UNREADABLE, "no notebook cells"),
    "deep": (b'{"cells":' + b"[" * 100_000, Status.UNREADABLE, "nested too deeply"),
    "conflict": (b'{\n<<<<<<< HEAD\n "cells": []\n=======\n>>>>>>> other\n}', Status.UNREADABLE, "git conflict"),
    "binary": (bytes(range(256)), Status.UNREADABLE, "isn't a notebook"),
    "another practical": (b'{"cells": [{"cell_type": "code", "source": "1"}], "metadata": {"workbook": {"practical": "05_x"}}}', Status.WRONG_PRACTICAL, "'05_x'"),
    "another language": (b'{"cells": [{"cell_type": "code", "source": "1"}], "metadata": {"language_info": {"name": "R"}}}', Status.WRONG_PRACTICAL, "written in R"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "status", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_submission_is_a_row_with_a_reason(classroom, data, status, reason):
    result = classroom.grader.grade(data, "student", "file")
    assert (result.status, result.points) == (status, 0)
    assert reason in result.reason


def test_bom_and_utf16_are_read(classroom):
    text = classroom.notebook().decode()
    for data in (
        text.encode("utf-8-sig"),
        text.encode("utf-16"),
        text.replace("\\n", "\\r\\n").encode(),
    ):
        assert classroom.grader.grade(data, "student", "file").points == 6
