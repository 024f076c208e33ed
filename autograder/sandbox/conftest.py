"""Sandboxes to attack, one a level for the whole run; levels that don't work here are skipped."""

import pytest

from autograder.sandbox import policy
from autograder.sandbox.client import Sandbox
from autograder.sandbox.steps import Limits

LIMITS = Limits(
    cell_seconds=5,
    case_seconds=2,
    memory_bytes=1 << 30,
    output_bytes=1_000_000,
    file_bytes=16 << 20,
)


def needs(level):
    """Skip the test where this level isn't to be had."""
    if level == "bubblewrap" and not policy.works():
        pytest.skip("bubblewrap doesn't work here: its promises are NOT tested")


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """What students of the practical "p" get."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "helpers.py").write_text("import networkx\nANSWER = 42\n")
    (folder / "data").mkdir()
    (folder / "data" / "numbers.txt").write_text("1 2 3")
    return folder


@pytest.fixture(scope="session", params=["bubblewrap", "process"])
def sandbox(request, course):
    """A sandbox of each level."""
    needs(request.param)
    with Sandbox({"p": course}, LIMITS, level=request.param) as made:
        yield made


@pytest.fixture(scope="session")
def walled(course):
    """A sandbox with every wall."""
    needs("bubblewrap")
    with Sandbox({"p": course}, LIMITS, level="bubblewrap") as made:
        yield made
