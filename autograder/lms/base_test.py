"""Every LMS that there is answers what autograder/lms/base.py asks."""

from autograder.inbox import whose
from autograder.lms import ALL, TAKING_BACK


def test_the_names_that_are_read_are_those_of_every_lms():
    assert {lms.origins for lms in ALL.values()} == set(whose.READERS)


def test_who_takes_grades_and_pages_back():
    assert list(TAKING_BACK) == ["Canvas", "Moodle"]
    assert list(ALL) == ["Canvas", "Moodle", "Blackboard", "Gradescope"]
