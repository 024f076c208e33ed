"""Answers that nobody had listed: judged right, and never told what isn't so."""

from pathlib import Path

import pytest
from workbook.key import Answers

from autograder.authoring.material import read_material
from autograder.course import Course
from autograder.errors import AuthorError
from checks.hints.answers import STORED, read_answers
from checks.hints.measure import counted, measure

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hints")]

COURSE = Course(Path(__file__).parents[2])
FILES = sorted(STORED.glob("*.toml"))
LEAST_WITH_A_WORD = 0.85


@pytest.fixture(scope="module", params=FILES, ids=lambda path: path.stem)
def measured(request):
    material = read_material(COURSE, COURSE.choose(request.param.stem[:2]))
    key = Answers.load(COURSE.solutions(material.practical.name) / "answers.safetensors")
    return list(measure(COURSE, material, read_answers(request.param), key))


def test_every_answer_is_judged_right(measured):
    assert [f"{m.answer.exercise}: {m.answer.name}" for m in measured if m.misjudged] == []


def test_no_hint_misleads_again(measured):
    misled = [m for m in measured if m.word in m.answer.never or m.found.hint in m.answer.never]
    assert [f"{m.answer.exercise}: {m.answer.name}: {m.word}" for m in misled] == []


def test_nearly_every_wrong_answer_gets_a_word(measured):
    counts = counted(measured)
    assert counts["word: none"] <= (1 - LEAST_WITH_A_WORD) * counts["wrong"]


def test_wrong_answers_are_noticed_before_they_are_handed_in(measured):
    unnoticed = [m for m in measured if m.unnoticed]
    assert len(unnoticed) <= 0.08 * len(measured), [m.answer.name for m in unnoticed]


@pytest.mark.parametrize(
    ("text", "message"),
    [("[[f", "not TOML"), ('[[f]]\nname = "x"\ncode = "f = 1"', "'x': an answer has kind")],
)
def test_what_is_wrong_with_a_file(tmp_path, text, message):
    path = tmp_path / "02.toml"
    path.write_text(text)
    with pytest.raises(AuthorError, match=message):
        read_answers(path)
