"""Bytes and archives that anybody may have made, read with care."""

import errno
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
from autograder.names import short

LARGEST = 50_000_000  # bytes of a file, and of a notebook in a zip
CLEAR = "clear its outputs"
MOST_NOTEBOOKS = 20  # of a zip, that are looked into
MOST_MEMBERS = 120_000  # of a zip: two seconds
FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC  # to look into
SKIPPED = frozenset({".ipynb_checkpoints", "__MACOSX", "__pycache__"})  # folders of no student's


def read_bytes(submission: Submission, practical: str) -> tuple[bytes, list[str]]:
    """A submission's notebook, and what was odd about the file.

    UserError (for the student) when the file doesn't give a notebook.
    """
    if submission.refused:
        raise UserError(submission.refused)
    try:
        if submission.named:  # a copy of ours
            return gzip.decompress(submission.path.read_bytes()), []
        with opened(submission.path, submission.top) as file:
            if submission.member:
                with zipfile.ZipFile(file) as download:
                    data = unzip(download, download.getinfo(submission.member))
            elif os.fstat(file.fileno()).st_size > LARGEST:
                raise UserError(f"the file is larger than {LARGEST // 10**6} MB: {CLEAR}")
            else:
                data = file.read()
        if not submission.file_name.lower().endswith(".zip"):
            return data, []
        with open_zip(data) as archive:
            return _from_zip(archive, practical)
    except UserError:
        raise
    except OSError as error:
        raise UserError(f"the file can't be read: {error.strerror or short(str(error))}") from None
    except Exception as error:  # a damaged archive raises whatever its decompressor raises
        why = short(str(error), 200) or "it ends too early"
        raise UserError(f"the file can't be read: {why}") from None


def opened(path: Path, top: Path | None = None) -> BinaryIO:
    """An open file that is one; UserError for a link, which may lead to the solution, and the like.

    No folder below `top` may be one either; without it the file's own folder is taken as it is.
    """
    top = path.parent if top is None else top
    folder = os.open(top, FOLDER)
    try:
        *folders, name = path.relative_to(top).parts
        for each in folders:
            inner = _inner(each, folder)
            os.close(folder)
            folder = inner
        kind = os.lstat(name, dir_fd=folder).st_mode  # some devices act when they are opened
        if stat.S_ISLNK(kind):
            raise UserError("the file is a link: hand in the notebook itself")
        if not stat.S_ISREG(kind):
            raise UserError("this isn't a file: hand in the notebook itself")
        return _regular(name, folder)
    finally:
        os.close(folder)


def _inner(name, folder):
    try:
        return os.open(name, FOLDER | os.O_NOFOLLOW, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            why = "the file lies behind a link: hand in the notebook itself"
            raise UserError(why) from None
        raise


def _regular(name, folder):
    """The open file, also where another one was put there a moment ago."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
    file = open(os.open(name, flags, dir_fd=folder), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise UserError("this isn't a file: hand in the notebook itself")
    return file


def read_file(path: Path) -> bytes:
    """A file's bytes, no more than allowed."""
    with opened(path) as file:
        return file.read(LARGEST)


def open_zip(data: bytes) -> zipfile.ZipFile:
    """The archive in a student's bytes; UserError when it has more members than are soon listed."""
    if data.count(b"PK\1\2") > MOST_MEMBERS:  # the mark before each
        raise UserError(f"the zip holds more than {MOST_MEMBERS} files: hand in the notebook")
    return zipfile.ZipFile(io.BytesIO(data))


def _from_zip(archive, practical):
    """The one notebook of a zip; of several the practical's own, else the newest of its copies."""
    notebooks = [
        info
        for info in archive.infolist()
        if info.filename.lower().endswith(".ipynb") and not SKIPPED & set(Path(info.filename).parts)
    ]
    named = [info for info in notebooks if is_called(info.filename, practical)]
    chosen = named if len(named) == 1 else notebooks
    if sum(info.file_size for info in chosen) > LARGEST and len(chosen) > 1:
        size = f"larger than {LARGEST // 10**6} MB together"
        raise UserError(f"the zip holds {len(chosen)} notebooks, {size}: hand in one")
    if len(chosen) > 1 and len(chosen) <= MOST_NOTEBOOKS:
        own = [info for info in chosen if names_itself(unzip(archive, info), practical)]
        chosen = own or chosen
    warnings = []
    if len(chosen) > 1:
        dates = sorted(info.date_time for info in chosen)
        if len(chosen) > MOST_NOTEBOOKS or dates[-1] == dates[-2]:
            raise UserError(f"the zip holds {len(chosen)} notebooks: hand in one")
        newest = max(chosen, key=lambda info: info.date_time)
        names = short(", ".join(short(Path(info.filename).name) for info in chosen), 300)
        warnings.append(
            f"the zip holds several notebooks ({names}); "
            f"{short(Path(newest.filename).name)}, the newest, was graded"
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
