"""A class: grade what changed, keep a result for each."""

import fcntl
import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from autograder.cache import Cache
from autograder.course import Course
from autograder.errors import UserError
from autograder.grading.attempts import Attempts, Key, load_kept, remove_unfinished
from autograder.grading.built import Loaded, practical_of
from autograder.grading.grade import Grader
from autograder.grading.result import Result
from autograder.inbox.submission import Submission
from autograder.inbox.zips import read_bytes
from autograder.sandbox.client import Sandbox
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


class Batch:
    """Grades submissions into `<output>/<practical>/<student>.json`; what is there already stays.

    The class keeps a sandbox for each worker thread; `close` ends them. `is_steady` says whether
    a file is to be graded as it was just read; of others nothing is kept.
    """

    sandbox_class = Sandbox

    def __init__(
        self,
        course: Course,
        loaded: dict[str, Loaded],
        output: Path,
        limits: Limits = DEFAULT,
        level: str | None = None,
        best: bool = False,
    ):
        self.course, self.loaded = course, loaded
        self.limits, self.level = limits, level
        self.attempts = Attempts(output, best)
        self.is_steady: Callable[[Submission], bool] = lambda submission: True
        self._local = threading.local()
        self._sandboxes: list[Sandbox] = []
        self._cache = Cache()
        self.reused = 0
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

    def grade(self, tasks: Iterable[Task], executor: Executor) -> Iterator[list[Result]]:
        """Grade and store; yields the results of each task as it is done.

        Bytes that no file holds any more can't be graded: what lies there now is a task of its own.
        """
        waiting: dict[Future, Task] = {executor.submit(self._grade, task): task for task in tasks}
        while waiting:
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                task = waiting.pop(future)
                if result := future.result():
                    yield self._store(task, result)
                    continue
                held, new = self.prepare(task.submissions)
                yield from ([each] for each in held)
                for again in new:
                    again.tries = task.tries + 1
                    waiting[executor.submit(self._grade, again)] = again

    def _store(self, task, result):
        results = []
        for submission, odd in zip(task.submissions, task.warnings):
            its = {"student": submission.student, "file": submission.file}
            own = replace(result, **its, warnings=[*odd, *result.warnings])
            results.append(self.attempts.keep(own, task.key))
        return results

    def _grade(self, task: Task) -> Result | None:
        """The result of a task's bytes; None when no file holds them any more."""
        first = task.submissions[0]
        most = self.loaded[task.practical].material.practical.points
        ended = partial(Result, task.practical, first.student, first.file, max_points=most)
        data = self._bytes_of(task)
        if data is None:
            restless = "the file was another one each time it was read: grade again"
            return ended(Status.UNREADABLE, restless) if task.tries >= MOST_TRIES else None
        try:
            result = self.grader(task.practical).grade(data, first.student, first.file)
        except UserError:  # no sandbox to be had: that is everybody's
            raise
        except Exception as error:  # a fault of ours must not cost the batch
            self._drop_sandbox()
            what = f"{type(error).__name__}: {error}"
            reason = f"the grader itself failed ({what}); please report this"
            return ended(Status.CRASHED, reason)
        result.key = str(task.key)
        return result

    def _bytes_of(self, task):
        """The bytes that a task's key names, from the first of its files that still holds them.

        A class's bytes aren't kept from `prepare` on, as they may be too many for memory.
        """
        for submission in task.submissions:
            with suppress(UserError):  # it was readable a moment ago
                data, _ = read_bytes(submission, task.practical)
                if self._key(task.practical, data) == task.key:
                    return data
        return None

    def grader(self, practical: str) -> Grader:
        """A grader of one practical with this thread's sandbox."""
        return self._grader(practical, self._sandbox())

    def _grader(self, name, sandbox):
        material, answers = self.loaded[name].material, self.loaded[name].answers
        return Grader(material.practical, material.tests, answers, sandbox)

    def _files(self):
        """What each practical's students may read."""
        return {name: self.course.release(name) for name in self.loaded}

    def _sandbox(self):
        if not hasattr(self._local, "sandbox"):
            self._local.sandbox = self.sandbox_class(self._files(), self.limits, self.level)
            self._sandboxes.append(self._local.sandbox)
        return self._local.sandbox

    def _drop_sandbox(self):
        self._local.sandbox.close()
        del self._local.sandbox

    def warming(self, names: Iterable[str] | None = None) -> Iterator[str]:
        """Fill the compilation cache from reference solutions, once for each version of them.

        Tells what it does before it does it. `names` are the practicals; None: all.

        Raises UserError when a reference doesn't get full marks on this machine.
        """
        cold = [
            name
            for name in (self.loaded if names is None else sorted(set(names)))
            if not self._cache.is_warm(name, self.loaded[name].digest)
        ]
        if not cold:
            return
        sandbox = Sandbox(
            self._files(),
            Limits(cell_seconds=120, case_seconds=120, submission_seconds=1200),
            self.level,
        )
        try:
            for name in cold:
                yield f"compiling the reference solution of {name} (once)"
                self._warm(name, sandbox)
        finally:
            sandbox.close()

    def warm(self, say: Callable[[str], None], names: Iterable[str] | None = None) -> None:
        """Do so and give what it tells to `say`."""
        for line in self.warming(names):
            say(line)

    def _warm(self, name, sandbox):
        source = self.course.solutions(name) / f"{name}.ipynb"
        result = self._grader(name, sandbox).grade(source.read_bytes(), "reference", str(source))
        if result.points < result.max_points:
            wrong = "; ".join(
                f"{e.name} {c.name}: {c.message or c.status}"
                for e in result.exercises
                for c in e.cases
                if c.status != Status.PASSED
            )
            raise UserError(
                f"the reference solution of {name} doesn't pass here: {wrong or result.reason}"
            )
        self._cache.mark_warm(name, self.loaded[name].digest)

    @property
    def isolation(self) -> str:
        """The isolation level in use; "" before anything was graded."""
        return self._sandboxes[0].level if self._sandboxes else ""

    def close(self) -> None:
        for sandbox in self._sandboxes:
            sandbox.close()


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


def pool(workers: int) -> Executor:
    """Threads: each waits for a sandbox of its own, where the work is done."""
    return ThreadPoolExecutor(workers, thread_name_prefix="grade")
