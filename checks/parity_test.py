"""A small class through all four doors; `make parity` sends a larger one of each practical."""

import pytest

from autograder.authoring.build import Course
from autograder.doors.conftest import NAME, make_course
from autograder.status import Status
from checks.parity import compare

pytestmark = pytest.mark.slow


def test_the_four_doors_give_the_same_points_or_a_reason(tmp_path):
    course = Course(make_course(tmp_path / "course").root)
    found = list(compare(course, NAME, 6, tmp_path / "doors"))
    assert len(found) == 6
    assert {Status.GRADED, Status.BLANK} <= {one.result.status for one in found}
    unexplained = {
        one.result.student: one.differs
        for one in found
        if any(text.startswith("!") for text in one.differs.values())
    }
    assert unexplained == {}
