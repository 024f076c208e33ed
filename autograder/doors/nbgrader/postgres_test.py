"""The same course with its gradebook in a real PostgreSQL."""

import csv
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.doors.conftest import NAME, make_course

pytestmark = pytest.mark.slow

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


@pytest.fixture(scope="module")
def database():
    """The address of an empty database on a server of its own, which ends with the tests."""
    pytest.importorskip("psycopg")
    if not BINARIES:
        pytest.skip("there is no PostgreSQL: apt-get install postgresql")
    with tempfile.TemporaryDirectory() as folder:
        as_whom = []
        if os.geteuid() == 0:  # it refuses to be root
            as_whom = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(folder, "postgres", "postgres")

        def call(program, *arguments):
            command = [*as_whom, str(BINARIES[-1].with_name(program)), *arguments]
            subprocess.run(command, cwd="/", check=True, stdout=subprocess.DEVNULL)

        data, options = f"{folder}/data", f"-c listen_addresses='' -k {folder}"
        call("initdb", "--auth=trust", "--username=course", "--no-sync", "-D", data)
        call("pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            call("createdb", "-h", folder, "-U", "course", "gradebook")
            yield f"postgresql://course@/gradebook?host={folder}"
        finally:
            call("pg_ctl", "-D", data, "-m", "immediate", "stop")


def test_a_class_is_graded_marked_and_exported(database, tmp_path):
    course = make_course(tmp_path / "course")
    config = course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.CourseDirectory.db_url = {database!r}\n")
    released = course.root / "release" / NAME / f"{NAME}.ipynb"
    course.hand_in("blank", released.read_bytes())
    solution = course.root / "solutions" / NAME / f"{NAME}.ipynb"
    course.hand_in("right", solution.read_bytes())
    for verb in ("generate_assignment", "autograde", "generate_feedback"):
        done = course.run("nbgrader", verb, "--force", NAME)
        assert done.returncode == 0, done.stderr
    with Gradebook(database) as gradebook:
        gradebook.find_grade("why_masks", NAME, NAME, "right").manual_score = 4
        gradebook.db.commit()
    assert course.run("nbgrader", "export", "--to", "all.csv").returncode == 0
    assert not (course.root / "gradebook.db").exists()
    lines = (course.root / "all.csv").read_text().splitlines()
    rows = {row["student_id"]: row for row in csv.DictReader(lines)}
    assert float(rows["right"]["score"]) == float(rows["right"]["max_score"]) == 13
    assert float(rows["blank"]["score"]) == 0


def test_a_server_that_is_away_is_one_line(tmp_path):
    pytest.importorskip("psycopg")
    course = make_course(tmp_path / "course")
    course.hand_in("right", b"{}")
    config = course.root / "nbgrader_config.py"
    address = f"postgresql://course@/gradebook?host={tmp_path}"
    config.write_text(f"{config.read_text()}\nc.CourseDirectory.db_url = {address!r}\n")
    done = course.run("nbgrader", "autograde", NAME)
    assert done.returncode != 0
    assert done.stderr.splitlines()[-1].count("the gradebook can't be written") == 1
    assert "Traceback" not in done.stderr
