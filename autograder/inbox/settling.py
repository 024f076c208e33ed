"""Files that arrive: which of them nobody writes to any more."""

import os
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UserError
from autograder.inbox.find import files_of
from autograder.inbox.reading import Unreadable, read_notebook
from autograder.inbox.submission import Submission
from autograder.inbox.zips import LARGEST, open_zip, opened, read_bytes

QUIET = 2.0  # seconds without a change after which a file is taken as it is
QUIET_IF_BROKEN = 10.0  # the same for one that can't be read: its writer may have stalled

Facts = tuple[int, int]  # when a file was changed, and its size


@dataclass
class _Arriving:
    facts: Facts
    since: float
    enough: float = QUIET  # seconds that it has to stay as it is
    is_read: bool = False  # whether its content was looked at


class Settling:
    """The files of a place, looked at again and again."""

    def __init__(self, place: Path):
        self.place = place
        self._files: dict[Path, _Arriving] = {}

    @property
    def there(self) -> set[Path]:
        """What was there at the last look, settled or not."""
        return set(self._files)

    def look(self, now: float) -> dict[Path, Facts]:
        """The files that have settled; `now` is any clock's seconds.

        Raises OSError when the place itself can't be read, as where a network drive is away.
        """
        if self.place.is_dir():
            os.scandir(self.place).close()
        else:
            os.lstat(self.place)
        found = {path: facts for path in files_of(self.place) if (facts := facts_of(path))}
        self._files = {path: self._seen(path, facts, now) for path, facts in found.items()}
        return {
            path: file.facts for path, file in self._files.items() if _has_settled(path, file, now)
        }

    def _seen(self, path, facts, now):
        before = self._files.get(path)
        return before if before and before.facts == facts else _Arriving(facts, now)


def facts_of(path: Path) -> Facts | None:
    """What changes when a file does; None when it isn't there."""
    try:
        seen = os.lstat(path)
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size


def _has_settled(path, file, now):
    quiet = now - file.since
    if quiet >= QUIET and not file.is_read:
        file.is_read, file.enough = True, QUIET if is_whole(path) else QUIET_IF_BROKEN
    return quiet >= file.enough


def is_whole(path: Path) -> bool:
    """Whether a file can be read to its end, which half of a notebook or of a zip can't."""
    kind = path.suffix.lower()
    try:
        if kind == ".zip":
            with opened(path) as file:
                open_zip(file.read(LARGEST)).close()
            return True
        if kind == ".ipynb":
            read_notebook(read_bytes(Submission("", path), "")[0])
    except (UserError, Unreadable):
        return False
    except Exception:  # a damaged archive raises whatever its reader raises
        return False
    return True
