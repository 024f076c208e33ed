"""Author errors stop with one line that names file and line."""

import re

import pytest

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
        (TESTS, "points=1, hidden=True", "points=1.5, hidden=True", "the cases have 1.5 points"),
        (TESTS, ", hidden=True", "", "belongs above the fold"),
        (TESTS, 'name = "Scale"', 'name = "scale"', "name must be 'Scale'"),
        (TESTS, "OK_FORMAT = False", "", "OK_FORMAT = False"),
        (
            TESTS,
            "    expect(scale(scale.fill(x), x))",
            "    scale(scale.fill(x), x)",
            "never calls expect",
        ),
        (TESTS, "def scaled_by_each(Scale):", "def scaled_by_each(Scale:", "not Python"),
        (MISTAKES, '"()"', '"()', "not TOML"),
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
