"""What pyproject.toml and requirements.txt must repeat of the lists of packages is the same."""

import re
import tomllib
from pathlib import Path

import pytest

from autograder.packages import DECIDING, ENGINE, IMPORTED, STUDENTS, TAUGHT

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINNED = re.findall(r"(?m)^([\w.-]+)==", (ROOT / "requirements.txt").read_text())

# Of an author's and an instructor's machine alone: doors, command line, pages.
OURS = {"jinja2", "nbgrader", "pillow", "psutil", "pyyaml", "rich", "typer"}
# What others bring along: gymnasium its screen, nbgrader and otter the notebook's own tools.
BROUGHT = {"ipykernel", "ipython", "jupyterlab", "nbformat", "pygame-ce"}


def names(requirements):
    """Packages without extras, versions and markers, as package indexes spell them."""
    bare = (re.match(r"[\w.-]+", requirement)[0] for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", name).lower() for name in bare}


def test_pyproject_installs_what_the_lists_name_and_nothing_else():
    wanted = {*STUDENTS, *ENGINE, *OURS} - BROUGHT
    assert names(PROJECT["dependencies"]) == wanted


@pytest.mark.parametrize("package", [*dict.fromkeys([*STUDENTS, *DECIDING, *ENGINE])])
def test_each_package_is_pinned(package):
    assert package in names(PINNED)


def test_all_that_is_taught_is_imported_before_the_fork():
    modules = {name.partition(".")[0] for name in IMPORTED} | {"jaxlib", "numpy"}  # by jax
    assert {name.removeprefix("dm-") for name in TAUGHT} <= modules
