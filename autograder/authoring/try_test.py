"""`autograder try` on the small course: what an author reads of one exercise."""

import io

import pytest
from rich.console import Console

from autograder.authoring.try_ import try_exercise
from autograder.errors import UserError
from autograder.testing.small import NAME, SOURCE, changed_course, copy_small


def tried(course, exercise="causal_mask"):
    """Whether a build would take it, and what was printed."""
    console = Console(file=io.StringIO(), width=200)
    right = try_exercise(course, course.root / SOURCE, exercise, console)
    return right, console.file.getvalue()


def test_everything_that_is_known_of_an_exercise_is_tried(tmp_path):
    right, text = tried(copy_small(tmp_path / "course"))
    assert right
    assert "solution: causal_mask" in text
    assert "blank: nothing filled in" in text
    assert "not started" in text
    assert "May a token attend to itself?" in text
    assert text.count("passes all") == 2  # the solution and the accepted variant
    assert "a build would take it" in text


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (f"tests/{NAME}/mistakes.toml", 'with = "k=0"', 'with = "k=1+0"', "passes every case"),
        (
            f"tests/{NAME}/causal_mask.py",
            'random scores", points=1',
            'random scores", points=5',
            "6 points",
        ),
        (SOURCE, "must not look ahead", "must obviously not look ahead", "leave out the word"),
    ],
)
def test_what_a_build_would_refuse_is_said(tmp_path, file, old, new, message):
    course = changed_course(tmp_path, file, old, new)
    try:
        right, text = tried(course)
    except UserError as error:
        right, text = False, str(error)
    assert not right
    assert message in text


def test_another_exercises_faults_are_not_this_ones(tmp_path):
    course = changed_course(
        tmp_path, f"tests/{NAME}/mistakes.toml", 'with = "scale * x"', 'with = "scale + x"'
    )
    assert tried(course)[0]
    assert not tried(course, "Scale")[0]


def test_an_exercise_that_is_not_there(tmp_path):
    with pytest.raises(UserError, match="did you mean causal_mask"):
        tried(copy_small(tmp_path / "course"), "causal_mas")
