"""A folder in which hand-ins arrive: each is graded once it is whole, and pages stay current."""

import os
import time
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue

from autograder.course import Course
from autograder.errors import UserError
from autograder.grading.batch import Batch, Task, alone
from autograder.grading.built import Loaded, load_all
from autograder.grading.classroom import UNPROTECTED, Event, Graded, Note, about, prepare
from autograder.grading.pool import Pool
from autograder.grading.result import Result
from autograder.inbox.find import find_submissions
from autograder.inbox.settling import Facts, Settling, facts_of
from autograder.inbox.submission import Submission
from autograder.inbox.whose import METADATA
from autograder.names import printable
from autograder.sandbox.steps import DEFAULT, Limits

LOOK_EVERY = 1.0  # seconds, at the folder
PAGES_EVERY = 5.0  # seconds, while something is being graded
TRY_AGAIN = 10.0  # seconds, after what failed for everyone: a full disk, no sandbox

# One practical's results, the folder, its title, and whose pages are new (None: everyone's).
WriteChanged = Callable[[Sequence[Result], Path, str, Collection[Result] | None], None]


def watch_class(
    course: Course,
    place: Path,
    wanted: str | None,
    output: Path,
    write_pages: WriteChanged,
    workers: int | None = None,
    limits: Limits = DEFAULT,
    best: bool = False,
    downloads: bool = False,
) -> Generator[Event, None, None]:
    """Grade what is in a place and what arrives there, until the iterator is closed.

    `downloads` says that a folder holds the zips that an LMS made of whole classes.
    """
    loaded = load_all(course, wanted)
    if not place.exists():
        raise UserError(f"there is no {place}: name the folder in which hand-ins arrive")
    with alone(output), closing(Batch(course, loaded, output, limits, best=best)) as batch:
        pages = _Pages(write_pages, output, loaded)
        watch = _Watch(place, downloads, batch, pages, workers or os.cpu_count() or 1)
        try:
            yield Note(f"watching {printable(str(place))}, pages are in {output}; Ctrl-C ends")
            while True:
                yield from watch.look()
                yield from watch.gather()
                yield from pages.write(at_once=not watch.is_grading)
        finally:
            watch.stop()


class _Pages:
    """The current results, and the pages that are older than them."""

    def __init__(self, write: WriteChanged, output: Path, loaded: Mapping[str, Loaded]):
        self._write, self._output, self._loaded = write, output, loaded
        self._rows: dict[tuple[str, str], Result] = {}
        self._changed: dict[str, dict[str, Result]] = {}  # since pages were written, by practical
        self._written: set[str] = set()
        self._said, self._last = "", 0.0

    def take(self, results: Sequence[Result]) -> list[Result]:
        """Take note of results; those that say something new."""
        new = [r for r in results if self._rows.get((r.practical, r.student)) != r]
        for result in new:
            self._rows[result.practical, result.student] = result
            self._changed.setdefault(result.practical, {})[result.student] = result
        return new

    def forget_renamed(self, found: Sequence[Submission]) -> None:
        """Drop rows whose file is another student's now, as when two files have met."""
        students: dict[str, set[str]] = {}
        for submission in found:
            students.setdefault(submission.file, set()).add(submission.student)
        for (practical, student), result in list(self._rows.items()):
            if student not in students.get(result.file, {student}):
                del self._rows[practical, student]
                self._changed.setdefault(practical, {}).pop(student, None)

    def write(self, at_once: bool) -> Iterator[Note]:
        """Write what has changed; what can't be written is said once and tried again."""
        wait_for = LOOK_EVERY if at_once and not self._said else PAGES_EVERY
        if not self._changed or time.monotonic() - self._last < wait_for:
            return
        self._last = time.monotonic()
        try:
            self.flush()
            self._said = ""
        except UserError as error:
            if self._said != str(error):
                self._said = str(error)
                yield Note(f"{error}; trying again", warning=True)

    def flush(self) -> None:
        """Write it now; UserError when that doesn't work."""
        for practical, changed in list(self._changed.items()):
            rows = [r for (name, _), r in self._rows.items() if name == practical]
            if rows:
                title = self._loaded[practical].material.practical.title
                new = list(changed.values()) if practical in self._written else None
                self._write(rows, self._output, title, new)
            self._written.add(practical)
            del self._changed[practical]


class _Watch:
    """Looks at the folder, sends what has settled to be graded, gathers what is done."""

    def __init__(self, place: Path, downloads: bool, batch: Batch, pages: _Pages, workers: int):
        self._place, self._downloads, self._batch, self._pages = place, downloads, batch, pages
        # A place for each submission that is graded at once, kept so that its sandbox starts once:
        # whatever takes long in one of them keeps none of the others.
        self._places = [batch.pool(1) for _ in range(workers)]
        self._free: SimpleQueue[Pool] = SimpleQueue()
        for each in self._places:
            self._free.put(each)
        self._followers = ThreadPoolExecutor(workers, thread_name_prefix="watch")
        self._flying: dict[Future, Task] = {}
        self._settling = Settling(place)
        self._settled: dict[Path, Facts] = {}
        self._taken: dict[tuple[str, str], tuple[Submission, Facts]] = {}
        self._due = self._ever_graded = self._is_away = False
        self._is_first_round = True
        self._next_look, self._told = 0.0, set[str]()
        self._unread, self._next_try = set[str](), 0.0  # students whose file can't be opened
        batch.is_steady = lambda each: each.past or self._is_as_it_settled(each.path)

    @property
    def is_grading(self) -> bool:
        """Whether something is under way."""
        return bool(self._flying)

    def _is_as_it_settled(self, path):
        return path in self._settled and facts_of(path) == self._settled[path]

    # ------------------------------------------------------------ the folder

    def look(self) -> Iterator[Event]:
        """Look at the folder when it is time, and begin what is new."""
        started = time.monotonic()
        if started < self._next_look:
            return
        settled = yield from self._see(started)
        self._try_unread(started)
        took = time.monotonic() - started
        self._next_look = time.monotonic() + max(LOOK_EVERY, 3 * took)  # a slow network drive
        if settled is not None and (settled != self._settled or self._due):
            self._settled = settled
            yield from self._begin()

    def _try_unread(self, now):
        """A file may be locked for a while and then be there without having changed."""
        if self._unread and now >= self._next_try:
            self._take_again(self._unread)
            self._unread, self._next_try = set(), now + TRY_AGAIN

    def _see(self, now):
        """The settled files; None while the folder is away."""
        try:
            settled = self._settling.look(now)
        except OSError:
            if not self._is_away:
                self._is_away = True
                yield Note(f"{self._place} is gone: waiting until it is back", warning=True)
            return None
        if self._is_away:
            self._is_away = False
            yield Note(f"{self._place} is back")
        return settled

    def _begin(self):
        found = yield from self._find()
        yield from self._about_gone()
        busy = {s.student for task in self._flying.values() for s in task.submissions}
        new = [s for s in found if s.path in self._settled and self._is_new(s)]
        self._due = any(s.student in busy for s in new)  # their turn comes when that has ended
        new = [s for s in new if s.student not in busy]
        if not new:
            return
        yield from (
            Note(line) for line in about(new, self._batch.attempts.best) if self._tell(line)
        )
        reused = self._batch.reused
        try:
            done, tasks = prepare(self._batch, new)
            yield from map(Note, self._batch.proving(task.practical for task in tasks))
        except UserError as error:
            yield from self._failed(error)
            return
        yield from self._began(new, done, tasks, self._batch.reused - reused)

    def _began(self, new, done, tasks, reused):
        answered = {r.student for r in done} | {s.student for t in tasks for s in t.submissions}
        for submission in new:
            if submission.student in answered:  # else it was being written again
                mark = (submission, self._settled[submission.path])
                self._taken[submission.student, submission.file] = mark
        self._unread |= {result.student for result in done if not result.key}
        results = self._pages.take(self._batch.attempts.counting(done))
        if reused and self._is_first_round:  # later ones are somebody's news
            yield Note(f"{reused} had not changed and were not graded again")
            results = [result for result in results if not result.key]
        self._is_first_round = False
        if results:
            yield Graded(results)
        for task in tasks:
            self._flying[self._followers.submit(self._grade, task)] = task

    def _find(self):
        """Everything that lies there, settled or not; what keeps it from being read is said."""
        listing = self._place / METADATA
        if not self._settling.there or (
            listing in self._settling.there and listing not in self._settled
        ):
            return []
        try:
            found = find_submissions(self._place, self._batch.loaded, self._downloads)
        except (UserError, OSError) as error:
            others = self._settling.there - {listing}
            if others and self._tell(str(error)):
                yield Note(str(error), warning=True)
            return []
        self._pages.forget_renamed(found)
        return found

    def _is_new(self, submission):
        mark = (submission, self._settled[submission.path])
        return self._taken.get((submission.student, submission.file)) != mark

    def _about_gone(self):
        """Files that were graded and aren't there any more; they are told of once."""
        gone = {s.path for s, _ in self._taken.values()} - self._settling.there
        new = sorted(path.name for path in gone if self._tell(f"gone {path}"))
        if new:
            names = ", ".join(map(printable, new[:3])) + " …" * (len(new) > 3)
            yield Note(f"{names}: no longer there; what was graded stays")
        self._told -= {f"gone {path}" for path in self._settling.there}

    def _tell(self, line):
        """Whether a line is to be said: each is said once."""
        is_new = line not in self._told
        self._told.add(line)
        return is_new

    # ------------------------------------------------------------ grading

    def _grade(self, task):
        place = self._free.get()
        try:
            return [r for results in self._batch.grade([task], place) for r in results]
        finally:
            self._free.put(place)

    def gather(self) -> Iterator[Event]:
        """Wait for what is done, or until it is time to look again."""
        left = max(0.0, self._next_look - time.monotonic())
        if not self._flying:
            time.sleep(left)
            return
        done, _ = wait(self._flying, left, FIRST_COMPLETED)
        for future in done:
            yield from self._landed(future)

    def _landed(self, future):
        task = self._flying.pop(future)
        try:
            results = future.result()
        except UserError as error:
            self._take_again({each.student for each in task.submissions})
            yield from self._failed(error)
            return
        if not results:  # its bytes were gone before they were graded
            self._take_again({each.student for each in task.submissions})
            return
        if not self._ever_graded and self._batch.isolation == "process":
            yield Note(UNPROTECTED, warning=True)
        self._ever_graded = True
        if new := self._pages.take(self._batch.attempts.counting(results)):
            yield Graded(new)

    def _take_again(self, students):
        """Let their files be taken once more."""
        self._taken = {k: v for k, v in self._taken.items() if k[0] not in students}
        self._due = True

    def _failed(self, error):
        """What fails for everyone ends the command at its beginning; later it may pass."""
        if not self._ever_graded:
            raise error
        self._due = True
        self._next_look = time.monotonic() + TRY_AGAIN
        if self._tell(str(error)):
            yield Note(f"{error}; trying again", warning=True)

    def stop(self) -> None:
        """End what is being graded; pages of what is done are written."""
        self._batch.close()
        self._followers.shutdown(wait=False, cancel_futures=True)
        for place in self._places:
            place.close()
        self._followers.shutdown()
        for future in self._flying:
            if not future.cancelled() and future.exception() is None:
                self._pages.take(self._batch.attempts.counting(future.result()))
        try:
            self._pages.flush()
        except UserError:
            pass  # it was said, and the next run writes them
