"""Graders of a course's practicals: bytes in, a packed result out, a sandbox for each thread."""

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from autograder.cache import Cache
from autograder.course import Course
from autograder.errors import UserError
from autograder.grading.built import Loaded
from autograder.grading.grade import Grader
from autograder.grading.result import Result
from autograder.sandbox.client import Sandbox
from autograder.sandbox.host import level_of
from autograder.sandbox.steps import DEFAULT, Allowance, Limits
from autograder.status import Status


class Pace:
    """How long submissions take here, so that one which takes far longer lets others go first."""

    FIRST, LEAST, TIMES, KEPT = 10.0, 1.0, 3.0, 100

    def __init__(self):
        self._took: deque[float] = deque(maxlen=self.KEPT)

    def note(self, seconds: float) -> None:
        """One took so long, or so long until it was put off."""
        self._took.append(seconds)

    @property
    def seconds(self) -> float:
        """What one may take at first: a few times what the quicker ones take, as many may be stuck."""
        took = sorted(self._took)
        return max(self.LEAST, self.TIMES * took[len(took) // 4]) if took else self.FIRST


class Graders:
    """Grades bytes of any of these practicals; `close` ends the sandboxes, which it keeps."""

    sandbox_class = Sandbox

    def __init__(
        self,
        course: Course,
        loaded: Mapping[str, Loaded],
        limits: Limits = DEFAULT,
        level: str | None = None,
    ):
        self.course, self.loaded = course, loaded
        self.limits, self.level = limits, level
        self._local = threading.local()
        self._sandboxes: list[Sandbox] = []
        self._cache, self._pace = Cache(), Pace()

    def grade_soon(self, data: bytes, practical: str, key: str) -> bytes | None:
        """What `grade` gives; None when it takes far longer than others, who shouldn't wait for it."""
        allowance = self.sandbox().allowance(self._pace.seconds)
        packed = self.grade(data, practical, key, allowance)
        return packed if allowance.left else None

    def grade(
        self, data: bytes, practical: str, key: str, allowance: Allowance | None = None
    ) -> bytes:
        """The packed result of a submission's bytes: nobody's yet, and with this key.

        Raises UserError when no sandbox is to be had: that is everybody's, not the submission's.
        """
        try:
            result = self.grader(practical).grade(data, "", "", allowance)
            result.key = key
            self._pace.note(result.seconds)
        except UserError:
            self.drop_sandbox()
            raise
        except Exception as error:  # a fault of ours must not cost the batch
            self.drop_sandbox()
            what = f"{type(error).__name__}: {error}"
            reason = f"the grader itself failed ({what}); please report this"
            most = self.loaded[practical].material.practical.points
            result = Result(practical, "", "", Status.CRASHED, reason, max_points=most)
        return result.pack()

    def grader(self, practical: str) -> Grader:
        """A grader of one practical with this thread's sandbox."""
        return self._grader(practical, self.sandbox())

    def _grader(self, name, sandbox):
        material, answers = self.loaded[name].material, self.loaded[name].answers
        return Grader(material.practical, material.tests, answers, sandbox)

    def _files(self):
        """What each practical's students may read."""
        return {name: self.course.release(name) for name in self.loaded}

    def sandbox(self) -> Sandbox:
        """This thread's sandbox."""
        if not hasattr(self._local, "sandbox"):
            self._local.sandbox = self.sandbox_class(self._files(), self.limits, self.level)
            self._sandboxes.append(self._local.sandbox)
        return self._local.sandbox

    def drop_sandbox(self) -> None:
        """End this thread's sandbox; it gets another one."""
        if hasattr(self._local, "sandbox"):
            self._local.sandbox.close()
            self._sandboxes.remove(self._local.sandbox)
            del self._local.sandbox

    def proving(self, names: Iterable[str] | None = None) -> Iterator[str]:
        """Grade reference solutions as submissions, once for each version of them on a machine.

        Tells what it does before it does it. `names` are the practicals; None: all.

        Raises UserError when a reference doesn't get full marks on this machine.
        """
        chosen = self.loaded if names is None else sorted(set(names))
        unproven = [name for name in chosen if self.is_unproven(name)]
        if not unproven:
            return
        sandbox = Sandbox(
            self._files(),
            Limits(cell_seconds=120, case_seconds=120, submission_seconds=1200),
            self.level,
        )
        try:
            for name in unproven:
                yield f"grading the reference solution of {name} (once)"
                self._prove(name, sandbox)
        finally:
            sandbox.close()

    def is_unproven(self, name: str) -> bool:
        """Whether this version of a practical's reference solution wasn't graded on this machine."""
        return not self._cache.is_proven(name, self._state(name))

    def _state(self, name):
        """What a proof is of: this version at this level, as another level may lack something."""
        return f"{level_of(self.level)} {self.loaded[name].digest}"

    def _prove(self, name, sandbox):
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
        self._cache.mark_proven(name, self._state(name))

    def close(self) -> None:
        """End every sandbox, also one that is grading in another thread."""
        for sandbox in list(self._sandboxes):
            sandbox.close()
