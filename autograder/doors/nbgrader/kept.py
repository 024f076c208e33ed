"""A grader that nbgrader keeps from one student to the next; its sandbox is given back when idle."""

import contextlib
import tempfile
import threading
from pathlib import Path

from autograder.authoring.percent import Practical
from autograder.course import Course
from autograder.errors import UserError
from autograder.grading.batch import Batch, alone
from autograder.grading.built import Loaded, load
from autograder.grading.result import Result
from autograder.inbox.submission import Submission
from autograder.sandbox.steps import Limits


class KeptGrader:
    """One practical, ready to grade; its sandbox is given back when nobody needed it for a while."""

    def __init__(self, course: Course, loaded: Loaded):
        self._course, self._loaded = course, loaded
        self._lock = threading.RLock()
        self._batch: Batch | None = None
        self._timer: threading.Timer | None = None

    @property
    def practical(self) -> Practical:
        return self._loaded.material.practical

    def grade(
        self, submission: Submission, output: Path, limits: Limits, idle_seconds: float
    ) -> Result:
        """The result of these bytes that is stored in `output`, or a new one, which is stored."""
        with self._lock:
            if self._timer:
                self._timer.cancel()
            if self._batch and self._batch.limits != limits:
                self._rest()
            if self._batch is None:
                loaded = {self.practical.name: self._loaded}
                self._batch = Batch(self._course, loaded, output, limits)
            self._batch.output = output
            try:
                return self._grade(submission)
            finally:
                self._timer = threading.Timer(idle_seconds, self._rest)
                self._timer.daemon = True
                self._timer.start()

    def _grade(self, submission):
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(alone(self._batch.output))
            except UserError:  # a batch is writing there
                if old := self._batch.kept(submission):
                    return old
                self._batch.output = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            done, tasks = self._batch.prepare([submission])
            if done:
                return done[0]
            self._batch.prove(lambda line: None)
            with contextlib.closing(self._batch.pool(1)) as pool:
                [[result]] = self._batch.grade(tasks, pool)
            return result

    def _rest(self):
        with self._lock:
            if self._batch:
                self._batch.close()
            self._batch = None


_kept: dict[tuple[Path, str], tuple[tuple, KeptGrader]] = {}  # with the state of its files


def kept_grader(root: str | Path, name: str) -> KeptGrader:
    """The grader of a practical as it is now; UserError when it isn't built."""
    course = Course(Path(root).resolve())
    source = course.root / "source" / f"{name}.py"
    key = course.solutions(name) / "answers.safetensors"
    files = [source, key, *sorted(course.tests(name).glob("*"))]
    state = tuple((str(file), file.stat().st_mtime_ns) for file in files if file.exists())
    practical = (course.root, name)
    if practical not in _kept or _kept[practical][0] != state:
        _kept[practical] = state, KeptGrader(course, load(course, source))
    return _kept[practical][1]
