"""A stored answer key stays while a new one differs by rounding alone."""

import copy

import numpy as np
import pytest
from workbook import sketch
from workbook.key import Answers
from workbook.packing import known_leaves

from autograder.authoring import keys, record, running
from autograder.authoring.keys import same_key
from autograder.authoring.material import read_material
from autograder.authoring.record import Recorded
from autograder.course import Course
from autograder.testing.small import MINI, NAME, SOURCE, changed_course

HEADER = {
    "exercises": {
        "mask": {
            "points": 2.0,
            "cases": {"small": {"expects": [{"tree": {"list": [{"number": 41759.0859375}]}}]}},
            "mistakes": [{"name": "late", "cases": {"small": {"error": "got 1.0000001"}}}],
        }
    }
}


def key(edit=lambda mask: None):
    header = copy.deepcopy(HEADER)
    edit(header["exercises"]["mask"])
    return Answers(header, {}, {})


def number(value):
    def edit(mask):
        mask["cases"]["small"]["expects"][0]["tree"]["list"][0]["number"] = value

    return edit


@pytest.mark.parametrize("value", [41759.0859375, 41759.08984375, float("41759.1")])
def test_numbers_may_differ_in_their_last_digits(value):
    assert same_key(key(), key(number(value)))


@pytest.mark.parametrize("value", [41859.0, 41759, "41759.0859375", float("nan"), None])
def test_other_values_are_another_key(value):
    assert not same_key(key(), key(number(value)))


def test_other_facts_are_another_key():
    assert not same_key(key(), key(lambda mask: mask.update(points=2.00001)))
    assert not same_key(key(), key(lambda mask: mask["mistakes"].clear()))
    assert same_key(key(), key(lambda mask: mask["mistakes"][0]["cases"]["small"].clear()))


def with_array(factor):
    """The key of a mistake that gives one long array."""
    seen = sketch.sketched(sketch.Observed({"array": 0}, [np.linspace(1, 2, 100) * factor]))
    one = key(lambda mask: mask["mistakes"][0]["cases"]["small"].update(expects=[{"tree": seen.tree}]))  # fmt: skip
    one.tensors["mask/small/mistake 0/0/0"] = seen.arrays[0]
    return one


def test_sketches_may_differ_as_the_numbers_may_that_they_are_of():
    assert same_key(with_array(1), with_array(1 + 1e-6))
    assert same_key(with_array(1), with_array(1 + 3e-4))
    assert not same_key(with_array(1), with_array(1.1))


def recorded(course):
    """(material, {exercise: Recorded}) of a small course."""
    material = read_material(course, course.root / SOURCE)
    with running.imports_from(course.source(NAME)):
        names = running.reference_names(material.practical)
        return material, {
            exercise: record.record_exercise(
                material.practical, tests, names, material.variants[exercise]
            )
            for exercise, tests in material.tests.items()
        }


@pytest.fixture(scope="module")
def small():
    return recorded(Course(MINI))


def test_exercises_recorded_one_by_one_make_the_key_of_a_build(small, mini):
    material, parts = small
    assert [part.problems for part in parts.values()] == [[]] * len(parts)
    kept = {name: Recorded.from_bytes(part.to_bytes()) for name, part in parts.items()}
    key = record.assemble(material.practical, None, kept)
    built = mini.solutions(NAME) / "answers.safetensors"
    assert same_key(key, Answers.load(built))
    assert keys.to_bytes(key) == built.read_bytes()
    assert kept["Scale"].to_bytes() == parts["Scale"].to_bytes()


def test_a_record_tells_of_hints_that_do_not_fit(tmp_path):
    masks = "jnp.tril(jnp.ones(scores.shape[-2:], bool), k=-1)", "jnp.triu(jnp.ones(scores.shape[-2:], bool), k=0)"  # fmt: skip
    _, parts = recorded(changed_course(tmp_path, f"tests/{NAME}/mistakes.toml", *masks))
    problems = Recorded.from_bytes(parts["causal_mask"].to_bytes()).problems
    assert problems == [
        f"causal_mask: the mistake {name!r} is not told apart from another one: "
        "add a case or share the hint"
        for name in ("masks the diagonal too", "masks the past")
    ]
    assert parts["Scale"].problems == []


def key_of(small, keep):
    """The small course's key, what mistakes give kept in another way."""
    material, parts = small
    key = copy.deepcopy(record.assemble(material.practical, None, parts))
    for exercise, part in parts.items():
        outcomes = {trial.name: trial.outcomes for trial in part.trials if trial.kind == "mistake"}
        for number, mistake in enumerate(key.exercises[exercise]["mistakes"]):
            for case, known in mistake["cases"].items():
                seen = map(keep, outcomes[mistake["name"]][case].observations)
                for n, (expect, value) in enumerate(zip(known["expects"], seen)):
                    expect["tree"] = value.tree
                    for leaf, array in enumerate(value.arrays):
                        key.tensors[f"{exercise}/{case}/mistake {number}/{n}/{leaf}"] = array
    return key


@pytest.mark.parametrize("longest", [0, 4, sketch.EXACT])
def test_sketches_recognise_every_variant_as_its_values_do(small, longest, monkeypatch):
    monkeypatch.setattr(sketch, "EXACT", longest)
    sketches, values = key_of(small, sketch.sketched), key_of(small, lambda seen: seen)
    assert any("shape" in node for _, node, _ in known_leaves(sketches.header))
    recognised = 0
    for exercise, part in small[1].items():
        cases = values.exercises[exercise]["cases"]
        public = [case for case, facts in cases.items() if not facts["hidden"]]
        for trial in part.trials:
            for chosen in (cases, public, *([case] for case in cases)):
                outcomes = {case: trial.outcomes[case] for case in chosen}
                mistake, same = (key.recognise(exercise, outcomes) for key in (values, sketches))
                assert (same and same["name"]) == (mistake and mistake["name"])
                recognised += mistake is not None
    assert recognised > 20
