"""A class: find the submissions, grade what changed, keep a result for each."""

import hashlib
import importlib.metadata
import os
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from answerkey import Answers

from autograder import result as r
from autograder.course import MODULES, Course, Material, read_material
from autograder.errors import UserError
from autograder.grade import Grader
from autograder.names import slug
from autograder.percent import choose_practical, find_practicals
from autograder.result import Result
from autograder.sandbox.cache import Cache
from autograder.sandbox.client import Limits, Sandbox

LARGEST = 50_000_000  # bytes of a notebook
SKIPPED = {".ipynb_checkpoints", "__MACOSX", "__pycache__"}
ENVIRONMENT = ("jax", "jaxlib", "dm-haiku", "optax", "jraph", "gymnasium", "numpy", "ipython")


@dataclass(frozen=True)
class Submission:
    """One handed-in file: whose, where, and its member when it lies in a zip."""

    student: str
    path: Path
    member: str = ""
    folder: str = ""  # the practical, where the folder's name says it

    @property
    def file(self) -> str:
        return f"{self.path}!{self.member}" if self.member else str(self.path)


# ---------------------------------------------------------------- finding submissions


def find_submissions(place: Path, practicals: Iterable[str]) -> list[Submission]:
    """Every submission in a folder (notebooks, zips, nbgrader's tree) or the one in a file."""
    if not place.exists():
        raise UserError(f"there is no {place}: name a folder of submissions, a notebook or a zip")
    if place.is_file():
        if place.suffix.lower() not in (".ipynb", ".zip"):
            raise UserError(f"{place} is neither a notebook (.ipynb) nor a .zip")
        found = [Submission(place.stem, place)]
    else:
        found = [_submission(place, path, set(practicals)) for path in _files(place)]
    if not found:
        raise UserError(f"there is no notebook (.ipynb) and no .zip in {place}")
    return _with_own_names(found)


def _files(place):
    for folder, subfolders, names in os.walk(place):
        subfolders[:] = sorted(
            name for name in subfolders if name not in SKIPPED and not name.startswith(".")
        )
        for name in sorted(names):
            path = Path(folder, name)
            if (
                path.suffix.lower() in (".ipynb", ".zip")
                and not name.startswith(".")
                and path.is_file()
            ):
                yield path


def _submission(place, path, practicals):
    parts = path.relative_to(place).parts
    if len(parts) >= 3 and parts[-2] in practicals:  # nbgrader's submitted/student/practical/
        return Submission(parts[-3], path, folder=parts[-2])
    if len(parts) >= 2 and parts[0] not in practicals:
        return Submission(parts[0], path)
    if len(parts) >= 3:  # practical/student/file
        return Submission(parts[1], path, folder=parts[0])
    return Submission(path.stem, path, folder=parts[0] if len(parts) >= 2 else "")


def _with_own_names(found):
    """No two submissions of one practical under one name: later ones get their file's name too.

    A file whose folder doesn't say its practical may be of any.
    """
    taken: dict[str, set[str]] = {}
    result = []
    for submission in found:
        name, number = submission.student, 1
        while _meet(taken.get(name, ()), submission.folder):
            number += 1
            extra = f" {number}" if number > 2 else ""
            name = f"{submission.student} ({submission.path.name}{extra})"
        taken.setdefault(name, set()).add(submission.folder)
        result.append(replace(submission, student=name))
    return result


def _meet(folders, folder):
    return folder in folders or "" in folders or (folder == "" and bool(folders))


def read_bytes(submission: Submission, practical: str) -> bytes:
    """A submission's notebook; UserError (for the student) when the file doesn't give one."""
    try:
        if submission.path.is_symlink():  # it may lead to the solution
            raise UserError("the file is a link: hand in the notebook itself")
        if submission.path.suffix.lower() != ".zip":
            if submission.path.stat().st_size > LARGEST:
                raise UserError(f"the file is larger than {LARGEST // 10**6} MB: clear its outputs")
            return submission.path.read_bytes()
        with zipfile.ZipFile(submission.path) as archive:
            return _from_zip(archive, practical)
    except UserError:
        raise
    except Exception as error:  # a damaged archive raises whatever its decompressor raises
        raise UserError(f"the file can't be read: {error or 'it ends too early'}") from None


def _from_zip(archive, practical):
    notebooks = [
        info
        for info in archive.infolist()
        if info.filename.endswith(".ipynb") and not SKIPPED & set(Path(info.filename).parts)
    ]
    named = [info for info in notebooks if Path(info.filename).stem == practical]
    chosen = named if len(named) == 1 else notebooks
    if len(chosen) != 1:
        raise UserError(f"the zip holds {len(chosen)} notebooks: hand in one")
    if chosen[0].file_size > LARGEST:
        raise UserError(
            f"the notebook in the zip is larger than {LARGEST // 10**6} MB: clear its outputs"
        )
    with archive.open(chosen[0]) as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise UserError(
            f"the notebook in the zip is larger than {LARGEST // 10**6} MB: clear its outputs"
        )
    return data


# ---------------------------------------------------------------- what grading depends on


@dataclass(frozen=True)
class Loaded:
    """A practical ready for grading, and the digest of everything a score depends on."""

    material: Material
    answers: Answers
    digest: str

    @property
    def name(self) -> str:
        return self.material.practical.name


def _engine():
    """Our own files that a score depends on; pages and commands aren't among them."""
    here = Path(__file__).parent
    yield from (
        here / f"{name}.py"
        for name in ("cases", "course", "grade", "notebook", "percent", "quiz", "submission")
    )
    yield from (f for f in sorted((here / "sandbox").glob("*.py")) if not f.stem.endswith("_test"))


def load(course: Course, path: Path) -> Loaded:
    """Read a practical and its answer key; UserError when it isn't built."""
    material = read_material(course, path)
    key = course.solutions(path.stem) / "answers.safetensors"
    if not key.exists() or not course.release(path.stem).exists():
        raise UserError(f"{path.stem} isn't built: run autograder build {path.stem[:2]}")
    digest = hashlib.sha256()
    for file in (path, key, *MODULES, *_engine()):
        digest.update(file.read_bytes())
    for tests in material.tests.values():
        digest.update(tests.text.encode())
    for package in ENVIRONMENT:
        digest.update(f"{package} {importlib.metadata.version(package)}".encode())
    return Loaded(material, Answers.load(key), digest.hexdigest())


def load_all(course: Course, wanted: str | None) -> dict[str, Loaded]:
    """The practicals to grade, by name."""
    paths = [choose_practical(course.root, wanted)] if wanted else find_practicals(course.root)
    if not paths:
        raise UserError(f"there is no practical in {course.root.resolve() / 'source'}")
    return {path.stem: load(course, path) for path in paths}


def guess_practical(submission: Submission, loaded: dict[str, Loaded]) -> str:
    """Which practical a submission is of: by folder, by what its notebook says, else the first."""
    if submission.folder in loaded:
        return submission.folder
    if len(loaded) == 1:
        return next(iter(loaded))
    for name in loaded:
        if name in submission.path.name:
            return name
    try:
        text = read_bytes(submission, "").decode("utf-8", "replace")
    except UserError:
        return next(iter(loaded))
    hits = {
        name: text.count(f'"{name}"') + sum(e in text for e in loaded[name].answers.exercises)
        for name in loaded
    }
    return max(hits, key=lambda name: hits[name])


# ---------------------------------------------------------------- grading


@dataclass
class Task:
    """What there is to grade once: some bytes of one practical, handed in by one or more students."""

    practical: str
    data: bytes
    key: str
    submissions: list[Submission]


class Batch:
    """Grades submissions into `<output>/<practical>/<student>.json`; what is there already stays.

    The class keeps a sandbox for each worker thread; `close` ends them.
    """

    def __init__(
        self, course: Course, loaded: dict[str, Loaded], output: Path, limits: Limits | None = None
    ):
        self.course, self.loaded, self.output = course, loaded, output
        self.limits = limits or Limits()
        self._local = threading.local()
        self._sandboxes: list[Sandbox] = []
        self._cache = Cache()
        self.reused = 0

    def path(self, practical: str, student: str) -> Path:
        return self.output / practical / f"{slug(student)}.json"

    def prepare(self, submissions: Iterable[Submission]) -> tuple[list[Result], list[Task]]:
        """Results that hold already (or need no sandbox), and the tasks that are left."""
        for name in self.loaded:
            r.remove_partial(self.output / name)
        done: list[Result] = []
        tasks: dict[str, Task] = {}
        for submission in submissions:
            name = guess_practical(submission, self.loaded)
            try:
                data = read_bytes(submission, name)
            except UserError as error:
                done.append(self._unreadable(name, submission, str(error)))
                continue
            key = hashlib.sha256(self.loaded[name].digest.encode() + data).hexdigest()
            if old := self._stored(name, submission, key):
                done.append(old)
            else:
                tasks.setdefault(key, Task(name, data, key, [])).submissions.append(submission)
        return done, list(tasks.values())

    def _unreadable(self, name, submission, reason):
        total = self.loaded[name].material.practical.points
        result = Result(
            name, submission.student, submission.file, r.UNREADABLE, reason, max_points=total
        )
        result.save(self.path(name, submission.student))
        return result

    def _stored(self, name, submission, key):
        path = self.path(name, submission.student)
        try:
            old = Result.load(path) if path.exists() else None
        except UserError:  # damaged or of an older version: graded again
            return None
        if old is None or old.key != key:
            return None
        self.reused += 1
        return replace(old, student=submission.student, file=submission.file)

    def grade(self, tasks: list[Task], executor: Executor) -> Iterator[list[Result]]:
        """Grade and store; yields the results of each task as it is done."""
        waiting: dict[Future, Task] = {executor.submit(self._grade, task): task for task in tasks}
        for future in as_completed(waiting):
            task, result = waiting[future], future.result()
            results = [
                replace(result, student=s.student, file=s.file, key=task.key)
                for s in task.submissions
            ]
            for each in results:
                each.save(self.path(task.practical, each.student))
            yield results

    def _grade(self, task):
        grader = self.grader(task.practical)
        first = task.submissions[0]
        try:
            return grader.grade(task.data, first.student, first.file)
        except Exception as error:  # a fault of ours must not cost the batch
            self._drop_sandbox()
            total = self.loaded[task.practical].material.practical.points
            reason = (
                f"the grader itself failed ({type(error).__name__}: {error}); please report this"
            )
            return Result(
                task.practical, first.student, first.file, r.CRASHED, reason, max_points=total
            )

    def grader(self, practical: str) -> Grader:
        """A grader of one practical with this thread's sandbox."""
        return Grader(*self._parts(practical), self._sandbox())

    def _parts(self, name):
        loaded = self.loaded[name]
        return loaded.material.practical, loaded.material.tests, loaded.answers

    def _files(self):
        """What each practical's students may read."""
        return {name: self.course.release(name) for name in self.loaded}

    def _sandbox(self):
        if not hasattr(self._local, "sandbox"):
            self._local.sandbox = Sandbox(self._files(), self.limits, cache=self._cache.folder)
            self._sandboxes.append(self._local.sandbox)
        return self._local.sandbox

    def _drop_sandbox(self):
        self._local.sandbox.close()
        del self._local.sandbox

    def warm(self, say: Callable[[str], None]) -> None:
        """Fill the compilation cache from the reference solutions, once for each version of them.

        Raises UserError when a reference doesn't get full marks on this machine.
        """
        cold = [
            name
            for name, loaded in self.loaded.items()
            if not self._cache.is_warm(name, loaded.digest)
        ]
        if not cold:
            return
        sandbox = Sandbox(
            self._files(),
            Limits(cell_seconds=120, case_seconds=120, submission_seconds=1200),
            cache=self._cache.folder,
            writable_cache=True,
        )
        try:
            for name in cold:
                say(f"compiling the reference solution of {name} (once)")
                self._warm(name, sandbox)
        finally:
            sandbox.close()

    def _warm(self, name, sandbox):
        source = self.course.solutions(name) / f"{name}.ipynb"
        result = Grader(*self._parts(name), sandbox).grade(
            source.read_bytes(), "reference", str(source)
        )
        if result.points < result.max_points:
            wrong = "; ".join(
                f"{e.name} {c.name}: {c.message or c.status}"
                for e in result.exercises
                for c in e.cases
                if c.status != r.PASSED
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


def pool(workers: int) -> Executor:
    """Threads: each waits for a sandbox of its own, where the work is done."""
    return ThreadPoolExecutor(workers, thread_name_prefix="grade")
