"""Crafted values, files and cells: none stops the grader, none makes it say what is hidden."""

import contextlib
import json
import struct
import zipfile

import numpy as np
import pytest
from workbook.compare import compare
from workbook.values import Observed

from autograder.errors import UserError
from autograder.grading.told import QUIET
from autograder.inbox.find import find_submissions
from autograder.inbox.submission import Submission
from autograder.inbox.zips import read_bytes
from autograder.sandbox.inside.protocol import ProtocolError, parse_reply
from autograder.status import Status

# ---------------------------------------------------------------- values


def text(value):
    return {"text": value}


PAIR = {"list": [text("w"), {"list": [{"number": 2}, {"number": 3}]}]}
CRAFTED = {
    "a name where a pair is expected": {"list": [text("w")]},
    "a pair of one": {"list": [{"list": [text("w")]}]},
    "a dict": {"list": [{"dict": [["w", text("w")]]}]},
    "ten thousand names": {"list": [text(f"{i:09}") for i in range(10_000)]},
}


@pytest.mark.parametrize("reveal", [True, False])
@pytest.mark.parametrize("tree", CRAFTED.values(), ids=CRAFTED)
def test_a_crafted_value_is_one_short_sentence(tree, reveal):
    message = compare(Observed(tree, []), Observed({"list": [PAIR]}, []), reveal)
    assert message
    assert len(message) < 1000


@pytest.mark.parametrize(
    ("tree", "arrays"),
    [({"other": "input_0123"}, []), ({"array": 0}, [np.zeros((0, 123), np.float32)])],
    ids=["a class's name", "an empty array's shape"],
)
def test_a_hidden_message_repeats_nothing_that_could_be_an_input(tree, arrays):
    reference = Observed({"array": 0}, [np.zeros(3, np.float32)])
    assert "123" not in compare(Observed(tree, arrays), reference, reveal=False)


@pytest.mark.parametrize("dtype", [["F32"], {}, None, 5])
def test_a_dtype_that_is_no_name_is_refused(dtype):
    index = json.dumps({"0": {"dtype": dtype, "shape": [1], "data_offsets": [0, 4]}}).encode()
    body = struct.pack("<Q", len(index)) + index + bytes(4)
    with pytest.raises(ProtocolError):
        parse_reply(b'{"step": "s", "observations": [{"array": 0}]}', body, "s")


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_zip_is_a_reason_and_no_end(tmp_path, method):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.ipynb", b'{"cells": []}' * 100)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        with contextlib.suppress(UserError):
            read_bytes(Submission("a", path), "01_mini")


def test_a_link_to_the_solution_is_not_a_submission(tmp_path):
    (tmp_path / "solution.ipynb").write_text("{}")
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "ann.ipynb").symlink_to("../solution.ipynb")
    [found] = find_submissions(folder, ["01_mini"])
    with pytest.raises(UserError, match="link"):
        read_bytes(found, "01_mini")


def test_a_folder_of_a_practical_with_a_folder_a_student_keeps_the_names(tmp_path):
    for student in ("ann", "bob"):
        (tmp_path / "01_mini" / student).mkdir(parents=True)
        (tmp_path / "01_mini" / student / "work.ipynb").write_text("{}")
    found = find_submissions(tmp_path, ["01_mini"])
    assert [(s.student, s.folder) for s in found] == [("ann", "01_mini"), ("bob", "01_mini")]


# ---------------------------------------------------------------- what students get to read

SPY = """
import sys
spied = []
def causal_mask(scores):
    frame = sys._getframe()
    while frame:
        for value in list(frame.f_locals.values()):
            if isinstance(value, dict) and 'source' in value:
                spied.append(value['source'])
        frame = frame.f_back
    return scores + 1
def last_words():
    return ([s[-300:] for s in spied if 'hidden=True' in s] or ['nothing'])[-1]
"""
TELLING = {
    "a public case": {"causal_weights": "def causal_weights(s):\n    raise ValueError(last_words())\n"},
    "an error's name": {"causal_weights": "def causal_weights(s):\n    raise type(last_words(), (Exception,), {})('x')\n"},
    "a cell": {"Scale": "raise ValueError(last_words())\n"},
}  # fmt: skip


def messages(result):
    return " ".join(case.message for exercise in result.exercises for case in exercise.cases)


@pytest.mark.slow
@pytest.mark.parametrize("cells", TELLING.values(), ids=TELLING)
def test_nothing_of_a_hidden_case_is_told_in_a_later_exercise(classroom, cells):
    result = classroom.grade({"causal_mask": SPY} | cells)
    assert result.status == Status.GRADED
    assert "kept_scores" not in messages(result)
    assert "normal(3" not in messages(result)


def test_an_honest_error_is_still_told_in_full(classroom):
    broken = "def causal_weights(scores):\n    return scores @ scores\n"
    result = classroom.grade({"causal_weights": broken})
    assert result.exercises[1].cases[0].message.startswith("TypeError: dot_general")
    assert "line 2: return scores @ scores" in result.exercises[1].cases[0].message


READER = """
import inspect, sys
words = inspect.getsource(causal_mask)
def causal_weights(scores):
    frame = sys._getframe()
    while frame:
        if frame.f_code.co_name == 'one_unit':
            raise ERROR(words)
        frame = frame.f_back
    return jax.nn.softmax(causal_mask(scores), axis=-1)
"""
READERS = {
    "in a case": READER.replace("ERROR", "ValueError"),
    "in its cell": READER.replace("ERROR", "NameError") + "raise ValueError(words)\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_nothing_of_a_reference_is_told_by_what_needs_it(classroom, reader):
    wrong = "def causal_mask(scores):\n    return scores + 1\n"
    result = classroom.grade({"causal_mask": wrong, "causal_weights": reader})
    needing = result.exercises[1]
    assert (needing.points, needing.own_points) == (3, 0)
    assert "triu" not in messages(result)


# Each says something of the reference by how its public case ends, in a run with the reference.
SPELLERS = {
    "an exit status": "import os; os._exit(ord(letter))",
    "a signal": "import os; os.kill(os.getpid(), [6, 9, 11, 15][ord(letter) % 4])",
    "a length": "return jnp.zeros(ord(letter))",
    "a number": "return jnp.full_like(scores, ord(letter))",
    "a known mistake": "return jax.nn.softmax(scores, axis=-2) if ord(letter) % 2 else scores",
    "an error": "raise [ValueError, TypeError, KeyError, OSError][ord(letter) % 4](letter)",
    "much output": "print('x' * 10**8) if ord(letter) % 2 else None; return scores",
    "too much memory": "return np.ones(30 << 27) if ord(letter) % 2 else scores",
    "a message of its own": "raise SystemExit(letter)",
}


@pytest.mark.slow
@pytest.mark.parametrize("act", SPELLERS.values(), ids=SPELLERS)
def test_a_run_with_the_reference_says_the_same_of_every_reference(classroom, act):
    """The exercise gains a part of its points by it, so that its run is the one that is told."""
    speller = f"""
import inspect
import numpy as np
words = inspect.getsource(causal_mask)
def causal_weights(scores):
    if scores.shape == (5, 2) and 'triu' in words:
        letter = words[TAKEN]
        {act}
    return jax.nn.softmax(causal_mask(scores), axis=-1)
"""
    wrong = "def causal_mask(scores):\n    return scores + 1\n"
    told = []
    for place in (1, 2):
        cells = {"causal_mask": wrong, "causal_weights": speller.replace("TAKEN", str(place))}
        needing = classroom.grade(cells).exercises[1]
        told.append(
            [(c.status, c.message) for c in needing.cases] + [needing.hint, needing.mistake]
        )
    assert told[0] == told[1]
    assert {message for _, message in told[0][:-2]} <= {"", QUIET}
    assert told[0][-2:] == ["", ""]
