"""For all tests: strict dtypes, and the small course, built and ready to grade."""

import os
from pathlib import Path

import hypothesis
import jax
import pytest

from autograder.compiling import set_up_jax
from autograder.course import Course
from autograder.sandbox.steps import Limits
from autograder.testing import small
from autograder.testing.small import Class, build_small, open_classroom

set_up_jax()  # before any test starts the backend

# On a machine that is busy with other things, slow examples say nothing of the code.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")

# Fixtures that take minutes: whoever needs one runs where it was made.
COSTLY = {"great_trial": "trials", "small_trial": "trials", "nb_course": "nbgrader"}


def pytest_report_header():
    """Which sample this run takes, so that it can be taken again."""
    from checks.practicals.sample import DAY, WHOLE

    return "every known mistake (ALL=1)" if WHOLE else f"known mistakes of DAY={DAY}, not ALL=1"


def pytest_collection_modifyitems(items):
    """What takes longest first, so that no worker is left alone with it at the end."""
    for item in items:
        for group in {COSTLY[name] for name in COSTLY.keys() & set(item.fixturenames)}:
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=_when)


def _when(item):
    if item.get_closest_marker("xdist_group"):
        return 0
    if item.path.name == "practicals_test.py":
        return 1
    return 2 if item.get_closest_marker("slow") else 3


@pytest.fixture(autouse=True)
def strict_dtypes():
    """Silent promotion is an error in this process; the sandbox keeps JAX's default."""
    with jax.numpy_dtype_promotion("strict"):
        yield


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Path:
    """The folder of this test run that all of pytest's processes see."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session", autouse=True)
def small_courses_are_kept(shared):
    """Built once, whoever wants them."""
    small.KEPT_IN = shared / "small"


@pytest.fixture(scope="session")
def mini(tmp_path_factory) -> Course:
    """The small course, built (its solution notebook not run)."""
    return build_small(tmp_path_factory.mktemp("mini") / "course")


@pytest.fixture(scope="session")
def classroom(mini) -> Class:
    """A grader of the small course with short limits."""
    limits = Limits(
        cell_seconds=4,
        case_seconds=4,
        submission_seconds=60,
        memory_bytes=2 << 30,
        output_bytes=10**6,
    )
    with open_classroom(mini, limits) as opened:
        yield opened
