"""A minute or two of fuzzing, and every crash there ever was."""

import time

import pytest

from checks.fuzz.blind import CRASHES, fuzz
from checks.fuzz.targets import TARGETS

PAST = sorted(path for path in CRASHES.iterdir() if path.name != "README.md")


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_ten_seconds_of_odd_bytes_crash_nothing(name, tmp_path):
    assert fuzz(name, 10, int(time.time()), keep=tmp_path) > 100


@pytest.mark.parametrize("path", PAST, ids=lambda path: path.name)
def test_what_crashed_once_crashes_no_more(path):
    TARGETS[path.name.partition("-")[0]](path.read_bytes())


@pytest.mark.slow
def test_a_crash_is_found_and_kept(tmp_path, monkeypatch):
    """A fuzzer that finds nothing must be able to find something."""

    def brittle(data):
        if b"\xff" in data:
            raise ValueError("found")

    monkeypatch.setitem(TARGETS, "archive", brittle)
    with pytest.raises(ValueError, match="found"):
        fuzz("archive", 20, 1, keep=tmp_path)
    [kept] = tmp_path.iterdir()
    assert b"\xff" in kept.read_bytes()
