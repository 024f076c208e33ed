"""Which files of a folder are still being written; the clock is the test's own."""

import io
import json
import zipfile

import pytest

from autograder.inbox.settling import QUIET, QUIET_IF_BROKEN, Settling
from autograder.inbox.whose import METADATA

NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": "1"}]}).encode()


def zipped(data):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("01_mini.ipynb", data)
    return file.getvalue()


@pytest.fixture
def settling(tmp_path):
    return Settling(tmp_path)


def names(settled):
    return {path.name for path in settled}


@pytest.mark.parametrize(("name", "data"), [("a.ipynb", NOTEBOOK), ("a.zip", zipped(NOTEBOOK))])
def test_a_whole_file_is_taken_when_it_was_left_alone_for_a_while(settling, tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    assert settling.look(0) == {}
    assert settling.look(QUIET / 2) == {}
    assert names(settling.look(QUIET)) == {name}


def test_each_change_begins_the_wait_anew(settling, tmp_path):
    file = tmp_path / "a.ipynb"
    for second in range(10):
        with file.open("ab") as writer:
            writer.write(NOTEBOOK)
        assert settling.look(second) == {}
    assert settling.look(9 + QUIET).keys() == {file}
    file.write_bytes(NOTEBOOK)
    assert settling.look(10 + QUIET) == {}


@pytest.mark.parametrize(("name", "data"), [("a.ipynb", NOTEBOOK), ("a.zip", zipped(NOTEBOOK))])
def test_half_a_file_waits_longer_for_its_writer(settling, tmp_path, name, data):
    (tmp_path / name).write_bytes(data[: len(data) // 2])
    settling.look(0)
    assert settling.look(QUIET) == {}
    (tmp_path / name).write_bytes(data)
    settling.look(QUIET + 1)
    assert names(settling.look(2 * QUIET + 1)) == {name}


@pytest.mark.parametrize("data", [b"", b"{", b"PK", NOTEBOOK[:-1]])
def test_a_damaged_file_is_taken_in_the_end(settling, tmp_path, data):
    for name in ("a.ipynb", "b.zip"):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "link.ipynb").symlink_to("nowhere")
    settling.look(0)
    assert settling.look(QUIET) == {}
    assert names(settling.look(QUIET_IF_BROKEN)) == {"a.ipynb", "b.zip", "link.ipynb"}


def test_what_goes_and_comes_back_waits_anew(settling, tmp_path):
    file = tmp_path / "a.ipynb"
    file.write_bytes(NOTEBOOK)
    settling.look(0)
    moved = file.rename(tmp_path / "a.part")
    assert settling.look(QUIET) == {}
    assert settling.there == set()
    moved.rename(file)
    assert settling.look(QUIET + 1) == {}
    assert names(settling.look(2 * QUIET + 1)) == {"a.ipynb"}


def test_gradescopes_list_is_looked_at_too(settling, tmp_path):
    (tmp_path / METADATA).write_bytes(b"{}")
    settling.look(0)
    assert names(settling.look(QUIET)) == {METADATA}


def test_a_place_may_be_one_file(tmp_path):
    (tmp_path / "a.zip").write_bytes(zipped(NOTEBOOK))
    settling = Settling(tmp_path / "a.zip")
    settling.look(0)
    assert names(settling.look(QUIET)) == {"a.zip"}


def test_a_place_that_is_away_is_told_from_an_empty_one(settling, tmp_path):
    assert settling.look(0) == {}
    tmp_path.rename(tmp_path.with_name("elsewhere"))
    with pytest.raises(OSError, match="No such file"):
        settling.look(1)
