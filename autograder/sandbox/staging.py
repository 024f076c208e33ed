"""The folder that a sandbox is made from, and those that killed graders left behind."""

import contextlib
import fcntl
import os
import tempfile
from pathlib import Path

import psutil

from autograder.sandbox.inside.sweep import empty

PREFIX, ZYGOTE = "autograder-", "zygote.py"
_locks: dict[Path, int] = {}  # held as long as this process lives


def make() -> Path:
    """A new folder of this process's, after removing those whose process has ended."""
    remove_abandoned()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    new = folder / ".new"
    _locks[folder] = os.open(new, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    fcntl.flock(_locks[folder], fcntl.LOCK_EX)
    new.rename(folder / ".lock")  # never there unlocked while we live
    return folder


def remove(folder: Path) -> None:
    """Remove a folder and all that hostile code put into it."""
    with contextlib.suppress(OSError):
        if empty(folder, seconds=60):
            folder.rmdir()
    with contextlib.suppress(OSError):
        os.close(_locks.pop(folder, -1))


def remove_abandoned() -> None:
    """Remove the folders of graders of this user that were killed, and what is left of sandboxes.

    bubblewrap dies with its parent, except in the moment before it has said so.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder in _locks or folder.is_symlink() or folder.stat().st_uid != os.geteuid():
                continue
            lock = os.open(folder / ".lock", os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # OSError: its process lives
                _kill_what_serves(folder)
                remove(folder)
            finally:
                os.close(lock)


def _kill_what_serves(folder):
    """Their command lines name the folder."""
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if any(ZYGOTE in word for word in words) and any(folder.name in word for word in words):
            with contextlib.suppress(psutil.Error):
                process.kill()
