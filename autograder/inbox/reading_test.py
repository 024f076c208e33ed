"""Whatever a notebook holds is read and planned in a time that its size bounds."""

import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from autograder.inbox.reading import MOST_SOURCE, Unreadable, read_notebook
from autograder.names import printable

CPU_SECONDS = 200  # hours are needed by what takes the square of a million letters

# Read and planned as an answer, as a given cell, as a cell of one's own; as one cell and as many.
PROGRAM = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[3]),) * 2)
from autograder.authoring.percent import read_practical
from autograder.grading.follow_through import with_references
from autograder.grading.plan import WrongPractical, plan
from autograder.inbox.reading import MOST_CELLS, MOST_SOURCE, read_notebook
from autograder.names import printable, short, slug
from pathlib import Path

practical = read_practical(Path(sys.argv[1]))
for pumped in json.loads(sys.argv[2]):
    text = pumped * (MOST_SOURCE // len(pumped))
    for cells in (1, MOST_CELLS - 2):
        for identity in ("causal_mask", "imports", "own")[: cells]:
            part = text[: (MOST_SOURCE - 100) // cells]
            made = [{"cell_type": "code", "id": identity, "source": part}] * cells
            made.append({"cell_type": "code", "id": "causal_weights", "source": "causal_weights = 1"})
            planned = plan(read_notebook(json.dumps({"cells": made}).encode()), practical)
            assert len(planned.steps) > 2
            with_references(planned, practical, "causal_weights", ["causal_mask"])
            assert all(len(line) < 300 for line in planned.warnings)
            assert len(planned.warnings) < 50
    short(text), slug(text), printable(text)
"""
PUMPED = [
    *("\n", " ", "\t", "%", "%%", "!", "#", "'", '"', "(", "[", "{", "\\", "\r", "\x0b", "\x0c"),
    *("\u2028", "\u0301\u0316", "é", "a", "1", "_", ".a", "a(", "a.", "=", "a=\n", "a =", " \n"),
    *("def a\n", "def ", "class ", "async ", "raise\n", " raise Not", "\n%", "\n!", "\x1b[", "\x1b]"),
    *("causal_mask = \n", "def causal_mask(", "def a(): pass\n", "a()\n", "@", "'''", "\0", "\ud800"),
]  # fmt: skip
MINI = Path(__file__).parents[1] / "testing" / "mini" / "source" / "01_mini.py"


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_no_text_takes_the_square_of_its_length(part):
    command = [sys.executable, "-c", PROGRAM, str(MINI), json.dumps(PUMPED[part::4])]
    command.append(str(CPU_SECONDS))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_pumped_texts_are_of_every_kind():
    kinds = {unicodedata.category(c) for text in PUMPED for c in text}
    assert kinds >= {"Cc", "Cs", "Ll", "Mn", "Nd", "Ps", "Zl", "Zs"}


# ---------------------------------------------------------------- bounds


def notebook(*cells, **more):
    made = [{"cell_type": kind, "metadata": {}, "source": source} for kind, source in cells]
    return json.dumps({"cells": made} | more).encode()


@pytest.mark.parametrize("kind", ["code", "markdown"])
def test_more_source_than_anybody_writes_is_one_line(kind):
    half = "x" * (MOST_SOURCE // 2)
    assert len(read_notebook(notebook((kind, half), (kind, half))).all_cells) == 2
    with pytest.raises(
        Unreadable, match=r"^the notebook's cells are longer than 1 million [^\n]*$"
    ):
        read_notebook(notebook((kind, half), (kind, half + "x")))


def test_pictures_and_outputs_do_not_count():
    picture = "![](data:image/png;base64," + "iVBORw0KGgo/+" * 200_000 + "==)"
    output = [{"output_type": "stream", "name": "stdout", "text": "x" * (2 * MOST_SOURCE)}]
    data = json.loads(notebook(("markdown", picture), ("code", "x = 1")))
    data["cells"][1]["outputs"] = output
    assert read_notebook(json.dumps(data).encode()).all_cells[0].source == picture


def test_what_a_notebook_calls_itself_is_cut():
    named = {"workbook": {"practical": "x" * 10**6}, "kernelspec": {"language": "y" * 10**6}}
    read = read_notebook(notebook(("code", "1"), metadata=named))
    assert len(read.named) == len(read.language) == 100


def test_lines_for_other_programs_are_seen_wherever_they_stand():
    for source in ("!pip install x", "x\n\n   %pip install x", "\n\n\t%%bash\nls", "\x0c!ls"):
        assert read_notebook(notebook(("code", source))).warnings
    for source in ("x != 1", "a %pip", "%matplotlib inline", "%pipeline"):
        assert not read_notebook(notebook(("code", source))).warnings
    assert printable(source) == source
