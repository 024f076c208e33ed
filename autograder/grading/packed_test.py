"""A course that travels: the same where it arrives, kept by its digest, gone when nobody uses it."""

import os
import time

import pytest

from autograder.grading.built import load_all
from autograder.grading.packed import digest_of, keep_course, kept_course, pack_course


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_what_arrives_grades_as_what_was_sent(mini):
    packed = pack_course(mini, ["01_mini"])
    assert pack_course(mini, ["01_mini"]) == packed
    digest = digest_of(packed)
    assert kept_course(digest) is None
    keep_course(digest, packed)
    there = kept_course(digest)
    assert load_all(there, None)["01_mini"].digest == load_all(mini, None)["01_mini"].digest
    release = mini.release("01_mini")
    assert {file.relative_to(mini.root) for file in release.rglob("*.py")} == {
        file.relative_to(there.root) for file in there.release("01_mini").rglob("*.py")
    }
    assert there.root.parent.stat().st_mode & 0o777 == 0o700
    keep_course(digest, packed)  # another worker of the machine
    assert [path.name for path in there.root.parent.iterdir()] == [digest]


def test_what_arrives_damaged_is_not_kept(mini):
    packed = pack_course(mini, ["01_mini"])
    with pytest.raises(ValueError, match="whole"):
        keep_course(digest_of(packed), packed[:-1])
    assert kept_course(digest_of(packed)) is None


def test_a_course_that_nobody_used_for_a_month_goes(mini):
    packed = pack_course(mini, ["01_mini"])
    digest = digest_of(packed)
    keep_course(digest, packed)
    old = kept_course(digest).root.rename(kept_course(digest).root.with_name("old"))
    os.utime(old, (0, time.time() - 40 * 24 * 3600))
    keep_course(digest, packed)
    assert not old.exists()
    assert kept_course(digest)
