"""Files written whole or not at all; what can't be read or written is one line."""

import os
import tempfile
from pathlib import Path

import psutil

from autograder.errors import AuthorError, UserError


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file in one step: a reader never sees half of it, a kill leaves the old one."""
    handle, temporary = tempfile.mkstemp(
        dir=path.parent, prefix=f".{os.getpid()}-", suffix=".partial"
    )
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_file(path: Path, content: bytes) -> None:
    """The same, its folder made if there is none; UserError when it can't be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    except OSError as error:
        raise UserError(f"can't write {path}: {error.strerror}") from None


def read_file(path: Path) -> bytes:
    """A file's bytes; UserError when it can't be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"can't read {path}: {error.strerror}") from None


def read_text(path: Path) -> str:
    """What an author wrote; AuthorError with its line when it isn't UTF-8."""
    content = read_file(path)
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise AuthorError(path, line, "not UTF-8: save it in this encoding") from None


def remove_partial(folder: Path) -> None:
    """Remove what writers that were killed left unfinished; living ones keep theirs."""
    for path in folder.glob(".*-*.partial"):
        pid = path.name[1:].partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            path.unlink(missing_ok=True)
