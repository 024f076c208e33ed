"""Which practical a file is of: by its folders, by its name, by what the notebook says."""

from pathlib import Path

import pytest

from autograder.errors import UserError
from autograder.inbox.reading import Notebook
from autograder.inbox.submission import Submission
from autograder.inbox.which_practical import guess, named_in, of_folders, what_else

EXERCISES = {"01_mini": ["causal_mask", "Scale"], "02_more": ["softmax", "attend"]}
FOLDERS = {
    "": ("", ""),
    "ann": ("", "ann"),
    "01_mini": ("01_mini", ""),
    "01_mini/ann": ("01_mini", "ann"),
    "01_mini/ann/work": ("01_mini", "ann"),
    "ann/02_more": ("02_more", "ann"),
    "ann/02_more/bob/01_mini": ("02_more", "ann"),
    "01_mini/ann/bob/02_more": ("01_mini", "ann"),
    "ann/bob/02_more": ("", "ann"),
    "ann/03_other": ("", "ann"),
}


@pytest.mark.parametrize(("folders", "facts"), FOLDERS.items(), ids=FOLDERS)
def test_the_outermost_folders_say_practical_and_student(folders, facts):
    assert of_folders(folders.split("/") if folders else [], EXERCISES) == facts


def test_a_files_name_says_it_wherever_it_stands():
    assert named_in("ann_1_2_02_more-1.ipynb", EXERCISES) == "02_more"
    assert named_in("work.ipynb", EXERCISES) == ""


def unread():
    raise AssertionError("the file was read")


def test_what_names_say_needs_no_reading():
    assert guess(Submission("a", Path("x.ipynb"), folder="02_more"), EXERCISES, unread) == "02_more"
    assert guess(Submission("a", Path("02_more.ipynb")), EXERCISES, unread) == "02_more"
    assert guess(Submission("a", Path("x.ipynb")), {"01_mini": []}, unread) == "01_mini"


@pytest.mark.parametrize(
    ("data", "practical"),
    [
        (b'{"practical": "02_more"}', "02_more"),
        (b"def softmax(x): ...", "02_more"),
        (b"causal_mask Scale softmax", "01_mini"),
        (b"\xff nothing", "01_mini"),
    ],
)
def test_else_the_notebook_says_it(data, practical):
    submission = Submission("a", Path("work.ipynb"))
    assert guess(submission, EXERCISES, lambda: data) == practical


def test_what_cannot_be_read_is_of_the_first():
    def read():
        raise UserError("the file is a link")

    assert guess(Submission("a", Path("work.ipynb")), EXERCISES, read) == "01_mini"


@pytest.mark.parametrize(
    ("named", "language", "line"),
    [
        ("", "R", "the notebook is written in R, not in Python"),
        ("02_more", "python", "this is the notebook of '02_more', not of '01_mini'"),
        ("01_mini", "", "no cell of the notebook belongs to '01_mini'"),
    ],
)
def test_what_a_notebook_of_something_else_is(named, language, line):
    assert what_else(Notebook([], named, language, []), "01_mini") == line
