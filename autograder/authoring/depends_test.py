"""Answers are recorded again when, and only when, something that they depend on changed."""

import pytest

from autograder.authoring import answers, keys, record
from autograder.authoring.depends import Dependencies
from autograder.authoring.material import read_material
from autograder.errors import Stopped, UserError
from autograder.testing.small import NAME, SOURCE, changed_course, copy_small

MISTAKES, HELPERS = f"tests/{NAME}/mistakes.toml", f"source/{NAME}/helpers.py"
ALL = {"causal_mask", "causal_weights", "Scale"}


def digests(course):
    needed = Dependencies(course, read_material(course, course.root / SOURCE))
    return {name: needed.digest(name) for name in ALL}


@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        (SOURCE, "must not look ahead", "may not look ahead", set()),
        (SOURCE, "after its query set to -inf.", "after a query set to -inf.", {"causal_mask", "causal_weights"}),
        (SOURCE, "Multiplies each feature by", "Multiplies features by", {"Scale"}),
        (MISTAKES, "Which axis must sum to 1?", "Which one is 1?", {"causal_weights"}),
        (f"tests/{NAME}/Scale.py", "normal(1, 2, 3)\n    expect(scale(", "normal(1, 2, 4)\n    expect(scale(", {"Scale"}),
        (HELPERS, '"the mask:"', '"a mask:"', set()),
    ],
    ids=["prose", "a solution that another calls", "a solution", "a hint", "a case", "a picture"],
)  # fmt: skip
def test_a_change_concerns_what_depends_on_it(tmp_path, file, old, new, changed):
    before = digests(copy_small(tmp_path / "before"))
    course = changed_course(tmp_path, file, old, new)
    after = digests(course)
    assert {name for name in ALL if before[name] != after[name]} == changed


def test_a_module_that_a_solution_calls_counts(tmp_path):
    course = changed_course(
        tmp_path,
        SOURCE,
        "    return jnp.where(future",
        "    assert helpers.ONE\n    return jnp.where(future",
    )
    helpers = course.root / HELPERS
    helpers.write_text("import more\n" + helpers.read_text() + "\nONE = more.ONE\n")
    helpers.with_name("more.py").write_text("ONE = 1\n")
    before = digests(course)
    helpers.with_name("more.py").write_text("ONE = 2 - 1\n")
    after = digests(course)
    assert {name for name in ALL if before[name] != after[name]} == {
        "causal_mask",
        "causal_weights",
    }


@pytest.fixture
def recorded(monkeypatch, tmp_path):
    """The names of exercises as they are recorded, with a cache of the test's own."""
    names = []
    real = record.record_exercise

    def noted(practical, tests, *rest):
        names.append(tests.exercise)
        return real(practical, tests, *rest)

    monkeypatch.setattr(record, "record_exercise", noted)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return names


def key_of(course):
    return keys.to_bytes(
        answers.record_answers(course, read_material(course, course.root / SOURCE))
    )


def test_what_was_recorded_is_kept_and_is_the_same(recorded, tmp_path):
    first = key_of(copy_small(tmp_path / "one"))
    assert set(recorded) == ALL
    recorded.clear()
    assert key_of(copy_small(tmp_path / "two")) == first
    assert recorded == []
    course = changed_course(tmp_path, MISTAKES, "Which axis must sum to 1?", "Which one is 1?")
    assert key_of(course) != first
    assert recorded == ["causal_weights"]


@pytest.mark.slow
def test_what_must_be_mended_is_found_each_time(recorded, tmp_path):
    course = changed_course(tmp_path, MISTAKES, 'with = "0.0"', 'with = "-1e30"')
    for _ in range(2):
        with pytest.raises(UserError, match="passes every case"):
            key_of(course)
    assert recorded.count("causal_mask") == 2
    assert recorded.count("Scale") == 1


@pytest.mark.slow
def test_damaged_answers_are_recorded_again(recorded, tmp_path):
    course = copy_small(tmp_path / "course")
    first = key_of(course)
    for path in (tmp_path / "cache" / "jax-workbook" / "answers").iterdir():
        path.write_bytes(path.read_bytes()[:20])
    recorded.clear()
    assert key_of(course) == first
    assert set(recorded) == ALL


@pytest.mark.slow
def test_a_build_that_is_stopped_goes_on_where_it_ended(recorded, tmp_path, monkeypatch):
    course = copy_small(tmp_path / "course")
    noted = record.record_exercise

    def stopped(practical, tests, *rest):
        if recorded:
            raise Stopped(15)
        return noted(practical, tests, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(record, "record_exercise", stopped)
        with pytest.raises(Stopped):
            key_of(course)
    [first] = recorded
    key_of(course)
    assert recorded[0] == first
    assert sorted(recorded) == sorted(ALL)
