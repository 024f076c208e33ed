"""What graders remember of a machine."""

from autograder.grading.built import load_all
from autograder.grading.graders import Graders


def test_a_proof_at_one_level_is_none_at_another(mini, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    loaded = load_all(mini, None)
    bare, walled = (Graders(mini, loaded, level=level) for level in ("process", "bubblewrap"))
    bare._cache.mark_proven("01_mini", bare._state("01_mini"))
    assert not bare.is_unproven("01_mini")
    assert walled.is_unproven("01_mini")
