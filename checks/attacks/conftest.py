"""The great trial, held once a test run, whatever the number of pytest's processes."""

import fcntl
import os
import pickle
from pathlib import Path

import pytest

from autograder.sandbox import policy
from checks.attacks.evidence import Evidence, hold


def _once(name, tmp_path_factory, make):
    """What `make` returns, made by the first process that asks, read by the others."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    path = Path(shared, f"{name}.evidence")
    with open(shared / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            path.write_bytes(pickle.dumps(make(Path(shared, name))))
    return pickle.loads(path.read_bytes())  # noqa: S301 (our own, of a moment ago)


@pytest.fixture(scope="session")
def great_trial(mini, tmp_path_factory) -> Evidence:
    """Every attack, every broken file and honest students, behind every wall."""
    if not policy.works():
        pytest.skip("bubblewrap doesn't work here: its promises are NOT tested")
    return _once("great_trial", tmp_path_factory, lambda folder: hold(mini, folder))


@pytest.fixture(scope="session")
def small_trial(mini, tmp_path_factory) -> Evidence:
    """What the level "process" promises: attacks on points, answers and the next submission."""
    families = ("read", "forge", "pages")
    return _once(
        "small_trial",
        tmp_path_factory,
        lambda folder: hold(mini, folder, "process", lambda a: a.family in families),
    )
