"""What students handed in: found in a folder, one submission a file, and read with care."""

import os
import re
import stat
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import UserError

LARGEST = 50_000_000  # bytes of a file, and of a notebook in a zip
CLEAR = "clear its outputs"
MOST_NOTEBOOKS = 20  # of a zip, that are looked into
SKIPPED = {".ipynb_checkpoints", "__MACOSX", "__pycache__"}


@dataclass(frozen=True)
class Submission:
    """One handed-in file: whose, where, and its member when it lies in a zip."""

    student: str
    path: Path
    member: str = ""
    folder: str = ""  # the practical, where the folder's name says it

    @property
    def file(self) -> str:
        return f"{self.path}!{self.member}" if self.member else str(self.path)


def find_submissions(place: Path, practicals: Iterable[str]) -> list[Submission]:
    """Every submission in a folder (notebooks, zips, nbgrader's tree) or the one in a file."""
    if not place.exists():
        raise UserError(f"there is no {place}: name a folder of submissions, a notebook or a zip")
    if place.is_file():
        if place.suffix.lower() not in (".ipynb", ".zip"):
            raise UserError(f"{place} is neither a notebook (.ipynb) nor a .zip")
        found = [Submission(place.stem, place)]
    else:
        found = [_submission(place, path, set(practicals)) for path in _files(place)]
    if not found:
        raise UserError(f"there is no notebook (.ipynb) and no .zip in {place}")
    return _with_own_names(found)


def _files(place):
    """Whatever looks handed in, also links and pipes: each gets its row."""
    for folder, subfolders, names in os.walk(place):
        subfolders[:] = sorted(
            name for name in subfolders if name not in SKIPPED and not name.startswith(".")
        )
        links = [name for name in subfolders if Path(folder, name).is_symlink()]
        wanted = [name for name in names if name.lower().endswith((".ipynb", ".zip"))]
        for name in sorted(wanted + links):
            if not re.match(r"\.[^.]", name):  # but "..ann..ipynb" is somebody's
                yield Path(folder, name)


def _submission(place, path, practicals):
    parts = path.relative_to(place).parts
    if len(parts) >= 3 and parts[-2] in practicals:  # nbgrader's submitted/student/practical/
        return Submission(parts[-3], path, folder=parts[-2])
    if len(parts) >= 2 and parts[0] not in practicals:
        return Submission(parts[0], path)
    if len(parts) >= 3:  # practical/student/file
        return Submission(parts[1], path, folder=parts[0])
    return Submission(path.stem, path, folder=parts[0] if len(parts) >= 2 else "")


def _with_own_names(found):
    """No two submissions of one practical under one name: later ones get their file's name too.

    A file whose folder doesn't say its practical may be of any.
    """
    taken: dict[str, set[str]] = {}
    result = []
    for submission in found:
        name, number = submission.student, 1
        while _meet(taken.get(name, ()), submission.folder):
            number += 1
            extra = f" {number}" if number > 2 else ""
            name = f"{submission.student} ({submission.path.name}{extra})"
        taken.setdefault(name, set()).add(submission.folder)
        result.append(replace(submission, student=name))
    return result


def _meet(folders, folder):
    return folder in folders or "" in folders or (folder == "" and bool(folders))


def read_bytes(submission: Submission, practical: str) -> tuple[bytes, list[str]]:
    """A submission's notebook, and what was odd about the file.

    UserError (for the student) when the file doesn't give a notebook.
    """
    try:
        if submission.path.is_symlink():  # it may lead to the solution
            raise UserError("the file is a link: hand in the notebook itself")
        with open(submission.path, "rb", opener=_without_waiting) as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise UserError("this isn't a file: hand in the notebook itself")
            if facts.st_size > LARGEST:
                raise UserError(f"the file is larger than {LARGEST // 10**6} MB: {CLEAR}")
            if submission.path.suffix.lower() != ".zip":
                return file.read(), []
            with zipfile.ZipFile(file) as archive:
                return _from_zip(archive, practical)
    except UserError:
        raise
    except Exception as error:  # a damaged archive raises whatever its decompressor raises
        why = str(error)[:200] or "it ends too early"
        raise UserError(f"the file can't be read: {why}") from None


def _without_waiting(path, flags):
    """Open no pipe that waits for a writer, and follow no link put there a moment ago."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW)


def _from_zip(archive, practical):
    """The one notebook of a zip; of several the practical's own, else the newest of its copies."""
    notebooks = [
        info
        for info in archive.infolist()
        if info.filename.lower().endswith(".ipynb") and not SKIPPED & set(Path(info.filename).parts)
    ]
    named = [info for info in notebooks if Path(info.filename).stem == practical]
    chosen = named if len(named) == 1 else notebooks
    if len(chosen) > 1 and len(chosen) <= MOST_NOTEBOOKS:
        chosen = [info for info in chosen if practical.encode() in _unzip(archive, info)] or chosen
    warnings = []
    if len(chosen) > 1:
        dates = sorted(info.date_time for info in chosen)
        if len(chosen) > MOST_NOTEBOOKS or dates[-1] == dates[-2]:
            raise UserError(f"the zip holds {len(chosen)} notebooks: hand in one")
        newest = max(chosen, key=lambda info: info.date_time)
        names = ", ".join(Path(info.filename).name[:60] for info in chosen)
        warnings.append(
            f"the zip holds several notebooks ({names:.300}); "
            f"{Path(newest.filename).name[:60]}, the newest, was graded"
        )
        chosen = [newest]
    if not chosen:
        raise UserError("the zip holds no notebook (.ipynb)")
    return _unzip(archive, chosen[0]), warnings


def _unzip(archive, info):
    """A member's bytes, of which no more than allowed are ever unpacked."""
    if info.file_size <= LARGEST:
        with archive.open(info) as file:
            data = file.read(LARGEST + 1)
        if len(data) <= LARGEST:
            return data
    raise UserError(f"the notebook in the zip is larger than {LARGEST // 10**6} MB: {CLEAR}")
