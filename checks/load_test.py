"""One class under light and heavy load; `LOAD=1` takes every kind of student, ten times over."""

import os

import pytest
from workbook.evaluate import SWITCH

from autograder.grading.built import load_all
from autograder.testing.small import NAME
from checks.load import KINDS, LIMITS, WORKERS, compare, differences, graded, hand_in

pytestmark = pytest.mark.slow

LONG = os.environ.get("LOAD") == "1"
SOME = ("right", "mistakes", "blank", "endless_loop", "works", "memory_hog", "output_flood", "os_exit")  # fmt: skip


def test_no_score_status_or_hint_depends_on_the_load(mini, tmp_path):
    kinds, workers = (KINDS, WORKERS * 10) if LONG else (SOME, (2, 8))
    hand_in(mini, NAME, kinds, tmp_path / "class")
    found = list(compare(mini, NAME, tmp_path / "class", workers))
    assert [count for count, _, _ in found] == list(workers)
    assert [(turn, each) for turn, (_, _, each) in enumerate(found) if each] == []


def test_a_difference_is_told_with_its_place():
    one = {"exercises": [{"name": "Scale", "points": 1, "cases": [{"name": "a", "status": "passed"}]}]}  # fmt: skip
    other = {"exercises": [{"name": "Scale", "points": 0, "cases": [{"name": "a", "status": "failed"}]}]}  # fmt: skip
    assert list(differences(one, one)) == []
    assert list(differences(one, other)) == [
        "exercises Scale points: 1, then 0",
        "exercises Scale cases a status: 'passed', then 'failed'",
    ]
    assert list(differences({"cases": [1]}, {"cases": []})) == ["cases: [1], then []"]


def test_compiling_everything_changes_no_score_status_or_hint(mini, tmp_path, monkeypatch):
    kinds = ("right", "accepted", "mistakes", "mistakes", "partial", "blank", "exception", "prints")
    hand_in(mini, NAME, kinds, tmp_path / "class")
    loaded, found = load_all(mini, NAME), []
    for evaluator in ("numpy", "xla"):
        monkeypatch.setenv(SWITCH, evaluator)
        found.append(graded(mini, loaded, tmp_path / "class", 2, 0, LIMITS))
    assert list(differences(*found)) == []
    assert len(found[0]) == len(kinds)
