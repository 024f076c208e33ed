"""What nbgrader's autograde may touch of what students handed in: plain files behind no link.

nbgrader itself follows links, waits for pipes, and stops where a time or a folder can't be read.
"""

import contextlib
import fnmatch
import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from nbgrader.converters import base
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc

from autograder.errors import UserError
from autograder.inbox.zips import opened
from autograder.names import short

MOST_FILES = 1_000  # beside a notebook
LONGEST_TIME = 60  # letters
TIME = re.compile(r"[\w:.,+-]+(?: [\w:.,+-]+)?(?: \w[\w:,/+-]*)?", re.ASCII)  # no path of a zone's
NO_TIME = "timestamp.txt says no time: nothing is known of when this was handed in"


def submitted(coursedir: CourseDirectory) -> Path:
    """The folder in which nbgrader looks for what was handed in."""
    return Path(os.path.abspath(coursedir.format_path(coursedir.submitted_directory, ".", ".")))


class Guard:
    """Stands before one run of nbgrader's autograde; `remarks` holds a line on what is odd, by student."""

    def __init__(self, converter: BaseConverter):
        self._converter, self._log = converter, converter.log
        self.top = submitted(converter.coursedir)
        self.remarks: dict[str, str] = {}
        self._of_nbgrader = converter.init_assignment
        converter.init_assignment = self._init_assignment
        converter.coursedir.get_existing_timestamp = self._timestamp
        converter.assignments = dict(self._assignments(converter.assignments))

    def holds(self, path: Path) -> bool:
        """Whether a path is of something handed in, by its names alone."""
        return self.top in Path(os.path.abspath(path)).parents

    # ------------------------------------------------------------ which there are

    def _assignments(self, found) -> Iterator[tuple[str, list[str]]]:
        """nbgrader's folders and notebooks, and those that it has passed over."""
        taken = set(map(os.path.abspath, found))
        for folder, notebooks in [*found.items(), *self._passed_over(taken)]:
            if _has_line_end(folder):  # nbgrader would stop for everyone
                self._log.error("%s isn't graded: rename this folder", short(folder, 300))
            else:
                yield folder, [path for path in notebooks if not _has_line_end(path)]

    def _passed_over(self, taken):
        """Folders that can't be read or whose names nbgrader takes for patterns."""
        coursedir = self._converter.coursedir
        for student in sorted(os.listdir(self.top)):
            folder = self._converter._format_source(coursedir.assignment_id, student)
            if os.path.abspath(folder) in taken or not _fits(student, coursedir.student_id):
                continue
            try:
                names = os.listdir(folder)
            except PermissionError:  # read as what it should hold, which says why it can't be
                names = [f"{coursedir.assignment_id}.ipynb"]
            except OSError:
                continue  # nothing was handed in
            wanted = f"{coursedir.notebook_id}.ipynb"
            names = [name for name in names if _fits(name, wanted) and not name.startswith(".")]
            if notebooks := sorted(names):
                yield folder, [os.path.join(folder, name) for name in notebooks]

    # ------------------------------------------------------------ what is copied

    def _init_assignment(self, assignment_id, student_id):
        find_all_files = base.find_all_files

        def find(path, exclude=()):
            return self._files(path, exclude) if self.holds(path) else find_all_files(path, exclude)

        base.find_all_files = find
        try:
            self._of_nbgrader(assignment_id, student_id)
        finally:
            base.find_all_files = find_all_files

    def _files(self, folder, exclude) -> list[str]:
        """The plain files in a folder, but for those that nbgrader ignores."""
        if is_linked(Path(os.path.abspath(folder)), self.top):
            return []
        found: list[str] = []
        for where, folders, names in os.walk(folder):
            depth = len(Path(where).relative_to(folder).parts)
            folders[:] = [n for n in folders if not _ignored(n, exclude)] if depth < 20 else []
            paths = [os.path.join(where, n) for n in names if not _ignored(n, exclude)]
            found += [path for path in paths[: MOST_FILES - len(found)] if self._is_copied(path)]
        return found

    def _is_copied(self, path):
        if os.path.basename(path) == "timestamp.txt":
            return self._timestamp(os.path.dirname(path)) is not None
        with contextlib.suppress(UserError, OSError):
            opened(Path(os.path.abspath(path)), self.top).close()
            return True
        return False

    # ------------------------------------------------------------ when it was handed in

    def _timestamp(self, folder: str) -> datetime | None:
        """The time in a folder's timestamp.txt; None where there is none."""
        path = Path(os.path.abspath(folder), "timestamp.txt")
        if not os.path.lexists(path):
            return None
        top = self.top if self.holds(path) else None
        try:
            with opened(path, top) as file:
                return _time(file.read(LONGEST_TIME + 1).decode())
        except Exception as error:  # the reader of times has many
            self._log.warning("%s: %s", short(str(path), 300), short(str(error), 200))
            if top:
                self.remarks[path.relative_to(top).parts[0]] = NO_TIME
            return None


def is_linked(path: Path, top: Path) -> bool:
    """Whether a path or a folder above it, below `top`, is a link."""
    return any(each.is_symlink() for each in (path, *path.parents) if top in each.parents)


def _time(text):
    text = text.strip()
    if len(text) > LONGEST_TIME or not TIME.fullmatch(text):
        raise ValueError("it says no time")
    return parse_utc(text)


def _has_line_end(path):
    return "\n" in path


def _ignored(name, patterns):
    return any(_fits(name, pattern) for pattern in patterns)


def _fits(name, pattern):
    return fnmatch.fnmatchcase(name, pattern)
