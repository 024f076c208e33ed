"""What no author listed: recorded from edits of the solution, found again, and never in the way."""

import pytest
from workbook.assess import assess
from workbook.status import Status

from autograder.authoring import keys, record, running
from autograder.authoring.material import read_material
from autograder.testing.small import NAME, SOURCE, changed_course, copy_small

TESTS, MISTAKES = f"tests/{NAME}/causal_mask.py", f"tests/{NAME}/mistakes.toml"


def recorded(course, exercise="causal_mask", edited=True):
    material = read_material(course, course.root / SOURCE)
    with running.imports_from(course.source(NAME)):
        names = running.reference_names(material.practical)
        variants, notes = material.variants[exercise], material.notes[exercise]
        made = record.record_exercise(
            material.practical,
            material.tests[exercise],
            names,
            variants,
            notes=notes,
            edited=edited,
            thorough=False,
        )
    return material, names, made


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return recorded(copy_small(tmp_path_factory.mktemp("generated") / "course"))


def found(small, source):
    """What is said of a cell."""
    material, names, made = small
    key = record.assemble(material.practical, None, {"causal_mask": made})
    changed = dict(names)
    exec(source, changed)
    outcomes = running.run_cases(material.tests["causal_mask"].cases, changed)
    return assess(key, "causal_mask", outcomes)


UNLISTED = """
def causal_mask(scores):
    rows, columns = scores.shape[-2:]
    return jnp.where(jnp.arange(columns) > jnp.arange(rows)[:, None], jnp.inf, scores)
"""
LISTED = """
def causal_mask(scores):
    rows, columns = scores.shape[-2:]
    return jnp.where(jnp.arange(columns) >= jnp.arange(rows)[:, None], -jnp.inf, scores)
"""


def test_a_mistake_that_nobody_listed_has_a_sentence(small):
    seen = found(small, UNLISTED)
    assert seen.status != Status.PASSED
    assert seen.word.layer == "generated"
    assert "sign" in seen.hint


def test_a_listed_one_keeps_its_own(small):
    seen = found(small, LISTED)
    assert (seen.word.layer, seen.hint) == ("listed", "May a token attend to itself?")


def test_no_edit_is_recorded_that_a_listed_mistake_explains(small):
    _, _, made = small
    hints = [m["hint"] for m in made.entry["mistakes"]]
    assert sum(m.get("generated", False) for m in made.entry["mistakes"]) >= 3
    assert all(hints)


def test_students_get_no_word_on_the_solution(small):
    material, _, made = small
    key = record.assemble(material.practical, None, {"causal_mask": made})
    for mistake in keys.public_part(key).exercises["causal_mask"]["mistakes"]:
        assert not mistake.get("generated") or mistake["name"] == ""


def test_two_keys_are_the_same_whatever_rounding_makes_of_edits(small):
    material, _, made = small
    one, other = (
        record.assemble(
            material.practical, None, {"causal_mask": record.Recorded.from_bytes(made.to_bytes())}
        )
        for _ in range(2)
    )
    mistakes = other.exercises["causal_mask"]["mistakes"]
    gone = mistakes.pop()
    assert gone["generated"]
    number = f"/mistake {len(mistakes)}/"
    for name in [name for name in other.tensors if number in name]:
        del other.tensors[name]
    assert keys.same_key(one, other)
    other.exercises["causal_mask"]["edits"] = "others"
    assert not keys.same_key(one, other)


def test_a_size_that_all_hidden_cases_share_is_named(tmp_path):
    course = changed_course(tmp_path, TESTS, "normal(4, 3, 3, 4)", "normal(4, 2, 3, 4)")
    [problem] = recorded(course, edited=False)[2].problems
    assert "`scores axis 0` is 2 in every hidden case: vary it" in problem
    excuse = '\n[causal_mask.same]\n"scores axis 0" = "always a pair"\n'
    path = course.root / MISTAKES
    path.write_text(path.read_text() + excuse)
    assert recorded(course, edited=False)[2].problems == []
    path.write_text(path.read_text().replace("axis 0", "axis 1"))
    assert len(recorded(course, edited=False)[2].problems) == 2


DEFAULT = [
    ("def causal_mask(scores):", "def causal_mask(scores, shift=1):"),
    ("bool), k=1)", "bool), k=shift)"),
]


def test_a_default_that_no_hidden_case_varies_is_named(tmp_path):
    course = changed_course(tmp_path, SOURCE, *DEFAULT[0])
    path = course.root / SOURCE
    path.write_text(path.read_text().replace(*DEFAULT[1]))
    path = course.root / MISTAKES
    path.write_text(path.read_text().replace("k=1", "k=shift").replace('"k=0"', '"k=shift - 1"'))
    problems = recorded(course, edited=False)[2].problems
    assert any("in which `shift` is always its default" in problem for problem in problems)


def test_a_mistake_that_no_public_case_rejects_says_why(tmp_path):
    why = 'hidden_only = "small scores give the same weights"\n'
    course = changed_course(tmp_path, MISTAKES, why, "")
    problems = recorded(course, "causal_weights", edited=False)[2].problems
    assert "no public case rejects 'exp without subtracting the maximum'" in problems[0]
    path = course.root / MISTAKES
    path.write_text(path.read_text().replace('name = "no mask"', f'name = "no mask"\n{why}'))
    problems = recorded(course, "causal_weights", edited=False)[2].problems
    assert any("take hidden_only off 'no mask'" in problem for problem in problems)


def test_what_is_asked_of_a_case_is_said_where_it_fails_first(tmp_path):
    course = copy_small(tmp_path / "course")
    path = course.root / MISTAKES
    asked = '\n[causal_mask.cases]\nkept_scores = "Which scores stay as they are?"\n'
    path.write_text(path.read_text() + asked)
    small = recorded(course, edited=False)
    slightly = LISTED.replace(">=", ">").replace(", scores)", ", scores * 1.001)")
    seen = found(small, slightly)
    assert (seen.word.layer, seen.hint) == ("case", "Which scores stay as they are?")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('[causal_mask.cases]\nkept = "?"', "causal_mask has no case 'kept'; there are:"),
        ("[causal_mask.cases]\nkept_scores = 1", 'write name = "a sentence"'),
        ('[[causal_mask.mistake]]\nname = "x"\nhint = "?"\nmore = "A. B. C. D."\nreplace = "k=1"\nwith = "k=3"', "3 sentences at most"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_notes(tmp_path, table, message):
    course = copy_small(tmp_path / "course")
    path = course.root / MISTAKES
    path.write_text(path.read_text() + "\n" + table + "\n")
    with pytest.raises(Exception, match=message.replace("[", r"\[").replace("(", r"\(")):
        read_material(course, course.root / SOURCE)
