"""What a score depends on is part of its key."""

import subprocess
import sys
from pathlib import Path

import autograder
from autograder.grading.built import engine_files

PACKAGE = Path(autograder.__file__).parent
# Imported by what grades, without a say in any score: a mistake's hint stands in the answer key.
WITHOUT_A_SAY = {
    *("cache", "course", "errors", "files", "authoring/mistakes"),
    *(f"{room}__init__" for room in ("", "authoring/")),
}
LIST = """
import sys
import autograder.grading.grade, autograder.authoring.material
for name, module in sys.modules.items():
    if name.partition(".")[0] == "autograder":
        print(module.__file__)
"""


def test_every_module_that_grades_is_in_the_digest():
    listed = subprocess.run(
        [sys.executable, "-c", LIST], capture_output=True, text=True, check=True
    )
    imported = {Path(line) for line in listed.stdout.split("\n") if line}
    names = {
        str(file.relative_to(PACKAGE).with_suffix("")) for file in imported - {*engine_files()}
    }
    assert names == WITHOUT_A_SAY


def test_only_files_that_are_there_are_named():
    files = [*engine_files()]
    assert all(file.is_file() for file in files)
    assert len(files) == len({*files})
    assert not [file for file in files if "report" in file.parts or file.name.endswith("_test.py")]
