"""Rewritten answers: another text, the same value, the same verdict."""

import ast
import json
from pathlib import Path

import pytest

from autograder.authoring.material import read_material
from autograder.course import Course
from autograder.testing.small import NAME, SOURCE
from checks.bench.submissions import make_submissions
from checks.bench.unseen import rewrite

COURSE = Course(Path(__file__).parents[2])


@pytest.mark.parametrize("path", COURSE.practicals, ids=lambda p: p.stem)
def test_every_answer_of_a_practical_becomes_another_that_parses(path):
    material = read_material(COURSE, path)
    for name, variants in material.variants.items():
        exercise = material.practical.exercises[name]
        if exercise.quiz:
            continue
        for source in (exercise.solution.source, *(v.source for v in variants)):
            made = rewrite(source, "1")
            same = ast.dump(ast.parse(made)) == ast.dump(ast.parse(source))
            assert not (same and _returns(source)), name  # what only prints has nothing to change
        assert made == rewrite(source, "1")


def _returns(source):
    return any(isinstance(node, ast.Return) for node in ast.walk(ast.parse(source)))


def values(source, seed, *arguments):
    """What a function f gives as it is written, and rewritten."""
    found = []
    for text in (source, rewrite(source, seed)):
        names = {}
        exec(f"import jax.numpy as jnp\n{text}", names)
        found.append(names["f"](*arguments))
    return found


@pytest.mark.parametrize("seed", "1234567")
@pytest.mark.parametrize(
    ("source", "arguments"),
    [
        ("def f(a, b):\n    c = a - b\n    d = a * b\n    return c + 2 * d", (3, 5)),
        ("def f(a, b):\n    return a + b", ("text", " and text")),
        ("def f(a, b):\n    return a + b * 2", ([1], [2])),
        ("def f(a):\n    e = a ** 2\n    return [x for x in (e, a) if x > a]", (3,)),
        ("def f(a):\n    return a - {1}", ({1, 2},)),
        ("def f(n):\n    def g(x):\n        y = x - n\n        return y\n    y = g(1)\n    return g(y)", (4,)),
        ("def f(n):\n    return float(jnp.sum(jnp.arange(n) / 2) - jnp.max(jnp.arange(n) / 3))", (4,)),
    ],
)  # fmt: skip
def test_the_value_stays(source, arguments, seed):
    before, after = values(source, seed, *arguments)
    assert type(before) is type(after)
    assert before == after


@pytest.mark.parametrize("seed", "1234567")
def test_calls_with_effects_keep_their_order(seed):
    source = "def f(draw):\n    a = draw() - draw()\n    b = draw() * draw()\n    return a, draw() > draw(), b"
    before, after = (drawn(text) for text in (source, rewrite(source, seed)))
    assert before == after


def drawn(source):
    """What f gives when each call gives the next number."""
    names, numbers = {}, iter([2, 7, 3, 11, 5, 13])
    exec(source, names)
    return names["f"](lambda: next(numbers))


@pytest.mark.slow
def test_the_verdict_stays(classroom, mini):
    material = read_material(mini, mini.root / SOURCE)
    for number in range(3):  # a mistake, or an accepted variant, of each exercise at once
        chosen = {
            name: variants[-1 - number].source for name, variants in material.variants.items()
        }
        original = classroom.grade(chosen)
        rewritten = classroom.grade({name: rewrite(s, "1") for name, s in chosen.items()})
        assert [(e.status, e.points) for e in rewritten.exercises] == [
            (e.status, e.points) for e in original.exercises
        ]


def test_half_of_the_submissions_are_rewritten_the_same_each_time(mini):
    made = make_submissions(mini, NAME, 5)
    kinds = [student.name.partition("_")[0] for student in made]
    assert (kinds.count("known"), kinds.count("unseen")) == (3, 2)
    assert len({student.name for student in made}) == 5
    assert [s.data for s in made] == [s.data for s in make_submissions(mini, NAME, 5)]
    listed = {
        v.source for vs in read_material(mini, mini.root / SOURCE).variants.values() for v in vs
    }
    for student in made:
        if student.name.startswith("unseen"):
            cells = [c for c in json.loads(student.data)["cells"] if c["id"] in student.answers]
            assert cells
            assert not listed & {"".join(cell["source"]) for cell in cells}
