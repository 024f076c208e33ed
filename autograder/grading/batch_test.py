"""A class: what is found, what is graded once, what a second run leaves alone, what a kill costs."""

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import closing
from dataclasses import asdict

import pytest

from autograder.course import Course
from autograder.errors import UserError
from autograder.grading import batch as batch_module
from autograder.grading.batch import Batch
from autograder.grading.built import load_all
from autograder.grading.graders import Pace
from autograder.grading.result import Result
from autograder.inbox.find import find_submissions
from autograder.inbox.submission import Submission
from autograder.inbox.zips import read_bytes
from autograder.sandbox.steps import Limits
from autograder.status import Status


@pytest.fixture
def loaded(mini):
    return load_all(mini, None)


def files(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"{}")
    return folder


LAYOUTS = {
    "a folder of notebooks": (["ann.ipynb", "bob.ipynb", "notes.txt"], ["ann", "bob"]),
    "nbgrader's tree": (["ann/01_mini/01_mini.ipynb", "bob/01_mini/01_mini.ipynb"], ["ann", "bob"]),
    "a folder a student": (["ann/work.ipynb", "bob/work.ipynb"], ["ann", "bob"]),
    "zips": (["ann.zip", "bob.zip"], ["ann", "bob"]),
    "checkpoints and hidden files": (["ann.ipynb", ".ipynb_checkpoints/ann.ipynb", "__MACOSX/._ann.ipynb", ".x.ipynb"], ["ann"]),
    "one name twice": (["ann.ipynb", "ann.zip"], ["ann", "ann (ann.zip)"]),
    "a folder a practical": (["01_mini/ann.ipynb"], ["ann"]),
    "one name in and outside a practical's folder": (["01_mini/ann.ipynb", "ann.ipynb"], ["ann", "ann (ann.ipynb)"]),
    "names in capitals": (["ANN.IPYNB", "BOB.ZIP"], ["ANN", "BOB"]),
}  # fmt: skip


@pytest.mark.parametrize(("names", "students"), LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_gives_its_students(tmp_path, names, students):
    found = find_submissions(files(tmp_path, *names), ["01_mini"])
    assert sorted(s.student for s in found) == students


@pytest.mark.parametrize(
    "make", [lambda p: p / "none", lambda p: p, lambda p: files(p, "a.txt") / "a.txt"]
)
def test_nothing_to_grade_is_one_clear_line(tmp_path, make):
    with pytest.raises(UserError, match=r"there is no|neither a notebook"):
        find_submissions(make(tmp_path), ["01_mini"])


def test_zips_are_read_with_care(tmp_path):
    def zipped(name, **members):
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, data in members.items():
                archive.writestr(member.replace("__", "/") + ".ipynb", data)
        return Submission("x", tmp_path / name)

    assert read_bytes(zipped("one.zip", work=b"1"), "01_mini") == (b"1", [])
    assert read_bytes(zipped("two.zip", a__01_mini=b"1", b=b"2"), "01_mini") == (b"1", [])
    assert read_bytes(zipped("own.zip", a=b'"01_mini"', b=b"2"), "01_mini") == (b'"01_mini"', [])
    with pytest.raises(UserError, match="holds no notebook"):
        read_bytes(zipped("none.zip"), "01_mini")
    with pytest.raises(UserError, match="holds 2 notebooks"):
        read_bytes(zipped("many.zip", a=b"1", b=b"2"), "01_mini")
    with pytest.raises(UserError, match="larger than 50 MB"):
        read_bytes(zipped("bomb.zip", a=b"0" * 60_000_000), "01_mini")
    (tmp_path / "bad.zip").write_bytes(b"PK nothing")
    with pytest.raises(UserError, match="can't be read"):
        read_bytes(Submission("x", tmp_path / "bad.zip"), "01_mini")


def grade(mini, loaded, folder, output):
    batch = Batch(mini, loaded, output)
    try:
        done, tasks = batch.prepare(find_submissions(folder, loaded))
        with closing(batch.pool(2)) as pool:
            done += [result for results in batch.grade(tasks, pool) for result in results]
        return {result.student: result for result in done}, len(tasks)
    finally:
        batch.close()


def same(results):
    """Results without what time changes."""
    facts = {}
    for student, result in results.items():
        data = json.loads(json.dumps(result, default=asdict))
        data.pop("seen")
        for timed in (data, *data["exercises"]):
            timed.pop("seconds"), timed.pop("cpu_seconds", None)
        facts[student] = data
    return facts


@pytest.fixture
def class_folder(tmp_path, classroom):
    folder = tmp_path / "class"
    folder.mkdir()
    wrong = "def causal_mask(scores):\n    return scores\n"
    (folder / "right.ipynb").write_bytes(classroom.notebook())
    (folder / "twin.ipynb").write_bytes(classroom.notebook())
    (folder / "wrong.ipynb").write_bytes(classroom.notebook({"causal_mask": wrong}))
    (folder / "empty.ipynb").write_bytes(b"")
    (folder / "naughty\nname'.ipynb").write_bytes(classroom.notebook({"Scale": ""}))
    return folder


@pytest.mark.slow
def test_a_second_run_grades_only_what_changed(mini, loaded, class_folder, classroom, tmp_path):
    first, graded = grade(mini, loaded, class_folder, tmp_path / "out")
    assert {s: (x.status, x.points) for s, x in first.items()} == {
        "right": (Status.GRADED, 6),
        "twin": (Status.GRADED, 6),
        "wrong": (Status.GRADED, 5),  # half of causal_mask
        "empty": (Status.UNREADABLE, 0),
        "naughty\nname'": (Status.GRADED, 5),
    }
    assert graded == 4  # the twin's bytes are graded once
    second, graded = grade(mini, loaded, class_folder, tmp_path / "out")
    assert graded == 0
    assert same(second) == same(first)
    newer = classroom.notebook(edit=lambda n: n["metadata"].update(version=2))
    (class_folder / "wrong.ipynb").write_bytes(newer)
    third, graded = grade(mini, loaded, class_folder, tmp_path / "out")
    assert (graded, third["wrong"].points) == (1, 6)
    (class_folder / "late.ipynb").write_bytes(newer)
    fourth, graded = grade(mini, loaded, class_folder, tmp_path / "out")
    assert (graded, fourth["late"].points, fourth["late"].student) == (0, 6, "late")
    fifth, _ = grade(mini, loaded, class_folder, tmp_path / "out")
    assert same(fifth) == same(fourth)


def prepared_and_then(mini, loaded, folder, output, change):
    """The results by student, and how often a sandbox was needed, of files that change after `prepare`."""
    batch, graded = Batch(mini, loaded, output), []
    once = batch.graders.grade
    batch.graders.grade = lambda *job: graded.append(job) or once(*job)
    try:
        done, tasks = batch.prepare(find_submissions(folder, loaded))
        change()
        with closing(batch.pool(2)) as pool:
            done += [result for results in batch.grade(tasks, pool) for result in results]
        assert len(done) == len({result.student for result in done})
        return {result.student: result for result in done}, len(graded)
    finally:
        batch.close()


@pytest.fixture
def twins(tmp_path, classroom):
    """Two students' files with the same right answers, and bytes that are wrong."""
    folder = tmp_path / "twins"
    folder.mkdir()
    for name in ("ann", "bob"):
        (folder / f"{name}.ipynb").write_bytes(classroom.notebook())
    return folder, classroom.notebook(
        {"causal_mask": "def causal_mask(scores):\n    return scores\n"}
    )


@pytest.mark.slow
def test_who_shares_bytes_keeps_their_score_when_another_ones_file_changes(
    mini, loaded, twins, tmp_path
):
    folder, wrong = twins
    change = lambda: (folder / "ann.ipynb").write_bytes(wrong)  # noqa: E731
    results, _ = prepared_and_then(mini, loaded, folder, tmp_path / "out", change)
    assert results["bob"].points == 6
    assert results["bob"].key == str(Batch(mini, loaded, tmp_path)._key("01_mini", (folder / "bob.ipynb").read_bytes()))  # fmt: skip
    again, graded = grade(mini, loaded, folder, tmp_path / "out")
    assert {s: x.points for s, x in again.items()} == {"ann": 5, "bob": 6}
    assert graded == 1


@pytest.mark.slow
def test_new_bytes_in_every_file_are_graded_as_what_they_are(mini, loaded, twins, tmp_path):
    folder, wrong = twins

    def change():
        (folder / "ann.ipynb").write_bytes(wrong)
        (folder / "bob.ipynb").write_bytes(b"")

    results, graded = prepared_and_then(mini, loaded, folder, tmp_path / "out", change)
    assert (results["ann"].points, results["bob"].status) == (5, Status.UNREADABLE)
    assert graded == 2  # the bytes that are gone never were
    again, _ = grade(mini, loaded, folder, tmp_path / "out")
    assert same(again) == same(results)


def test_a_file_that_is_gone_or_never_the_same_is_a_row_with_a_reason(
    mini, loaded, twins, tmp_path, monkeypatch
):
    folder, _ = twins
    (folder / "bob.ipynb").write_bytes(b"[]")
    real, count = batch_module.read_bytes, itertools.count()

    def restless(submission, practical):
        data, odd = real(submission, practical)
        return (data + b" " * next(count), odd) if submission.student == "ann" else (data, odd)

    monkeypatch.setattr(batch_module, "read_bytes", restless)
    change = lambda: (folder / "bob.ipynb").unlink()  # noqa: E731
    results, _ = prepared_and_then(mini, loaded, folder, tmp_path / "out", change)
    assert {x.status for x in results.values()} == {Status.UNREADABLE}
    assert "each time it was read" in results["ann"].reason
    assert "can't be read" in results["bob"].reason


@pytest.mark.slow
def test_a_damaged_result_is_graded_again(mini, loaded, class_folder, tmp_path):
    grade(mini, loaded, class_folder, tmp_path / "out")
    path = tmp_path / "out" / "01_mini" / "wrong.json"
    path.write_bytes(path.read_bytes()[:100])
    results, graded = grade(mini, loaded, class_folder, tmp_path / "out")
    assert (graded, results["wrong"].points) == (1, 5)


@pytest.mark.slow
def test_a_fault_of_ours_costs_one_row(mini, loaded, class_folder, tmp_path, monkeypatch):
    from autograder.grading.grade import Grader

    real = Grader.grade
    wrong = (class_folder / "wrong.ipynb").read_bytes()

    def faulty(self, data, *facts):
        if data == wrong:
            raise RuntimeError("our bug")
        return real(self, data, *facts)

    monkeypatch.setattr(Grader, "grade", faulty)
    results, _ = grade(mini, loaded, class_folder, tmp_path / "out")
    assert results["right"].points == 6
    assert results["wrong"].status == Status.CRASHED
    assert "our bug" in results["wrong"].reason


@pytest.mark.slow
def test_kill_9_in_the_middle_loses_at_most_what_was_in_flight(mini, classroom, tmp_path):
    folder = tmp_path / "class"
    folder.mkdir()
    for i in range(12):  # different bytes, so that each is graded
        weights = f"def causal_weights(scores):\n    return scores * {i}\n"
        (folder / f"student_{i:02}.ipynb").write_bytes(
            classroom.notebook({"causal_weights": weights})
        )

    def command(output, log):
        words = ["-m", "autograder.cli", "grade", str(folder), "-o", str(output), "--workers", "2"]
        with open(log, "wb") as file:
            return subprocess.Popen(
                [sys.executable, *words],
                cwd=mini.root,
                start_new_session=True,
                stdout=file,
                stderr=file,
            )

    log = tmp_path / "log"
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert command(whole, log).wait() == 0, log.read_text()
    process = command(broken, log)
    while len(list(broken.glob("*/student_*.json"))) < 3 and process.poll() is None:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = {path.name: path.stat().st_mtime_ns for path in broken.rglob("student_*.json")}
    assert 3 <= len(before) < 12
    assert command(broken, log).wait() == 0, log.read_text()
    assert f"{len(before)} of 12 had not changed" in log.read_text()
    paths = sorted(broken.rglob("student_*.json"))
    assert {p.name: p.stat().st_mtime_ns for p in paths if p.name in before} == before
    results = [
        {p.stem: Result.load(p) for p in out.rglob("student_*.json")} for out in (whole, broken)
    ]
    assert len(results[0]) == 12
    assert same(results[0]) == same(results[1])
    assert not list(broken.rglob("*.partial"))


@pytest.mark.slow
def test_a_results_folder_that_cannot_be_written_is_one_line(mini, loaded, class_folder, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(UserError, match="can't write"):
        grade(mini, loaded, class_folder, tmp_path / "file")


def test_an_unbuilt_practical_says_how_to_build_it(mini, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(mini.root, copy)
    shutil.rmtree(copy / "solutions")
    with pytest.raises(UserError, match="run autograder build 01"):
        load_all(type(mini)(copy), None)


def test_other_limits_are_another_grading(mini, tmp_path):
    """Who ran out of time gets another chance when there is more of it."""
    loaded = load_all(mini, None)
    short, long = (
        Batch(mini, loaded, tmp_path, Limits(case_seconds=seconds)) for seconds in (1, 2)
    )
    assert short._key("01_mini", b"x") != long._key("01_mini", b"x")
    assert long._key("01_mini", b"x") == long._key("01_mini", b"x")


@pytest.mark.parametrize(
    ("file", "spoil", "line"),
    [
        (
            "solutions/01_mini/answers.safetensors",
            lambda data: data[:500],
            "answers.safetensors can't be read (SafetensorError): run autograder build 01",
        ),
        (
            "tests/01_mini/Scale.py",
            lambda data: data.replace(b"by its own scale", b"by a scale"),
            "01_mini was built before the test file of Scale changed: run autograder build 01",
        ),
    ],
    ids=["damaged", "old"],
)
def test_an_answer_key_that_does_not_fit_is_one_line(mini, tmp_path, file, spoil, line):
    copy = tmp_path / "course"
    shutil.copytree(mini.root, copy)
    data = (copy / file).read_bytes()
    (copy / file).write_bytes(spoil(data))
    assert (copy / file).read_bytes() != data
    with pytest.raises(UserError) as said:
        load_all(Course(copy), None)
    assert str(said.value).endswith(line)
    assert "\n" not in str(said.value)


# ---------------------------------------------------------------- who waits for whom


@pytest.mark.slow
def test_what_takes_long_is_put_off_until_the_others_are_done(mini, loaded, tmp_path):
    """Two loops that are first would hold two workers for all their time; they get it at the end."""
    loop = "def causal_mask(scores):\n    while True: pass\n"
    notebook = json.loads((mini.solutions("01_mini") / "01_mini.ipynb").read_text())
    for number in range(6):
        for cell in notebook["cells"]:
            if cell["id"] == "causal_mask" and number < 2:
                cell["source"] = loop
        name = f"{number}_{'stuck' if number < 2 else 'fine'}"
        text = json.dumps(notebook) + " " * number
        (tmp_path / f"{name}.ipynb").write_text(text)
        notebook = json.loads((mini.solutions("01_mini") / "01_mini.ipynb").read_text())
    limits = Limits(cell_seconds=6, case_seconds=6)
    with closing(Batch(mini, loaded, tmp_path / "grades", limits)) as batch:
        _, tasks = batch.prepare(find_submissions(tmp_path, loaded))
        with closing(batch.pool(2)) as pool:
            done = [result for results in batch.grade(tasks, pool) for result in results]
    assert sorted(result.student for result in done[4:]) == ["0_stuck", "1_stuck"]
    assert [result.points for result in done] == [6] * 4 + [4] * 2
    assert {result.exercises[0].status for result in done[4:]} == {Status.TIMED_OUT}


def test_the_pace_is_that_of_the_quicker_ones():
    pace = Pace()
    assert pace.seconds == Pace.FIRST
    pace.note(0.1)
    assert pace.seconds == Pace.LEAST
    for seconds in [3.0] * 10 + [200.0] * 20:
        pace.note(seconds)
    assert pace.seconds == Pace.TIMES * 3
    slow = Pace()
    for _ in range(20):  # on a slow machine whatever is begun takes long
        slow.note(slow.seconds)
    assert slow.seconds >= 8 * Pace.LEAST
