"""The zip with which Gradescope makes an image that grades with our own engine."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from autograder.course import LEFT_BEHIND, WORKBOOK, Course, workbook_files
from autograder.errors import UserError
from autograder.grading.built import Loaded
from autograder.packages import ENGINE, NOTEBOOKS

HERE = Path(__file__).parent
SCRIPTS = ("setup.sh", "run_autograder")
NOT_NEEDED = {"testing", "report"}  # folders of the package
SAME_DAY = (1980, 1, 1, 0, 0, 0)  # the same bytes from the same files


def write_zip(course: Course, loaded: Loaded, path: Path) -> None:
    """Write the zip: two scripts, pinned requirements, the engine, and one practical's course.

    Raises UserError when the course has no requirements.txt.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(_contents(course, loaded.name).items()):
            entry = zipfile.ZipInfo(name, SAME_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entered = name in SCRIPTS or entry.is_dir()
            entry.external_attr = (0o755 if entered else 0o644) << 16
            archive.writestr(entry, content)


def _contents(course, practical) -> dict[str, bytes]:
    pins = course.root / "requirements.txt"
    if not pins.exists():
        raise UserError(f"there is no {pins}: pin the versions of all packages there")
    theirs = (course.release(practical) / "requirements.txt").read_text("utf-8").split()
    wanted = {*ENGINE} | {line.partition("==")[0] for line in theirs} - {*NOTEBOOKS}
    return {name: file.read_bytes() for name, file in _files(course, practical)} | {
        "requirements.txt": "".join(f"{name}\n" for name in sorted(wanted)).encode(),
        "constraints.txt": pins.read_bytes(),
        f"course/source/{practical}/": b"",  # a practical has this folder; nothing in it grades
    }


def _files(course, practical) -> Iterator[tuple[str, Path]]:
    """(name in the zip, file) of everything in it."""
    yield from ((name, HERE / name) for name in SCRIPTS)
    for file in workbook_files():
        yield f"course/source/{file.relative_to(WORKBOOK.parent)}", file
    for file in course.graded_with(practical):
        yield f"course/{file.relative_to(course.root)}", file
    engine = HERE.parents[1]
    for file in engine.rglob("*.py"):
        inside = file.relative_to(engine)
        tests = file.name.endswith("_test.py") or file.name == "conftest.py"
        if not tests and not (NOT_NEEDED | LEFT_BEHIND) & set(inside.parts):
            yield f"autograder/{inside}", file
