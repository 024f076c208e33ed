"""Author errors stop with one line that names file and line."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest

from autograder.authoring.cases import read_tests
from autograder.authoring.headers import cut
from autograder.authoring.material import read_material
from autograder.authoring.percent import read_practical
from autograder.errors import AuthorError
from autograder.testing.small import MINI, changed_course


def test_the_small_practical_is_read():
    practical = read_practical(MINI / "source" / "01_mini.py")
    assert practical.title == "A small practical for the tests"
    assert practical.points == 6
    exercise = practical.exercises["causal_weights"]
    assert (exercise.needs, exercise.minutes, exercise.level) == (("causal_mask",), 5, "Beginner")
    line = (MINI / "source" / "01_mini.py").read_text().splitlines()[exercise.solution.line - 1]
    assert line.startswith('# %% solution="causal_weights"')


SCALE_CHECK = "        return x * scale\n        ### END SOLUTION\n\n\n# %% check\n"
SOURCE, TESTS, MISTAKES = (
    "source/01_mini.py",
    "tests/01_mini/Scale.py",
    "tests/01_mini/mistakes.toml",
)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            SOURCE,
            "x * scale\n        ### END SOLUTION",
            "x * scale",
            "the solution of Scale lacks ### END",
        ),
        (
            SOURCE,
            "        ### BEGIN SOLUTION\n        scale",
            "        scale",
            "END SOLUTION without its other half",
        ),
        (
            SOURCE,
            SCALE_CHECK,
            SCALE_CHECK.replace("# %% check", '# %% demo="Scale_demo"'),
            "Scale needs both a solution and a check",
        ),
        (SOURCE, 'solution="Scale" points=1', 'solution="Scale"', "Scale needs points="),
        (SOURCE, '# %% demo="mask_picture"', "# %%", "say what this cell is"),
        (SOURCE, '# %% demo="mask_picture"', '# %% demo="Scale"', "the id Scale is taken already"),
        (SOURCE, 'needs="causal_mask"', 'needs="mask"', "needs mask, which isn't an exercise"),
        (
            SOURCE,
            "### {exercise}: a scale",
            "### a scale",
            "the text before Scale must have",
        ),
        (SOURCE, "# workbook:", "# book:", "start with '# ---'"),
        (
            TESTS,
            "points=1, hidden=True",
            "points=1.5, hidden=True",
            "the cases have 1.5 points, 01_mini.py:70 says 1",
        ),
        (TESTS, ", hidden=True", "", "belongs above the fold"),
        (TESTS, 'name = "Scale"', 'name = "scale"', "name must be 'Scale'"),
        (TESTS, "OK_FORMAT = False", "OK_FORMAT = True", "OK_FORMAT = False"),
        (
            TESTS,
            "    expect(scale(scale.fill(x), x))",
            "    scale(scale.fill(x), x)",
            "never calls expect",
        ),
        (TESTS, "def scaled_by_each(Scale):", "def scaled_by_each(Scale:", "not Python"),
        (
            SOURCE,
            "def causal_weights(scores):",
            "def causal_weights(scores:",
            "not Python: ",
        ),
        (SOURCE, "def causal_mask(", "def causal_masks(", "this cell doesn't define causal_mask"),
        (MISTAKES, '"()"', '"()', "not TOML"),
        (MISTAKES, 'with = "k=0"', 'wiht = "k=0"', "wiht is unknown; there are code, count,"),
        (MISTAKES, 'with = "k=0"', "with = 0", "with must be of the type str"),
        (MISTAKES, 'replace = "k=1"\nwith = "k=0"', 'edits = [["k=1"]]', "needs replace and with"),
        (MISTAKES, "[[Scale.accepted]]", "[Scale.accepted]", "write [[Scale.mistake]] or"),
        (MISTAKES, "[[Scale.accepted]]", "[[Scale.acepted]]", "write [[Scale.mistake]] or"),
        (MISTAKES, "May a token", "May {ref:a} token", "{ref:a}: there is no exercise"),
        (
            MISTAKES,
            'with = "k=0"\n',
            'variants = [{name = "x", with = "k=0"}]\n',
            "a group has hint, more, hidden_only and variants",
        ),
        (MISTAKES, 'replace = "k=1"', 'replace = "k=2"', "'k=2' occurs 0 times"),
        (MISTAKES, 'hint = "How many features has x?"', "", "needs a hint"),
        (MISTAKES, 'with = "()"', 'with = "x.shape[-1:]"', "changes nothing"),
        (
            MISTAKES,
            'replace = "k=1"\nwith = "k=0"',
            'edits = [["k=1", "k=0"], ["scores", "s", 2]]',
            "'scores' occurs 3 times in the solution, not 2",
        ),
        (
            SOURCE,
            '# %% demo="mask_picture"\nif grader.ready("causal_mask"):\n',
            '# %% [markdown] discussion="why" points=2\n# Why?\n\n# %% demo="mask_picture"\nif True:\n',
            "the discussion why needs a paragraph '{rubric} …'",
        ),
        (
            SOURCE,
            '# %% demo="mask_picture"\nif grader.ready("causal_mask"):\n',
            '# %% [markdown] quiz="quiz"\n# Why?\n\n# %% demo="mask_picture"\nif True:\n',
            "the quiz quiz needs points=…",
        ),
    ],
)
def test_author_errors_name_file_and_line(tmp_path, file, old, new, message):
    course = changed_course(tmp_path, file, old, new)
    with pytest.raises(AuthorError, match=re.escape(message)) as error:
        read_material(course, course.root / SOURCE)
    assert re.match(r"^\S+\.(py|toml):\d+: [^\n]+$", str(error.value))


def test_an_exercise_without_a_test_file_is_named(tmp_path):
    course = changed_course(tmp_path, TESTS, "OK_FORMAT = False", "OK_FORMAT = False")
    (course.root / TESTS).unlink()
    with pytest.raises(AuthorError, match="Scale needs a test file"):
        read_material(course, course.root / SOURCE)


def test_the_line_of_a_mistake_is_its_own(tmp_path):
    course = changed_course(
        tmp_path,
        MISTAKES,
        'replace = "x * scale"\nwith = "x + scale"',
        'replace = "x / scale"\nwith = "x"',
    )
    with pytest.raises(AuthorError) as error:
        read_material(course, course.root / SOURCE)
    line = int(str(error.value).split(":")[1])
    assert (course.root / MISTAKES).read_text().splitlines()[line - 1] == 'name = "adds instead"'


def test_each_edit_says_how_often_its_text_occurs(tmp_path):
    course = changed_course(
        tmp_path,
        MISTAKES,
        'replace = "k=1"\nwith = "k=0"',
        'edits = [["scores", "s", 3], ["k=1", "k=0"]]',
    )
    material = read_material(course, course.root / SOURCE)
    assert "jnp.where(future, -jnp.inf, s)" in material.variants["causal_mask"][0].source


def test_an_exercise_says_itself_that_it_goes_further(tmp_path):
    header = 'solution="causal_weights" points=3'
    course = changed_course(tmp_path, SOURCE, header, f"{header} further=true")
    exercises = read_material(course, course.root / SOURCE).practical.exercises
    assert [e.id for e in exercises.values() if e.further] == ["causal_weights"]


def test_mistakes_that_share_a_hint_are_written_once(tmp_path):
    group = """[[Scale.mistake]]
hint = "As {ref:Scale} says: a scale multiplies."
variants = [
  {name = "adds instead", replace = "x * scale", with = "x + scale"},
  {name = "divides", replace = "x * scale", with = "x / scale"},
]"""
    alone = """[[Scale.mistake]]
name = "adds instead"
replace = "x * scale"
with = "x + scale"
hint = "A scale multiplies.\""""
    course = changed_course(tmp_path, MISTAKES, alone, group)
    found = read_material(course, course.root / SOURCE).variants["Scale"]
    assert [v.name for v in found][1:4] == ["another name", "adds instead", "divides"]
    assert [v.hint for v in found[2:4]] == ["As exercise 3 says: a scale multiplies."] * 2
    assert "x / scale" in found[3].source
    lines = (course.root / MISTAKES).read_text().splitlines()
    assert ['"divides"' in lines[v.line - 1] for v in found[2:4]] == [False, True]


def test_a_missing_file_or_folder_is_one_line(tmp_path):
    course = changed_course(tmp_path, TESTS, "OK_FORMAT = False", "OK_FORMAT = False")
    (course.root / MISTAKES).unlink()
    with pytest.raises(AuthorError, match=r"mistakes\.toml:1: there is no such file: describe"):
        read_material(course, course.root / SOURCE)
    shutil.rmtree(course.source("01_mini"))
    with pytest.raises(AuthorError, match=r"01_mini\.py:1: there is no folder .*01_mini: make it"):
        read_material(course, course.root / SOURCE)


def test_a_file_in_another_encoding_is_one_line(tmp_path):
    course = changed_course(tmp_path, TESTS, "OK_FORMAT = False", "OK_FORMAT = False")
    path = course.root / TESTS
    path.write_bytes(path.read_bytes().replace(b"as wide as", b"as w\xefde as"))
    with pytest.raises(AuthorError, match=r"Scale\.py:8: not UTF-8"):
        read_material(course, course.root / SOURCE)


HEADER = """from otter.test_files import test_case
from workbook import expect, module, normal

OK_FORMAT = False
name = "Scale"
"""


def test_the_header_of_a_test_file_may_be_left_to_the_build(tmp_path):
    short = "from workbook import expect, module, normal\n"
    course = changed_course(tmp_path, TESTS, HEADER, short)
    tests = read_tests(course.root / TESTS)
    lines = (course.root / TESTS).read_text().splitlines()
    assert [lines[case.line - 1].startswith(f"def {case.name}") for case in tests.cases] == [
        True
    ] * 2
    for text in (tests.text, tests.public_text, *(case.source for case in tests.cases)):
        names: dict = {}
        exec(text, names)
        assert (names["OK_FORMAT"], names["name"]) == (False, "Scale")
    (course.root / TESTS).write_text(
        "\n".join(lines).replace("    expect(scale", "    print(scale")
    )
    with pytest.raises(AuthorError, match=rf"Scale.py:{tests.cases[1].line}: .*never calls expect"):
        read_tests(course.root / TESTS)


def test_nothing_is_put_into_the_place_of_another_library():
    code = "import sys, autograder.authoring.percent as p; print(None in sys.modules.values())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_jupytext_cuts_a_source_file_into_the_same_cells():
    text = (MINI / "source" / "01_mini.py").read_text()
    text = text[text.index("# %%") :]
    cells = jupytext.reads(text, fmt="py:percent").cells
    pieces = cut(Path("01_mini.py"), text, 1)
    assert [(cell.cell_type == "code", cell.source) for cell in cells] == [
        (piece.is_code, "\n".join(line for _, line in piece.lines)) for piece in pieces
    ]
