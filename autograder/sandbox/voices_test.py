"""Who may answer for a submission, and how long it may take."""

import os
import subprocess
import sys

import pytest

from autograder.sandbox import host
from autograder.sandbox.client_test import run_cells
from autograder.sandbox.conftest import LIMITS
from autograder.sandbox.steps import Cell

COPY = """
import os, time
if os.fork() == 0:
    while True:
        for handle in range(3, 64):
            try:
                os.write(handle, b'\\0' * {size})
            except OSError:
                pass
        time.sleep({pause})
"""


@pytest.mark.slow
def test_what_a_copy_of_the_process_says_is_nobodys_answer(sandbox):
    copy = COPY.format(size=16, pause=0.01)
    results = run_cells(sandbox, copy, *["import time; time.sleep(0.2)", "print('mine')"] * 4)
    assert [r.status for r in results] == ["ok"] * 9
    assert [r.output for r in results[2::2]] == ["mine\n"] * 4


@pytest.mark.slow
def test_a_copy_that_never_stops_talking_is_too_much_output(sandbox):
    results = run_cells(sandbox, COPY.format(size=10**5, pause=0), "import time; time.sleep(3)")
    assert "too much output" in [r.status for r in results]


@pytest.mark.slow
def test_a_step_that_others_kept_from_the_processors_gets_its_seconds(walled):
    """Eight busy sessions leave it about a quarter of a processor; wall time alone would end it."""
    spin = "import time\nwhile time.process_time() < {}: pass\nprint('done')"
    loop = [sys.executable, "-c", "while True: pass"]
    busy = [subprocess.Popen(loop, start_new_session=True) for _ in range(8)]
    try:
        walled.run([Cell("warm", "1")], "p")
        [result] = walled.run([Cell("slow", spin.format(0.6 * LIMITS.cell_seconds))], "p")
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert result.status == "ok", result
    assert result.output == "done\n"
    assert result.seconds > LIMITS.cell_seconds


@pytest.mark.slow
def test_a_step_that_sleeps_ends_all_the_same(walled):
    [result] = run_cells(walled, "import time; time.sleep(1e6)")
    assert result.status == "timed out"
    assert result.seconds < 2 * LIMITS.cell_seconds


@pytest.mark.slow
def test_a_hundred_children_are_each_heard(sandbox):
    """Who speaks is known from the first byte, however early the child sends it."""
    for number in range(100):
        [result] = run_cells(sandbox, f"print({number})")
        assert (result.status, result.output) == ("ok", f"{number}\n")


def test_a_process_that_ends_while_it_is_looked_at_has_waited_no_time(monkeypatch):
    def ended(*anything):
        raise FileNotFoundError

    monkeypatch.setattr("os.listdir", ended)  # between the list of processes and a look at one
    monkeypatch.setattr("os.scandir", ended)
    assert host._waited(os.getpid()) == 0
