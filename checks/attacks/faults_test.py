"""Faults of our own side: killed, stopped, full, read-only, twice at once. Nothing is lost."""

import contextlib
import fcntl
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from autograder.errors import UserError
from autograder.grading.batch import alone
from autograder.grading.result import Result
from autograder.sandbox import policy, staging
from autograder.status import Status
from checks.attacks import trial
from checks.attacks.commands import below, command, rows, start

pytestmark = pytest.mark.slow
STUDENTS, STUDENTS_FILES = 12, "student_*.json"


@pytest.fixture(scope="module")
def class_folder(mini, tmp_path_factory):
    """Twelve students, each of whom is graded, and the rows that they get undisturbed."""
    folder = tmp_path_factory.mktemp("faults") / "class"
    for number in range(STUDENTS):
        cells = {"causal_weights": f"def causal_weights(scores):\n    return scores * {number}\n"}
        data = trial.edited(trial.solution(mini), cells)
        trial.hand_in(folder, f"student_{number:02}", data)
    return folder


@pytest.fixture(scope="module")
def undisturbed(mini, class_folder):
    output = class_folder.parent / "undisturbed"
    done = grade(mini, class_folder, output)
    assert done.returncode == 0, done.stdout
    return rows(output, STUDENTS_FILES)


def grade(mini, folder, output, before=()):
    return subprocess.run(
        [*before, *command(folder, output)],
        cwd=mini.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )


def wait_for(output, count, process):
    while len(list(output.rglob("student_*.json"))) < count and process.poll() is None:
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "terminate"]
)
def test_a_stop_is_one_line_and_the_same_command_goes_on(mini, class_folder, undisturbed, tmp_path, number, code):  # fmt: skip
    output = tmp_path / "grades"
    process = start(mini, class_folder, output)
    wait_for(output, 2, process)
    helpers = below(process)
    process.send_signal(number)
    said = process.communicate(timeout=60)[0]
    assert process.returncode == code, said
    assert "stopped; the same command goes on where this one ended" in said
    assert "Traceback" not in said
    assert not psutil.wait_procs(helpers, timeout=5)[1]
    assert 2 <= len(rows(output, STUDENTS_FILES)) < STUDENTS
    done = grade(mini, class_folder, output)
    assert "had not changed" in done.stdout
    assert rows(output, STUDENTS_FILES) == undisturbed


def test_killed_five_times_at_random_it_gives_the_same_rows(mini, class_folder, undisturbed, tmp_path):  # fmt: skip
    output, moments = tmp_path / "grades", random.Random(4)
    for _ in range(5):
        process = start(mini, class_folder, output)
        time.sleep(moments.uniform(0.5, 5))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert grade(mini, class_folder, output).returncode == 0
    assert rows(output, STUDENTS_FILES) == undisturbed
    assert not list(output.rglob("*.partial"))


def test_what_killed_graders_left_in_the_temporary_folder_goes(mini, class_folder, tmp_path, monkeypatch):  # fmt: skip
    """Only that of the dead: a living grader's folder stays."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    tmp_path.chmod(0o755)
    mine = staging.make()
    process = start(mini, class_folder, tmp_path / "grades")
    wait_for(tmp_path / "grades", 1, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert len(list(tmp_path.glob("autograder-*"))) > 1
    staging.remove_abandoned()
    assert list(tmp_path.glob("autograder-*")) == [mine]
    staging.remove(mine)
    assert not mine.exists()


def test_what_is_left_of_a_killed_graders_sandbox_goes(tmp_path, monkeypatch):
    """Of a bubblewrap that was still starting when its grader died."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name in ("autograder-dead", "autograder-living"):
        (tmp_path / name).mkdir()
        (tmp_path / name / ".lock").touch()
    sleep = [sys.executable, "-c", "import time; time.sleep(600)", "zygote.py"]
    left, other = (
        subprocess.Popen([*sleep, f'{{"folder": "autograder-{name}"}}'])
        for name in ("dead", "living")
    )
    try:
        with open(tmp_path / "autograder-living" / ".lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            staging.remove_abandoned()
        assert left.wait(timeout=10) == -signal.SIGKILL
        assert other.poll() is None
        assert [path.name for path in tmp_path.iterdir()] == ["autograder-living"]
    finally:
        for process in (left, other):
            process.kill()
            process.wait()


def test_zygotes_killed_at_random_cost_nobody_a_point(mini, class_folder, undisturbed, tmp_path):
    process, moments = start(mini, class_folder, tmp_path / "grades"), random.Random(3)
    killed = 0

    def kill():
        nonlocal killed
        while process.poll() is None:
            time.sleep(moments.uniform(0.7, 1.2))
            sandboxes = [p for p in below(process) if "zygote.py" in " ".join(_words(p))]
            if sandboxes and killed < 2:
                with contextlib.suppress(psutil.Error):
                    moments.choice(sandboxes).kill()
                    killed += 1

    killer = threading.Thread(target=kill)
    killer.start()
    said = process.communicate(timeout=300)[0]
    killer.join()
    assert process.returncode == 0, said
    assert killed == 2
    assert {s: x["points"] for s, x in rows(tmp_path / "grades", STUDENTS_FILES).items()} == {
        s: x["points"] for s, x in undisturbed.items()
    }


def _words(process):
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


def test_two_graders_on_one_folder(mini, class_folder, tmp_path):
    output = tmp_path / "grades"
    with alone(output):
        done = grade(mini, class_folder, output)
    assert done.returncode == 2
    assert done.stdout.startswith("another autograder grade is writing to")
    assert len(done.stdout.splitlines()) == 1
    with alone(output), pytest.raises(UserError, match="wait for it"), alone(output):
        pass


def needs_mounts():
    if not policy.works():
        pytest.skip("bubblewrap doesn't work here: a full or read-only disk is NOT tested")


def test_a_full_disk_is_one_line_and_what_was_stored_is_whole(mini, class_folder, undisturbed, tmp_path):  # fmt: skip
    needs_mounts()
    output, kept = tmp_path / "grades", tmp_path / "kept"
    output.mkdir()
    script = f'"$@"; code=$?; cp -r {output} {kept}; exit $code'
    before = ["bwrap", "--dev-bind", "/", "/", "--size", str(120 << 10), "--tmpfs", str(output)]
    done = grade(mini, class_folder, output, [*before, "--", "sh", "-c", script, "sh"])
    assert done.returncode == 2, done.stdout
    assert done.stdout.strip().splitlines()[-1].endswith("No space left on device")
    assert "Traceback" not in done.stdout
    stored = rows(kept, STUDENTS_FILES)
    assert 1 <= len(stored) < STUDENTS
    shutil.copytree(kept, output, dirs_exist_ok=True)
    assert grade(mini, class_folder, output).returncode == 0
    assert rows(output, STUDENTS_FILES) == undisturbed


def test_a_results_folder_that_is_read_only_is_one_line(mini, class_folder, tmp_path):
    needs_mounts()
    output = tmp_path / "grades"
    output.mkdir()
    before = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", str(output), str(output), "--"]
    done = grade(mini, class_folder, output, before)
    assert done.returncode == 2
    assert done.stdout == f"can't write {output}: Read-only file system\n"


def test_a_clock_that_jumps_changes_nothing(mini, class_folder, undisturbed, tmp_path, monkeypatch):
    jumps = random.Random(1)
    monkeypatch.setattr(time, "time", lambda: jumps.uniform(0, 4e9))
    held = trial.Trial(mini, tmp_path / "grades")
    try:
        seen = held.grade_all([trial.Submission(p.stem, p) for p in class_folder.iterdir()], 1)
    finally:
        held.close()
    assert {s: one.result.points for s, one in seen.items()} == {
        s: x["points"] for s, x in undisturbed.items()
    }
    assert {one.result.status for one in seen.values()} == {Status.GRADED}


def test_any_file_cut_by_a_power_failure_is_made_again(mini, class_folder, undisturbed, tmp_path):
    output, cuts = tmp_path / "grades", random.Random(2)
    assert grade(mini, class_folder, output).returncode == 0
    whole = {path: path.read_bytes() for path in output.rglob("*") if path.is_file()}
    for path, data in whole.items():
        path.write_bytes(data[: cuts.randrange(max(len(data), 1))])
    done = grade(mini, class_folder, output)
    assert done.returncode == 0, done.stdout
    assert rows(output, STUDENTS_FILES) == undisturbed
    for path, data in whole.items():
        if path.suffix in (".csv", ".html"):
            assert abs(len(path.read_bytes()) - len(data)) < 400, path  # times differ


def test_every_cut_of_a_result_is_seen(mini, class_folder, undisturbed, tmp_path):
    [first, *_] = sorted((class_folder.parent / "undisturbed").rglob("student_*.json"))
    data, path = first.read_bytes(), tmp_path / "cut.json"
    for end in range(len(data)):
        path.write_bytes(data[:end])
        with pytest.raises(UserError, match="not a result file"):
            Result.load(path)
