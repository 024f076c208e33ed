"""The great trial, held once a test run, whatever the number of pytest's processes."""

import pickle

import pytest

from autograder.sandbox import policy
from autograder.testing.once import once
from checks.attacks.evidence import Evidence, hold


def _held(name, shared, make) -> Evidence:
    """What `make` returns, made by the first process that asks, read by the others."""
    path = once(
        shared / f"{name}.evidence",
        lambda file: file.write_bytes(pickle.dumps(make(shared / name))),
    )
    return pickle.loads(path.read_bytes())  # noqa: S301 (our own, of a moment ago)


@pytest.fixture(scope="session")
def great_trial(mini, shared) -> Evidence:
    """Every attack, every broken file and honest students, behind every wall."""
    if not policy.works():
        pytest.skip("bubblewrap doesn't work here: its promises are NOT tested")
    return _held("great_trial", shared, lambda folder: hold(mini, folder))


@pytest.fixture(scope="session")
def small_trial(mini, shared) -> Evidence:
    """What the level "process" promises: attacks on points, answers and the next submission."""
    families = ("read", "forge", "pages")
    return _held(
        "small_trial",
        shared,
        lambda folder: hold(mini, folder, "process", lambda a: a.family in families, files=()),
    )
