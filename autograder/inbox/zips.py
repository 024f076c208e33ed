"""Bytes and archives that anybody may have made, read with care."""

import gzip
import io
import os
import stat
import zipfile
from pathlib import Path
from typing import BinaryIO

from autograder.errors import UserError
from autograder.inbox.submission import Submission
from autograder.inbox.which_practical import is_called, names_itself

LARGEST = 50_000_000  # bytes of a file, and of a notebook in a zip
CLEAR = "clear its outputs"
MOST_NOTEBOOKS = 20  # of a zip, that are looked into
SKIPPED = frozenset({".ipynb_checkpoints", "__MACOSX", "__pycache__"})  # folders of no student's


def read_bytes(submission: Submission, practical: str) -> tuple[bytes, list[str]]:
    """A submission's notebook, and what was odd about the file.

    UserError (for the student) when the file doesn't give a notebook.
    """
    try:
        if submission.named:  # a copy of ours
            return gzip.decompress(submission.path.read_bytes()), []
        with opened(submission.path) as file:
            if submission.member:
                with zipfile.ZipFile(file) as download:
                    data = unzip(download, download.getinfo(submission.member))
            elif os.fstat(file.fileno()).st_size > LARGEST:
                raise UserError(f"the file is larger than {LARGEST // 10**6} MB: {CLEAR}")
            else:
                data = file.read()
        if not submission.file_name.lower().endswith(".zip"):
            return data, []
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _from_zip(archive, practical)
    except UserError:
        raise
    except Exception as error:  # a damaged archive raises whatever its decompressor raises
        why = str(error)[:200] or "it ends too early"
        raise UserError(f"the file can't be read: {why}") from None


def opened(path: Path) -> BinaryIO:
    """An open file that is one; a UserError for a link, which may lead to the solution, and the like."""
    if path.is_symlink():
        raise UserError("the file is a link: hand in the notebook itself")
    file = open(path, "rb", opener=_without_waiting)
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise UserError("this isn't a file: hand in the notebook itself")
    return file


def read_file(path: Path) -> bytes:
    """A file's bytes, no more than allowed."""
    with opened(path) as file:
        return file.read(LARGEST)


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
    named = [info for info in notebooks if is_called(info.filename, practical)]
    chosen = named if len(named) == 1 else notebooks
    if len(chosen) > 1 and len(chosen) <= MOST_NOTEBOOKS:
        own = [info for info in chosen if names_itself(unzip(archive, info), practical)]
        chosen = own or chosen
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
        inner = any(info.filename.lower().endswith(".zip") for info in archive.infolist())
        more = ", but another zip: hand in the notebook itself" if inner else ""
        raise UserError(f"the zip holds no notebook (.ipynb){more}")
    return unzip(archive, chosen[0]), warnings


def unzip(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A member's bytes, of which no more than allowed are ever unpacked."""
    if info.file_size <= LARGEST:
        with archive.open(info) as file:
            data = file.read(LARGEST + 1)
        if len(data) <= LARGEST:
            return data
    raise UserError(f"the notebook in the zip is larger than {LARGEST // 10**6} MB: {CLEAR}")
