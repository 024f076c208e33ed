"""`autograder grade --watch` as people run it: a process beside a folder that changes."""

import io
import os
import signal
import subprocess
import sys
import time
import zipfile

import psutil
import pytest

from autograder.grading.result import Result
from autograder.inbox.settling import QUIET
from autograder.status import Status

pytestmark = pytest.mark.slow

WRONG = {"causal_mask": "def causal_mask(scores):\n    return scores\n"}  # 5 of 6 points
NEVER_ENDS = {"Scale": "class Scale(hk.Module):\n    def __call__(self, x):\n        while True: pass\n"}  # fmt: skip
PATIENCE = 120  # seconds that anything may take on a busy machine


class Watch:
    """A running command, the folder it looks at and what it made."""

    def __init__(self, course, folder):
        self.course, self.inbox, self.output = course, folder / "in", folder / "out"
        self.log = folder / "log"
        self.inbox.mkdir()

    def start(self, *options):
        words = ["-u", "-m", "autograder.cli", "grade", str(self.inbox), "-o", str(self.output)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *words, "--watch", "--workers", "2", *options],
                cwd=self.course.root,
                stdout=log,
                stderr=log,
            )
        return self

    def hand_in(self, name, data):
        """As most programs do: written elsewhere, then put there whole."""
        part = self.inbox / f"{name}.part"
        part.write_bytes(data)
        part.rename(self.inbox / name)

    def until(self, happened):
        """Wait until something is so."""
        end = time.monotonic() + PATIENCE
        while not happened():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.1)

    def stop(self, how=signal.SIGINT):
        """The exit code and the last line."""
        self.process.send_signal(how)
        code = self.process.wait(PATIENCE)
        return code, self.said().splitlines()[-1]

    def said(self):
        return self.log.read_text()

    def result(self, student):
        path = self.output / "01_mini" / f"{student}.json"
        return Result.load(path) if path.exists() else None

    def points(self, student):
        return getattr(self.result(student), "points", None)

    def attempts(self, student):
        return sorted((self.output / "01_mini" / "attempts" / student).glob("*.json"))

    def page(self, name):
        path = self.output / "01_mini" / name
        return path.read_text("utf-8-sig") if path.exists() else ""


def is_alive(process):
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def zipped(data):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("01_mini.ipynb", data)
    return file.getvalue()


def unlock(path, data):
    """Let a file be readable that wasn't, without another size or time."""
    facts, part = path.stat(), path.with_suffix(".part")
    part.write_bytes(data)
    os.utime(part, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    part.rename(path)


@pytest.fixture
def watch(mini, tmp_path):
    watch = Watch(mini, tmp_path)
    yield watch
    if watch.process.poll() is None:
        watch.process.kill()
        watch.process.wait()


def test_what_arrives_or_changes_is_graded_and_pages_follow(watch, classroom):
    watch.start()
    watch.until(lambda: "watching" in watch.said())
    watch.hand_in("ann.ipynb", classroom.notebook())
    watch.until(lambda: '"ann"' in watch.page("grades.csv"))
    watch.hand_in("bob.ipynb", classroom.notebook(WRONG))
    watch.until(lambda: '"bob"' in watch.page("grades.csv"))
    anns = watch.output / "01_mini" / "feedback" / "ann.html"
    before = anns.stat().st_mtime_ns
    watch.hand_in("bob.ipynb", classroom.notebook({"Scale": ""}))
    watch.until(lambda: "This is attempt 2 of 2" in watch.page("feedback/bob.html"))
    watch.until(lambda: "bob" in watch.page("report.html"))
    assert [watch.points(name) for name in ("ann", "bob")] == [6, 5]
    assert anns.stat().st_mtime_ns == before  # nothing new of hers
    refused = subprocess.run(
        [sys.executable, "-m", "autograder.cli", "grade", str(watch.inbox), "-o", str(watch.output)],
        cwd=watch.course.root, capture_output=True, text=True,
    )  # fmt: skip
    assert (refused.returncode, "another autograder grade" in refused.stderr) == (2, True)
    code, last = watch.stop()
    assert (code, last) == (0, "stopped watching; results and pages are up to date")
    assert "Traceback" not in watch.said()


def test_the_best_attempt_counts_where_it_is_asked_for(watch, classroom):
    watch.hand_in("ann.ipynb", classroom.notebook())
    watch.start("--best")
    watch.until(lambda: watch.points("ann") == 6)
    watch.hand_in("ann.ipynb", classroom.notebook(WRONG))
    watch.until(lambda: "This is attempt 1 of 2" in watch.page("feedback/ann.html"))
    assert watch.points("ann") == 6
    assert '"graded","",6,6' in watch.page("grades.csv")


def test_a_file_that_is_being_written_is_graded_once_it_is_whole(watch, classroom):
    watch.start()
    data = classroom.notebook(WRONG)
    half = len(data) // 2
    with (watch.inbox / "ann.ipynb").open("wb") as file:
        for part in (data[: half // 2], data[half // 2 : half], data[half:]):
            file.write(part)
            file.flush()
            time.sleep(2 * QUIET)  # longer than a whole file would have to rest
    watch.until(lambda: watch.points("ann") is not None)
    assert watch.points("ann") == 5
    assert len(watch.attempts("ann")) == 1


def test_nothing_in_the_folder_ends_it_and_what_is_gone_keeps_its_result(watch, classroom):
    (watch.inbox / "dangling.ipynb").symlink_to("nowhere")
    os.mkfifo(watch.inbox / "pipe.ipynb")
    whole = zipped(classroom.notebook(WRONG))
    (watch.inbox / "bad.zip").write_bytes(b"x" * len(whole))
    (watch.inbox / "submission_metadata.yml").write_bytes(b"{[")
    watch.hand_in("ann.ipynb", classroom.notebook())
    watch.start()
    watch.until(lambda: "can't be read" in watch.said())
    (watch.inbox / "submission_metadata.yml").unlink()
    watch.until(lambda: all(map(watch.result, ("ann", "bad", "pipe", "dangling"))))
    assert watch.result("bad").status == Status.UNREADABLE
    watch.until(lambda: watch.page("grades.csv").count("unreadable") == 3)
    unlock(watch.inbox / "bad.zip", whole)
    watch.until(lambda: watch.points("bad") == 5)
    (watch.inbox / "ann.ipynb").unlink()
    watch.until(lambda: "ann.ipynb: no longer there" in watch.said())
    away = watch.inbox.rename(watch.inbox.with_name("away"))
    watch.until(lambda: "is gone: waiting" in watch.said())
    away.rename(watch.inbox)
    watch.hand_in("cy.ipynb", classroom.notebook(WRONG))
    watch.until(lambda: '"cy"' in watch.page("grades.csv"))
    for line in ("is gone: waiting until it is back", "is back"):
        assert watch.said().splitlines().count(f"{watch.inbox} {line}") == 1
    assert '"ann"' in watch.page("grades.csv")
    assert watch.points("ann") == 6


def test_one_that_never_ends_keeps_nobody_waiting_and_a_stop_ends_it_at_once(watch, classroom):
    watch.hand_in("loop.ipynb", classroom.notebook(NEVER_ENDS))
    watch.start("--case-seconds", "600")
    watch.until(lambda: watch.output.is_dir() and psutil.Process(watch.process.pid).children())
    watch.hand_in("ann.ipynb", classroom.notebook())
    watch.until(lambda: watch.points("ann") == 6)
    assert watch.result("loop") is None
    children = psutil.Process(watch.process.pid).children(recursive=True)
    code, last = watch.stop(signal.SIGTERM)
    assert (code, last) == (0, "stopped watching; results and pages are up to date")
    assert not any(map(is_alive, children))
    assert '"ann"' in watch.page("grades.csv")
    assert watch.result("loop") is None  # a stop is no result


def test_kill_9_loses_at_most_what_was_in_flight(watch, classroom):
    names = [f"student_{number:02}" for number in range(10)]
    for number, name in enumerate(names):
        weights = f"def causal_weights(scores):\n    return scores * {number}\n"
        watch.hand_in(f"{name}.ipynb", classroom.notebook({"causal_weights": weights}))
    watch.start()
    watch.until(lambda: sum(map(bool, map(watch.result, names))) >= 2)
    watch.stop(signal.SIGKILL)
    paths = {name: watch.output / "01_mini" / f"{name}.json" for name in names}
    before = {name: path.read_bytes() for name, path in paths.items() if path.exists()}
    assert 2 <= len(before) < len(names)
    watch.start()
    watch.until(lambda: watch.page("grades.csv").count("student_") >= 2 * len(names))
    watch.stop()
    assert {name: paths[name].read_bytes() for name in before} == before
    assert {watch.points(name) for name in names} == {3}
    assert {len(watch.attempts(name)) for name in names} == {1}
    assert not list(watch.output.rglob("*.partial"))


def test_a_place_that_is_not_there_is_one_line(watch):
    watch.inbox.rmdir()
    watch.start()
    assert watch.process.wait(PATIENCE) == 2
    assert watch.said() == f"there is no {watch.inbox}: name the folder in which hand-ins arrive\n"
