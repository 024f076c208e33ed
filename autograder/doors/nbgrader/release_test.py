"""A release is the same whether it was made by `autograder build` or by nbgrader."""

import pytest

from autograder.doors.conftest import NAME, make_course


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "es"])
def test_nbgrader_releases_what_a_build_does(tmp_path, language):
    course = make_course(tmp_path / "course", language)
    release = course.root / "release" / NAME
    built = {file: file.read_bytes() for file in release.rglob("*") if file.is_file()}
    made = course.run("nbgrader", "generate_assignment", "--force", NAME)
    assert made.returncode == 0, made.stderr
    assert {file: file.read_bytes() for file in release.rglob("*") if file.is_file()} == built
