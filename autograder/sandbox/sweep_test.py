import contextlib
import os

import pytest

from autograder.sandbox.inside.sweep import empty, renew


def deep(folder):
    here = os.open(folder, os.O_DIRECTORY)
    for _ in range(2000):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_DIRECTORY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)


def locked(folder):
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "file").write_text("x")
    (folder / "a" / "b").chmod(0)
    (folder / "a").chmod(0)


def odd_names(folder):
    for name in (b"\xff", b"-rf", b"a\nb", b" ", b".hidden", b"x" * 255):
        os.mkdir(os.fsencode(folder) + b"/" + name)


def kinds(folder):
    os.mkfifo(folder / "fifo")
    (folder / "broken").symlink_to("nowhere")


@pytest.mark.parametrize("fill", [deep, locked, odd_names, kinds], ids=lambda f: f.__name__)
def test_everything_goes(tmp_path, fill):
    fill(tmp_path)
    assert empty(tmp_path, seconds=30)
    assert list(tmp_path.iterdir()) == []


def test_links_are_not_followed(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("x")
    (tmp_path / "swept").mkdir()
    (tmp_path / "swept" / "link").symlink_to(tmp_path / "kept")
    assert empty(tmp_path / "swept")
    assert (tmp_path / "kept" / "file").exists()


def test_names_to_keep_stay(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    assert empty(tmp_path, keep={"a"})
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_it_gives_up_when_its_time_is_over(tmp_path):
    (tmp_path / "a").touch()
    assert not empty(tmp_path, seconds=-1)


@pytest.mark.parametrize("keep", [(), ("kept",)], ids=["all", "all but one"])
def test_nothing_stays_of_the_folder_itself(tmp_path, keep):
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in (*keep, *(f"{number:0200}" for number in range(2000))):  # it grows
        (folder / name).touch()
    if not keep:
        with contextlib.suppress(OSError):  # some file systems have none
            os.setxattr(folder, "user.note", b"x")
    folder.chmod(0o1711)
    os.utime(folder, (2**33, 2**33))
    assert renew(folder, keep)
    facts = folder.stat()
    assert os.listdir(folder) == [*keep]
    assert oct(facts.st_mode) == oct(0o40755)
    assert max(facts.st_atime, facts.st_mtime) < 2**33
    assert keep or (facts.st_size <= 4096 and not os.listxattr(folder))


def test_a_folder_that_nobody_may_enter_is_renewed(tmp_path):
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    (tmp_path / "folder").chmod(0)
    assert renew(tmp_path / "folder")
    assert list((tmp_path / "folder").iterdir()) == []


def test_a_folder_that_cannot_be_emptied_is_not_renewed(tmp_path):
    assert not renew(tmp_path / "missing")
