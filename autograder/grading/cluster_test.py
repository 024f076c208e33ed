"""A class on a cluster: the same results, whatever dies meanwhile. Real schedulers, workers, sandboxes."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import autograder
from autograder import cli
from autograder.errors import UserError
from autograder.testing.lab import Lab, below, wait_for, worker_below

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cluster")]

STUDENTS = 5
LOOP = "def causal_weights(scores):\n    return scores\nwhile True:\n    pass\n"
TIMES = re.compile(rb'"(cpu_)?seconds": [\d.e-]+|"seen": "[^"]+"')


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory):
    """Nobody has sent a course to this machine yet; what is compiled, is so once for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory, classroom):
    """A small class: different right and wrong answers, two that share theirs, a damaged file."""
    folder = tmp_path_factory.mktemp("class")
    for i in range(STUDENTS):
        weights = f"def causal_weights(scores):\n    return scores * {i}\n"
        edited = classroom.notebook({"causal_weights": weights} if i else {})
        (folder / f"student_{i}.ipynb").write_bytes(edited)
    shutil.copy(folder / "student_1.ipynb", folder / "twin.ipynb")
    (folder / "damaged.ipynb").write_bytes(b"{")
    (folder / "odd.ipynb").write_bytes(classroom.notebook({"Scale": "raise ValueError('\\ud800')"}))
    return folder


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A scheduler and two workers, which every test leaves alive."""
    with contextlib.closing(Lab(tmp_path_factory.mktemp("lab"))) as lab:
        lab.scheduler = lab.start_scheduler()
        lab.workers = [lab.start_worker() for _ in range(2)]
        yield lab


@pytest.fixture(scope="module")
def expected(mini, folder, tmp_path_factory):
    """What threads of this process make of the class."""
    output = tmp_path_factory.mktemp("local")
    command(mini, folder, output, "--workers", "2").check_returncode()
    found = stored(output)
    assert len(found) == STUDENTS + 3
    return found


def words(folder, output, *options):
    return [sys.executable, "-m", "autograder.cli", "grade", str(folder), "-o", str(output), *options]  # fmt: skip


def command(course, folder, output, *options, inside=()):
    """`autograder grade`, run to its end."""
    return subprocess.run(
        [*inside, *words(folder, output, *options)],
        cwd=course.root,
        capture_output=True,
        text=True,
        timeout=300,
    )


@contextlib.contextmanager
def begun(course, folder, output, *options):
    """`autograder grade` while it runs; its output is in `<output>.log`."""
    with open(f"{output}.log", "wb") as log:
        process = subprocess.Popen(
            words(folder, output, *options), cwd=course.root, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def ended_well(process, output):
    """What a command said that ended well."""
    said = lambda: Path(f"{output}.log").read_text()  # noqa: E731
    assert process.wait(timeout=300) == 0, said()
    return said()


def stored(output):
    """Bytes of the results that count by file, without times."""
    paths = output.glob("*/*.json")
    return {path.name: TIMES.sub(b"", path.read_bytes()) for path in paths}


def some(output, count=1):
    """Wait until there are so many results of the students whose answers have to be run."""
    wait_for(lambda: len([*output.glob("*/student_*.json")]) >= count, 120)


def test_a_cluster_gives_the_same_results_to_the_byte(mini, folder, lab, expected, tmp_path):
    run = command(mini, folder, tmp_path / "out", "--scheduler", lab.address)
    assert run.returncode == 0, run.stdout + run.stderr
    assert stored(tmp_path / "out") == expected
    assert run.stderr == ""
    again = command(mini, folder, tmp_path / "out", "--workers", "1")
    assert f"{len(expected)} of {len(expected)} had not changed" in again.stdout


def test_a_worker_that_is_killed_costs_no_result_and_leaves_nothing(
    mini, folder, lab, expected, tmp_path
):
    output = tmp_path / "out"
    with begun(mini, folder, output, "--scheduler", lab.address) as process:
        some(output)
        worker = worker_below(lab.workers[0])
        sandbox = below(worker.pid)
        assert sandbox
        worker.kill()
        wait_for(lambda: not any(each.is_running() for each in sandbox))
        ended_well(process, output)
    assert stored(output) == expected


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM])
def test_a_scheduler_that_is_started_again_goes_on(mini, folder, lab, expected, tmp_path, by):
    output = tmp_path / "out"
    with begun(mini, folder, output, "--scheduler", lab.address) as process:
        some(output, 2)
        lab.end(lab.scheduler, by)
        before = {path: path.stat().st_mtime_ns for path in output.rglob("student_*.json")}
        wait_for(lambda: "lost the scheduler" in Path(f"{output}.log").read_text(), 60)
        lab.scheduler = lab.start_scheduler()
        said = ended_well(process, output)
    assert stored(output) == expected
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert "the scheduler is back" in said


def test_a_client_that_is_killed_leaves_nothing_running_and_a_second_run_goes_on(
    mini, folder, lab, classroom, expected, tmp_path
):
    copy, output = shutil.copytree(folder, tmp_path / "copy"), tmp_path / "out"
    looping = [copy / f"student_{i}.ipynb" for i in range(2, STUDENTS)]
    for number, path in enumerate(looping):
        path.write_bytes(classroom.notebook({"causal_weights": f"{LOOP}# {number}"}))
    options = ("--scheduler", lab.address, "--cell-seconds", "100")
    with begun(mini, copy, output, *options) as process:
        some(output, 2)
        wait_for(lambda: [*output.rglob("odd.json")])  # only loops are left
        started = used(lab)
        wait_for(lambda: used(lab) > started + 1)
        process.kill()
        process.wait()
    wait_for(lambda: is_at_rest(lab), 40)
    for path in looping:
        shutil.copy(folder / path.name, path)
    run = command(mini, copy, output, *options)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "5 of 8 had not changed" in run.stdout
    assert stored(output).keys() == expected.keys()


def used(lab):
    """CPU seconds of the processes that are in the lab's sandboxes now."""
    total = 0.0
    for each in lab_sandboxes(lab):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += sum(each.cpu_times()[:2])
    return total


def is_at_rest(lab):
    """Whether no sandbox does anything for two seconds."""
    before = used(lab)
    time.sleep(2)
    return used(lab) <= before


def lab_sandboxes(lab):
    """Every process below the lab's workers."""
    workers = filter(None, map(worker_below, lab.workers))
    return [each for worker in workers for each in below(worker.pid)]


@pytest.fixture
def other_versions(tmp_path):
    """Folders of modules that make a worker another one than ours, and what is said of it."""
    numpy = tmp_path / "numpy" / "numpy-9.9.9.dist-info"
    numpy.mkdir(parents=True)
    (numpy / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 9.9.9\n")
    ignore = shutil.ignore_patterns("*_test.py", "__pycache__")
    package = Path(autograder.__file__).parent
    newer, older = tmp_path / "newer", tmp_path / "older"
    for place in (newer, older):
        shutil.copytree(package, place / "autograder", ignore=ignore)
    with (newer / "autograder/grading/plan.py").open("a") as file:
        file.write("# another way\n")
    (older / "autograder/grading/remote.py").unlink()
    return {
        numpy.parent: "numpy is 9.9.9 there, ",
        newer: "the grader's own code differs",
        older: "its autograder is another version than here (ModuleNotFoundError(",
    }


def test_a_worker_of_another_version_is_refused_by_what_differs(
    mini, folder, expected, other_versions, tmp_path
):
    output = tmp_path / "out"
    alone = Lab(tmp_path / "lab")
    with contextlib.closing(alone):
        alone.start_scheduler()
        for place in other_versions:
            alone.start_worker(first_paths=[place])
        wait_for(lambda: alone.log().count("Starting established connection") >= 3)
        run = command(mini, folder, output, "--scheduler", alone.address)
        assert run.returncode == 2
        lines = run.stderr.splitlines()
        assert len(lines) == len(other_versions)
        for what in other_versions.values():
            [line] = [line for line in lines if what in line]
            assert line.startswith("worker tcp://127.0.0.1:")
        assert stored(output) == {}
        alone.start_worker()
        wait_for(lambda: alone.log().count("Starting established connection") >= 4)
        right = folder / "student_0.ipynb"
        run = command(mini, right, output, "--scheduler", alone.address)
        assert run.returncode == 0, run.stdout + run.stderr
        assert all(line in run.stdout for line in lines)
    assert stored(output) == {"student_0.json": expected["student_0.json"]}


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "tls://127.0.0.1:1", "nowhere://"])
def test_an_address_where_nobody_answers_is_one_line(mini, folder, tmp_path, address):
    run = command(mini, folder, tmp_path / "out", "--scheduler", address)
    assert run.returncode == 2
    assert run.stderr.startswith(f"no dask scheduler answers at {address}: ")
    assert run.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"cluster": "local:none"}, "--cluster local:none: write local: and a number of workers"),
        ({"cluster": "tcp://x"}, "--cluster is local: and a number"),
        ({"cluster": "local:1", "scheduler": "tcp://x"}, "name one of --scheduler and --cluster"),
    ],
)
def test_options_that_cannot_be_are_one_line(mini, folder, tmp_path, monkeypatch, options, line):
    monkeypatch.chdir(mini.root)
    with pytest.raises(UserError, match=f"^{line}"):
        cli.grade(folder / "odd.ipynb", output=tmp_path / "out", **options)


WITHOUT = """
import sys
sys.modules["distributed"] = None
from autograder.cli import main
sys.argv = ["autograder", *sys.argv[1:]]
main()
"""


def test_who_needs_no_cluster_needs_no_dask(mini, folder, tmp_path):
    def run(*options):
        grade = words(folder / "damaged.ipynb", tmp_path / "out", *options)[3:]
        start = [sys.executable, "-c", WITHOUT, *grade]
        return subprocess.run(start, cwd=mini.root, capture_output=True, text=True)

    assert run().returncode == 0
    wanted = run("--cluster", "local:2")
    assert wanted.returncode == 2
    assert wanted.stderr == 'install what a cluster needs: pip install "autograder[cluster]"\n'


def test_workers_of_this_machine(mini, folder, expected, tmp_path):
    run = command(mini, folder / "odd.ipynb", tmp_path / "out", "--cluster", "local:1")
    assert run.returncode == 0, run.stdout + run.stderr
    assert stored(tmp_path / "out") == {"odd.json": expected["odd.json"]}


# ---------------------------------------------------------------- separate hosts


def ip(*words):
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@pytest.fixture
def hosts():
    """Four network namespaces on one bridge, as commands that start something there."""
    names = [f"grading{os.getpid()}-{i}" for i in range(5)]
    try:
        for name in names:
            ip("netns", "add", name)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"network namespaces need root and iproute2: {error}")
    hub, *hosts = names
    try:
        ip("-n", hub, "link", "add", "bridge", "type", "bridge")
        ip("-n", hub, "link", "set", "bridge", "up")
        for number, host in enumerate(hosts, 1):
            port = f"port{number}"
            ip(
                "-n",
                hub,
                "link",
                "add",
                port,
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                host,
            )
            ip("-n", hub, "link", "set", port, "master", "bridge", "up")
            ip("-n", host, "addr", "add", f"10.77.0.{number}/24", "dev", "eth0")
            ip("-n", host, "link", "set", "eth0", "up")
            ip("-n", host, "link", "set", "lo", "up")
        yield [["ip", "netns", "exec", host] for host in hosts]
    finally:
        for name in names:
            ip("netns", "delete", name)


def test_separate_hosts(mini, folder, expected, hosts, tmp_path):
    """Scheduler, two workers and client, each with a network address of its own."""
    scheduler, *workers, client = hosts
    with contextlib.closing(Lab(tmp_path / "hosts", "10.77.0.1")) as far:
        far.start_scheduler(scheduler)
        for worker in workers:
            far.start_worker(worker)
        run = command(mini, folder, tmp_path / "out", "--scheduler", far.address, inside=client)
        assert run.returncode == 0, run.stdout + run.stderr + far.log()
        assert "tcp://10.77.0.2:" in far.log()
        assert "tcp://10.77.0.3:" in far.log()
    assert stored(tmp_path / "out") == expected
