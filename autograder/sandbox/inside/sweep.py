"""Emptying folders that hostile code has filled; used on both sides of the wall."""

import os
import stat
import time
from collections.abc import Collection
from pathlib import Path

NEW = 0o755  # the mode of a folder to write in


def empty(folder: str | Path, keep: Collection[str] = frozenset(), seconds: float = 2.0) -> bool:
    """Remove all that a folder holds but the names in `keep`; False when that didn't work in time.

    However deep folders are nested: each is moved to the top before it is entered, so no path
    grows long. Symbolic links aren't followed.
    """
    deadline = time.monotonic() + seconds
    try:
        while entries := [entry for entry in os.scandir(folder) if entry.name not in keep]:
            for entry in entries:
                if time.monotonic() > deadline:
                    return False
                _remove(entry, folder)
    except OSError:
        return False
    return True


def renew(folder: str | Path, keep: Collection[str] = frozenset()) -> bool:
    """Empty a folder and leave nothing of its own mode, times and size; False when that failed."""
    try:
        os.chmod(folder, NEW)
        if not empty(folder, keep):
            return False
        try:
            os.rmdir(folder)
        except OSError:  # where something is mounted, or with names to keep
            os.utime(folder, (0, 0))
        else:
            os.mkdir(folder, NEW)
    except OSError:
        return False
    return True


def _remove(entry, top):
    if not entry.is_dir(follow_symlinks=False):
        os.unlink(entry.path)
        return
    os.chmod(entry.path, stat.S_IRWXU)
    for number, inner in enumerate(list(os.scandir(entry.path))):
        if inner.is_dir(follow_symlinks=False):
            os.chmod(inner.path, stat.S_IRWXU)  # moving a folder writes its link to the parent
            os.rename(inner.path, f"{top}/.{time.monotonic_ns()}-{number}")
        else:
            os.unlink(inner.path)
    os.rmdir(entry.path)
