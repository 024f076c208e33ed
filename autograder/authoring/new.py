"""`autograder new`: a small practical that builds, to be changed into another one."""

import re
from collections.abc import Iterator
from pathlib import Path

from autograder.course import LEFT_BEHIND, Course
from autograder.errors import UserError
from autograder.files import write_file

STARTER, STARTERS_NAME = Path(__file__).parent / "starter", "00_starter"
NAME = re.compile(r"[0-9]{2}_[a-z][a-z0-9_]*")


def new_practical(course: Course, name: str) -> Iterator[str]:
    """Write a small practical's source, folder and tests; what was written, a line each.

    UserError where something is in the way, before anything is written.
    """
    if not NAME.fullmatch(name):
        raise UserError(f"{name!r} can't be a practical: write two digits and a name, 07_diffusion")
    for path in course.practicals:
        if path.stem[:2] == name[:2]:
            raise UserError(f"the number {name[:2]} is taken by {path.stem}")
    files = {}
    for file in sorted(STARTER.rglob("*")):
        if file.is_file() and not LEFT_BEHIND & set(file.parts):
            place = str(file.relative_to(STARTER)).replace(STARTERS_NAME, name)
            files[course.root / place] = file.read_text(encoding="utf-8")
    for folder in (course.source(name), course.tests(name)):
        if folder.exists():
            raise UserError(f"{folder} is there already: choose another name")
    title = name[3:].replace("_", " ").strip().capitalize()
    for path, text in files.items():
        write_file(path, text.replace("TITLE", title).encode())
        yield f"wrote {path.relative_to(course.root)}"
    yield f"now: autograder try {name[:2]} softmax --watch, and autograder build {name[:2]}"
