"""What each student handed in so far: every attempt is kept, and one of them counts.

`grades/<practical>/<student>.json` is the result that counts. `attempts/<student>/` beside it holds
for each attempt the notebook's bytes, so that tests that change later can be tried on it, and its
result.
"""

import gzip
import struct
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.errors import UserError
from autograder.files import remove_partial, write_file
from autograder.grading.built import Loaded, practical_of
from autograder.grading.result import Attempt, Result
from autograder.inbox.submission import Submission
from autograder.names import slug

COPY = ".ipynb.gz"  # an ending that isn't taken for a hand-in
LONGEST_NAME = 32  # digits of a digest: students who look for two alike gain nothing


@dataclass(frozen=True)
class Key:
    """What a result's key says: which rules it was graded by, and which bytes."""

    rules: str
    data: str

    def __str__(self) -> str:
        return f"{self.rules}-{self.data}"

    @classmethod
    def read(cls, text: str) -> "Key":
        """The key that a result carries; of an older version it fits nothing."""
        rules, _, data = text.rpartition("-")
        return cls(rules, data)


class Attempts:
    """The attempts of all students in a folder of results; several threads may keep some at once.

    Args:
        best: the best attempt counts, the latest of equals; else the one that lies in the folder.
    """

    def __init__(self, output: Path, best: bool = False):
        self.output, self.best = output, best
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, str], dict[str, str]] = {}  # by student, of this run's bytes
        self._counting: dict[tuple[str, str], Result] = {}

    def path(self, practical: str, student: str) -> Path:
        """Where the result that counts is."""
        return self.output / practical / f"{slug(student)}.json"

    def folder(self, practical: str, student: str) -> Path:
        """Where a student's attempts are."""
        return self.output / practical / "attempts" / slug(student)

    def of(self, practical: str, student: str) -> list[Result]:
        """A student's attempts in the order in which they were seen."""
        paths = self.folder(practical, student).glob("*.json")
        return sorted(filter(None, map(load_kept, paths)), key=lambda result: result.seen)

    def find(self, practical: str, student: str, key: Key) -> Result | None:
        """The student's result of these bytes by these rules.

        None too where the result that counts was deleted: that is how to ask for another grading.
        """
        found = load_kept(self._file(practical, student, key.data, ".json"))
        if found is None or found.key != str(key) or not load_kept(self.path(practical, student)):
            return None
        return found

    # ------------------------------------------------------------ what comes in

    def arrived(self, practical: str, submission: Submission, key: Key, data: bytes) -> None:
        """Keep a notebook's bytes and note when they were first seen.

        A student's latest attempt comes first, the ones before it follow backwards.
        """
        student = submission.student
        copy = self._file(practical, student, key.data, COPY)
        if not _is_copy(copy, data):
            write_file(copy, gzip.compress(data, mtime=0))
        seen = self._seen.setdefault((practical, student), {})
        if key.data not in seen or not submission.past:
            seen[key.data] = self._first_seen(practical, submission, key, seen)

    def _first_seen(self, practical, submission, key, seen):
        old = load_kept(self._file(practical, submission.student, key.data, ".json"))
        if submission.past:
            before = _moment(min(seen.values(), default=_now()))
            return old.seen if old and old.seen else _text(before - timedelta(microseconds=1))
        others = [each.seen for each in self.of(practical, submission.student)]
        # what lies in the folder is the last one, also when it is an old one handed in again
        return old.seen if old and old.seen and old.seen >= max(others) else _now()

    def earlier(
        self, submissions: Iterable[Submission], loaded: Mapping[str, Loaded]
    ) -> Iterator[Submission]:
        """The earlier attempts that a download holds, the last first, each as a submission."""
        for latest in submissions:
            if latest.older:
                practical = practical_of(latest, dict(loaded))
                for older in reversed(latest.older):
                    yield replace(older, student=latest.student, folder=practical, past=True)

    def not_graded(self, rules: Mapping[str, str]) -> list[Submission]:
        """Kept attempts of this run's students that no result by these rules stands for."""
        left = []
        for (practical, student), known in list(self._seen.items()):
            for copy in sorted(self.folder(practical, student).glob(f"*{COPY}")):
                old = load_kept(copy.with_name(copy.name.removesuffix(COPY) + ".json"))
                name = copy.name.removesuffix(COPY)
                here = any(data.startswith(name) for data in known)
                if not here and not (old and Key.read(old.key).rules == rules[practical]):
                    file = old.file if old else f"{student}.ipynb"
                    left.append(Submission(student, copy, "", practical, past=True, named=file))
        return left

    # ------------------------------------------------------------ what is graded

    def keep(self, result: Result, key: Key) -> Result:
        """Store the result of an attempt and, where that changes, the one that counts; gives that.

        A file that gave no bytes (`key.data` is "") is no attempt: it counts while it lies there.
        """
        practical, student = result.practical, result.student
        with self._lock:
            if key.data:
                seen = self._seen.get((practical, student), {}).get(key.data) or _now()
                result = replace(result, seen=seen)
                _save(result, self._file(practical, student, key.data, ".json"))
            history = self.of(practical, student)
            counting = self._choose(result, history, key.rules)
            counting = replace(counting, attempts=_facts(history, counting))
            _save(counting, self.path(practical, student))
            self._counting[practical, student] = counting
            return counting

    def counting(self, results: Iterable[Result]) -> list[Result]:
        """For the students of these results the one that counts of each."""
        students = dict.fromkeys((result.practical, result.student) for result in results)
        return [self._counting[each] for each in students if each in self._counting]

    def _choose(self, result, history, rules):
        """The result that counts: attempts graded by other rules can't be compared."""
        if not self.best:
            return result
        comparable = [each for each in history if Key.read(each.key).rules == rules]
        return max(comparable, key=lambda each: (each.points, each.seen), default=result)

    def _file(self, practical, student, data, ending):
        return self.folder(practical, student) / f"{data[:LONGEST_NAME]}{ending}"


def remove_unfinished(folder: Path) -> None:
    """Remove what writers that were killed left among a practical's results and attempts."""
    for place in (folder, *folder.glob("attempts/*")):
        remove_partial(place)


def load_kept(path: Path) -> Result | None:
    """A stored result; None when there is none, or it is damaged or of an older version."""
    try:
        return Result.load(path) if path.exists() else None
    except UserError:
        return None


def _is_copy(path, data):
    """Whether a compressed file ends as it does for these bytes: one that was cut doesn't."""
    end = struct.pack("<II", zlib.crc32(data), len(data))
    return path.exists() and path.read_bytes()[-len(end) :] == end


def _save(result, path):
    """Store a result; a file that says the same stays untouched."""
    old = load_kept(path)
    if old is None or asdict(old) != asdict(result):
        result.save(path)


def _facts(history, counting):
    """What the result that counts says of all attempts; nothing where there is only one."""
    if len(history) < 2:
        return []
    return [
        Attempt(e.seen, e.file, e.status, e.points, e.max_points, e.seen == counting.seen)
        for e in history
    ]


def _now():
    return _text(datetime.now(UTC))


def _text(moment):
    return moment.isoformat(timespec="microseconds")


def _moment(text):
    return datetime.fromisoformat(text)
