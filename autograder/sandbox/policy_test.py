import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.sandbox import policy
from autograder.sandbox.policy import Policy, bubblewrap, python_policy

SMALL = Policy(
    read_only=(("/outside/lib", "/usr/lib"), ("/outside/a", "/course/a")),
    writable=(("/outside/cache", "/cache"),),
    links=(("usr/lib", "/lib"),),
    environment=(("NAME", "value"),),
    scratch_bytes=1000,
    shared_bytes=500,
)


def after(argv, *words):
    """The places in argv where these words stand in a row."""
    return [i for i in range(len(argv)) if tuple(argv[i : i + len(words)]) == words]


@pytest.mark.parametrize(
    "words",
    [
        ("--unshare-all",),
        ("--unshare-user",),
        ("--disable-userns",),
        ("--cap-drop", "ALL"),
        ("--die-with-parent",),
        ("--new-session",),
        ("--as-pid-1",),
        ("--clearenv",),
        ("--uid", "65534"),
        ("--setenv", "NAME", "value"),
        ("--ro-bind", "/outside/a", "/course/a"),
        ("--bind", "/outside/cache", "/cache"),
        ("--symlink", "usr/lib", "/lib"),
        ("--size", "1000", "--tmpfs", "/tmp"),
        ("--size", "500", "--tmpfs", "/dev/shm"),
        ("--remount-ro", "/"),
        ("--remount-ro", "/dev"),
        ("--", "python", "x"),
    ],
    ids=" ".join,
)
def test_the_command_says(words):
    assert after(bubblewrap(SMALL, ["python", "x"]), *words)


@pytest.mark.parametrize("word", ["--share-net", "--cap-add", "--dev-bind", "--bind-try"])
def test_the_command_never_says(word):
    assert word not in bubblewrap(SMALL, ["python"])


def test_the_root_folder_is_sealed_after_all_is_in_place():
    argv = bubblewrap(SMALL, ["python"])
    sealed = after(argv, "--remount-ro", "/")[0]
    assert all(i < sealed for word in ("--ro-bind", "--bind", "--dir") for i in after(argv, word))


def test_root_becomes_nobody_on_the_host_before_the_sandbox():
    argv = bubblewrap(replace(SMALL, writable=(), drop_root=True), ["python"])
    assert (
        after(argv, "bwrap")[0] < after(argv, "setpriv", "--reuid", "65534")[0]
        and after(argv, "setpriv")[0] < after(argv, "bwrap")[1]
    )
    inner = argv[after(argv, "bwrap")[1] :]
    assert "--cap-add" not in inner
    assert after(inner, "--ro-bind", "/course/a", "/course/a")  # as the first one placed it


def test_pythons_policy_shows_parts_of_prefixes_only():
    shown = {place for _, place in python_policy().read_only}
    assert not shown & {sys.prefix, sys.base_prefix, str(Path.home()), "/", "/etc", "/usr/local"}
    assert any(Path(place, "python3").exists() or "bin" in place for place in shown)


def test_an_environment_in_a_repositorys_root_does_not_show_the_repository(tmp_path, monkeypatch):
    for part in ("bin", "lib", "tests", "source"):
        (tmp_path / part).mkdir()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    shown = {source for source, _ in python_policy().read_only}
    assert {f"{tmp_path}/bin", f"{tmp_path}/lib"} <= shown
    assert not shown & {str(tmp_path), f"{tmp_path}/tests", f"{tmp_path}/source"}


def test_an_environment_below_tmp_is_shown_where_students_cannot_write(monkeypatch):
    monkeypatch.setattr(sys, "prefix", "/tmp/somewhere/.venv")
    monkeypatch.setattr(policy.Path, "exists", lambda path: True)
    places = dict(python_policy().read_only)
    assert places["/tmp/somewhere/.venv/lib"] == "/outside/tmp/somewhere/.venv/lib"
    assert not any(place.startswith("/tmp") for place in places.values())


def test_nothing_is_promised_without_bubblewrap(monkeypatch):
    monkeypatch.setattr(policy.shutil, "which", lambda name: None)
    assert policy.working_policy.__wrapped__() is None


def test_a_bubblewrap_that_fails_does_not_count(monkeypatch):
    monkeypatch.setattr(policy, "bubblewrap", lambda *args: ["false"])
    assert policy.working_policy.__wrapped__() is None
