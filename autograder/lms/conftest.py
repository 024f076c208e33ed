"""Downloads as the four LMSs make them, of one small class that is graded once."""

import zipfile

import pytest

from autograder.grading.classroom import grade_class
from autograder.grading.result import CaseResult, ExerciseResult, Result
from autograder.report.pages import write_class_pages

WRONG = "def causal_mask(scores):\n    return scores\n"
BLACKBOARD = "Homework 1_{}_attempt_2026-01-{}-09-00-00"


def zipped(path, members):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def unpacked(folder, members):
    for name, data in members.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


PEOPLE = b"""\
submission_71:
  :submitters:
  - :name: Zo\xc3\xab Lee
    :sid: 007
    :email: zoe@x.org
  :created_at: 2026-01-31 23:59:59.123 Z
  :score: !ruby/object:BigDecimal 18:0.1e1
submission_72:
  :submitters:
  - :name: Bob Ray
    :sid:
    :email: bob@x.org
  - :name: Eve Fox
    :sid: '009'
    :email: eve@x.org
"""


@pytest.fixture(scope="session")
def downloads(classroom):
    """What each LMS's zip holds: Zoë has everything right, Bob half of an exercise wrong."""
    right, wrong = classroom.notebook(), classroom.notebook({"causal_mask": WRONG})
    return {
        "Canvas": {
            "leezoë_123_900_01_mini.ipynb": wrong,
            "leezoë_123_901_01_mini-1.ipynb": right,
            "raybob_LATE_124_902_homework.ipynb": wrong,
            "foxeve_125_903_01_mini.ipynb": b"",
        },
        "Moodle": {
            "Zoë Lee_51_assignsubmission_file_/01_mini.ipynb": right,
            "Bob Ray_52_assignsubmission_file/work/my notebook.ipynb": wrong,
            "Eve Fox_53_assignsubmission_onlinetext_/onlinetext.html": b"<p>hello</p>",
        },
        "Blackboard": {
            BLACKBOARD.format("zl1", "01") + "_01_mini.ipynb": wrong,
            BLACKBOARD.format("zl1", "02") + "_01_mini.ipynb": right,
            BLACKBOARD.format("zl1", "02") + ".txt": b"Name: Zoe Lee (zl1)",
            BLACKBOARD.format("br2", "01") + "_homework.ipynb": wrong,
        },
        "Gradescope": {
            "assignment_5_export/submission_metadata.yml": PEOPLE,
            "assignment_5_export/submission_71/01_mini.ipynb": right,
            "assignment_5_export/submission_72/homework.ipynb": wrong,
        },
    }


@pytest.fixture(scope="session")
def graded(mini, downloads, tmp_path_factory):
    """A folder with the four zips, and the folder of their grades, from one run."""
    folder = tmp_path_factory.mktemp("lms")
    for lms, members in downloads.items():
        zipped(folder / "downloads" / f"{lms}.zip", members)
    output = folder / "grades"
    place = folder / "downloads"
    for _ in grade_class(mini, place, None, output, write_class_pages, 2, downloads=True):
        pass
    return folder / "downloads", folder / "grades"


def made(student, file="a.ipynb", points=4.0, practical="01_mini", **facts):
    """A stored result of two exercises, the second of which goes further."""
    exercises = [
        ExerciseResult("mask", "Mask", "passed", points, 4.0, [CaseResult("c", "c", True, "passed", points, 4.0)]),
        ExerciseResult("more", "More", "failed", 0.0, 1.0, further=True),
    ]  # fmt: skip
    facts = {
        "status": "graded",
        "points": points,
        "max_points": 5.0,
        "exercises": exercises,
    } | facts
    return Result(practical, student, file, **facts)


@pytest.fixture
def saved(tmp_path):
    """Stores results and gives the folder of grades."""

    def save(*results):
        for number, result in enumerate(results):
            result.save(tmp_path / "grades" / result.practical / f"{number}.json")
        return tmp_path / "grades"

    return save
