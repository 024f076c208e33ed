"""Honest but broken files: the score that a fair person gives, and a line that says what was wrong."""

import pytest

from checks.attacks import broken

pytestmark = pytest.mark.slow


def test_there_are_many():
    assert len(broken.FILES) >= 40


@pytest.mark.parametrize("file", broken.FILES, ids=lambda f: f.name)
def test_a_broken_file_gets_its_fair_score(great_trial, file):
    result = great_trial.broken[file.name].result
    said = [*result.warnings, *filter(None, [result.reason])]
    assert (result.status, result.points) == (file.status, file.points), said
    if file.says:
        assert any(file.says in line for line in said), said
    else:
        assert said == []
