"""How long a practical is."""

from autograder.authoring.percent import read_practical
from autograder.authoring.reading import length
from autograder.testing.small import changed_course

SOURCE = "source/01_mini.py"
HINT = "# Compare the index of a query"
LAST = "# A Haiku module with one parameter."


def changed(tmp_path, old, new):
    return length(read_practical(changed_course(tmp_path, SOURCE, old, new).root / SOURCE))


def test_minutes_are_exercises_pictures_and_words(tmp_path):
    """Three exercises of 20 minutes, one picture, some sixty words."""
    before = changed(tmp_path / "a", LAST, LAST)
    after = changed(tmp_path / "b", LAST, LAST + " word" * 400)
    assert 21 < before.minutes < 22
    assert (after.words - before.words, round(after.minutes - before.minutes, 6)) == (400, 2)


def test_what_is_folded_is_not_read_in_passing(tmp_path):
    before, after = (
        changed(tmp_path / "a", HINT, HINT),
        changed(tmp_path / "b", HINT, "# word" * 99),
    )
    assert before == after


def test_what_goes_further_is_not_in_the_core(tmp_path):
    """Neither its exercise nor the words before it; they are words of the notebook all the same."""
    further = changed(
        tmp_path / "a",
        'points=1 minutes=5 level="beginner"',
        'points=1 minutes=5 level="beginner" further=true',
    )
    longer = changed_course(tmp_path / "b", SOURCE, LAST, LAST + " word" * 400).root / SOURCE
    longer.write_text(
        longer.read_text().replace("points=1 minutes=5", "further=true points=1 minutes=5")
    )
    counted = length(read_practical(longer))
    assert counted.words - further.words == 400
    assert counted.minutes == further.minutes < 17


def test_a_formula_is_a_word_and_a_dash_is_none(tmp_path):
    before = changed(tmp_path / "a", LAST, LAST)
    after = changed(tmp_path / "b", LAST, LAST + r" Let $a + b = c$ | and - $$ x \n y z $$")
    assert after.words - before.words == 4
