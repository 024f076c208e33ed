"""A class: grade what changed, keep a result for each."""

import fcntl
import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.course import Course
from autograder.errors import UserError
from autograder.grading.attempts import Attempts, Key, load_kept, remove_unfinished
from autograder.grading.built import Loaded, practical_of
from autograder.grading.grade import Grader
from autograder.grading.graders import Graders
from autograder.grading.pool import Lost, Pool, Threads
from autograder.grading.result import Result
from autograder.inbox.submission import Submission
from autograder.inbox.zips import read_bytes
from autograder.sandbox.steps import DEFAULT, Limits
from autograder.status import Status

MOST_TRIES = 3  # for a file that changes while it is graded


@dataclass
class Task:
    """What there is to grade once: some bytes of one practical, handed in by one or more students."""

    practical: str
    key: Key
    submissions: list[Submission] = field(default_factory=list)
    warnings: list[list[str]] = field(default_factory=list)  # about each one's file
    tries: int = 1  # how often these files were read and found changed, and this time
    is_late: bool = False  # it was begun once and put off, as it took long


class Batch:
    """Grades submissions into `<output>/<practical>/<student>.json`; what is there already stays.

    It alone reads what was handed in and writes results. `close` ends the sandboxes. `is_steady`
    says whether a file is to be graded as it was just read; of others nothing is kept.
    """

    graders_class = Graders

    def __init__(
        self,
        course: Course,
        loaded: dict[str, Loaded],
        output: Path,
        limits: Limits = DEFAULT,
        level: str | None = None,
        best: bool = False,
    ):
        self.loaded, self.limits = loaded, limits
        self.attempts = Attempts(output, best)
        self.is_steady: Callable[[Submission], bool] = lambda submission: True
        self.graders = self.graders_class(course, loaded, limits, level)
        self.reused = 0
        self._levels: set[str] = set()  # of isolation
        self._kept: dict[str, dict[str, Path]] = {}

    @property
    def output(self) -> Path:
        """The folder of results."""
        return self.attempts.output

    @output.setter
    def output(self, folder: Path) -> None:
        self.attempts.output = folder

    def path(self, practical: str, student: str) -> Path:
        return self.attempts.path(practical, student)

    def prepare(self, submissions: Iterable[Submission]) -> tuple[list[Result], list[Task]]:
        """Results that hold already (or need no sandbox), and the tasks that are left."""
        for name in self.loaded:
            remove_unfinished(self.output / name)
        done: list[Result] = []
        tasks: dict[Key, Task] = {}
        for submission in submissions:
            name = practical_of(submission, self.loaded)
            try:
                data, warnings = read_bytes(submission, name)
            except UserError as error:
                if self.is_steady(submission) and not submission.past:
                    done.append(self._unreadable(name, submission, str(error)))
                continue
            if not self.is_steady(submission):
                continue
            key = self._key(name, data)
            self.attempts.arrived(name, submission, key, data)
            if old := self._stored(name, submission, key):
                done.append(old)
            else:
                task = tasks.setdefault(key, Task(name, key))
                task.submissions.append(submission)
                task.warnings.append(warnings)
        return done, list(tasks.values())

    def kept(self, submission: Submission) -> Result | None:
        """The student's own result of these bytes, where it holds; writes nothing."""
        name = practical_of(submission, self.loaded)
        try:
            data, _ = read_bytes(submission, name)
        except UserError:
            return None
        return self.attempts.find(name, submission.student, self._key(name, data))

    def rules(self, name: str) -> str:
        """A digest of everything that a score depends on beside the submission."""
        chosen = f"{self.limits.cell_seconds:g} {self.limits.case_seconds:g}"  # by the command line
        rules = f"{self.loaded[name].digest} {chosen}"
        return hashlib.sha256(rules.encode()).hexdigest()[:32]

    def _key(self, name, data):
        return Key(self.rules(name), hashlib.sha256(data).hexdigest())

    def _unreadable(self, name, submission, reason):
        total = self.loaded[name].material.practical.points
        result = Result(
            name, submission.student, submission.file, Status.UNREADABLE, reason, max_points=total
        )
        return self.attempts.keep(result, Key(self.rules(name), ""))

    def _stored(self, name, submission, key):
        """The result of these bytes, this student's or anybody's; stored as theirs."""
        old = self.attempts.find(name, submission.student, key)
        if old is None and _is_plain(submission.file):
            path = self._known(name).get(str(key))
            old = load_kept(path) if path else None
        if old is None or old.key != str(key):
            return None
        self.reused += 1
        old = replace(old, student=submission.student, file=submission.file, attempts=[])
        return self.attempts.keep(old, key)

    def _known(self, name):
        """Where results lie by their key, as it was at the first question."""
        if name not in self._kept:
            paths = (self.output / name).glob("*.json")
            found = ((path, result) for path in paths if (result := load_kept(path)))
            self._kept[name] = {x.key: path for path, x in found if _is_plain(x.file)}
        return self._kept[name]

    def pool(self, workers: int) -> Pool:
        """Where this batch's submissions are graded, so many at once."""
        return Threads(self.graders, workers)

    def grade(self, tasks: Iterable[Task], pool: Pool) -> Iterator[list[Result]]:
        """Grade and store; yields the results of each task as it is done, nothing when there is news.

        Bytes that no file holds any more can't be graded: what lies there now is a task of its own.
        A class's bytes may be too many for memory: they are read when the pool has room for them.
        What takes far longer than others is put off until all others are done.
        """
        left, late = deque(tasks), deque[Task]()
        while left or late or pool.busy:
            if not left:
                left, late = late, left
            while left and pool.room():
                task = left.popleft()
                if (data := self._bytes_of(task)) is not None:
                    hurried = bool(left) and not task.is_late
                    pool.submit(task, data, task.practical, str(task.key), hurried)
                elif task.tries < MOST_TRIES:
                    held, new = self.prepare(task.submissions)
                    yield from ([each] for each in held)
                    left.extendleft(replace(again, tries=task.tries + 1) for again in new)
                else:
                    restless = "the file was another one each time it was read: grade again"
                    yield self._store(task, self._ended(task, Status.UNREADABLE, restless))
            if not pool.busy and not left and not late:
                return
            ended = pool.done()
            for task, packed in ended:
                if packed is None:
                    late.append(replace(task, is_late=True))
                else:
                    yield self._store(task, self._result(task, packed))
            if not ended:
                yield []

    def _ended(self, task, status, reason):
        most = self.loaded[task.practical].material.practical.points
        return Result(task.practical, "", "", status, reason, max_points=most)

    def _result(self, task, packed):
        if isinstance(packed, Lost):
            return self._ended(task, Status.CRASHED, packed.reason)
        return Result.unpack(packed)

    def _store(self, task, result):
        if result.isolation:
            self._levels.add(result.isolation)
        results = []
        for submission, odd in zip(task.submissions, task.warnings):
            its = {"student": submission.student, "file": submission.file}
            own = replace(result, **its, warnings=[*odd, *result.warnings])
            results.append(self.attempts.keep(own, task.key))
        return results

    def _bytes_of(self, task):
        """The bytes that a task's key names, from the first of its files that still holds them."""
        for submission in task.submissions:
            with suppress(UserError):  # it was readable a moment ago
                data, _ = read_bytes(submission, task.practical)
                if self._key(task.practical, data) == task.key:
                    return data
        return None

    def grader(self, practical: str) -> Grader:
        """A grader of one practical with this thread's sandbox."""
        return self.graders.grader(practical)

    def proving(self, names: Iterable[str] | None = None) -> Iterator[str]:
        """Get ready to grade these practicals (None: all); tells what it does before it does it.

        Raises UserError when a reference solution doesn't get full marks on this machine.
        """
        return self.graders.proving(names)

    def prove(self, say: Callable[[str], None], names: Iterable[str] | None = None) -> None:
        """Do so and give what it tells to `say`."""
        for line in self.proving(names):
            say(line)

    @property
    def isolation(self) -> str:
        """The weakest isolation level that a submission was graded at; "" before any was."""
        return "process" if "process" in self._levels else next(iter(self._levels), "")

    def close(self) -> None:
        """End every sandbox."""
        self.graders.close()


def _is_plain(file: str) -> bool:
    """Whether a file is a notebook: what a zip was odd about is its owner's alone."""
    return file.lower().endswith(".ipynb") and "!" not in file


@contextmanager
def alone(output: Path) -> Iterator[None]:
    """Hold a folder of results for this process; UserError when another one grades into it."""
    try:
        output.mkdir(parents=True, exist_ok=True)
        lock = os.open(output / ".lock", os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise UserError(f"can't write {output}: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise UserError(
            f"another autograder grade is writing to {output}: wait for it, or name another folder with -o"
        ) from None
    finally:
        os.close(lock)
