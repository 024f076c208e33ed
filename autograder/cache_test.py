import pytest

from autograder import cache
from autograder.cache import Cache


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_the_cache_is_the_users_own(elsewhere):
    assert elsewhere in Cache().folder.parents
    assert (elsewhere / "jax-workbook").stat().st_mode & 0o777 == 0o700


def test_another_processor_has_another_folder(monkeypatch):
    here = Cache().folder
    monkeypatch.setattr(cache, "_processor", lambda: "another")
    assert Cache().folder != here


def test_a_practical_is_proven_until_it_changes():
    Cache().mark_proven("01", "as it is")
    assert Cache().is_proven("01", "as it is")
    assert not Cache().is_proven("01", "changed")
    assert not Cache().is_proven("02", "as it is")


def test_marks_are_not_among_the_programs():
    made = Cache()
    made.mark_proven("01", "key")
    assert list(made.folder.iterdir()) == []


def test_fonts_are_prepared_once():
    made = list(cache.fonts().glob("fontlist-*.json"))
    assert made
    assert list(cache.fonts().glob("fontlist-*.json")) == made
