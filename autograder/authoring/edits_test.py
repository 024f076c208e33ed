"""Edits of right answers: each is Python, changes something, and names a place, never the edit."""

import ast
import re

import pytest

from autograder.authoring.altered import altered_inputs, noting
from autograder.authoring.edits import MOST, edits

MASK = '''
def scores(query, key, mask=None, scale=1.0):
    """How much each query is about each key."""
    table = query @ key.T / scale
    if mask is not None:
        table = jnp.where(mask, table, -jnp.inf)
    return jax.nn.softmax(table, axis=-1), table.sum(axis=0)
'''
LAYER = """
class Layer(hk.Module):
    def __init__(self, width, bias=True, name=None):
        super().__init__(name=name)
        self.width, self.bias = width, bias

    def __call__(self, x):
        return hk.Linear(self.width, with_bias=self.bias, name="linear")(x)
"""
ENDLESS = """
def halve(n, least=1):
    while n > least:
        n = n / 2
    return n
"""


def made(source, name):
    return edits(name, source)


@pytest.mark.parametrize(("source", "name"), [(MASK, "scores"), (LAYER, "Layer")])
def test_each_edit_is_python_and_changes_the_code(source, name):
    found = made(source, name)
    assert len(found) > 10
    assert len({edit.source for edit in found}) == len(found)
    for edit in found:
        ast.parse(edit.source)
        assert ast.dump(ast.parse(edit.source)) != ast.dump(ast.parse(source))
        assert edit.sentence.endswith((".", "?"))
        assert "{" not in edit.sentence


def test_the_same_source_has_the_same_edits():
    assert made(MASK, "scores") == made(MASK, "scores")
    assert len(made(MASK * 1, "scores")) <= MOST


EXPECTED = {
    "table = query @ key.T * scale": "factor by factor",
    "table = query @ key.T\n": "factor by factor",
    "axis=0), table.sum": "Along which axis does the softmax go?",
    "return (table.sum(axis=0), jax.nn.softmax(table, axis=-1))": "Which results come back",
    "jnp.where(mask, -jnp.inf, table)": "Which of the two values",
    "table = key @ key.T": "Look at every place where `key` and `query` are used",
    "table.mean(axis=0)": "Look at the sum",
}


@pytest.mark.parametrize(("part", "words"), EXPECTED.items(), ids=EXPECTED.keys())
def test_an_edit_has_a_sentence_on_its_place(part, words):
    found = [edit for edit in made(MASK, "scores") if part in edit.source]
    assert found, part
    assert any(words in edit.sentence for edit in found)


def test_no_sentence_shows_code_of_the_solution():
    for edit in made(MASK, "scores"):
        shown = re.findall(r"`([^`]*)`", edit.sentence)
        assert all(re.fullmatch(r"\w+", word) for word in shown), edit.sentence


def test_what_may_never_end_is_not_edited():
    found = made(ENDLESS, "halve")
    assert found
    assert all(edit.source.startswith(ENDLESS.rstrip()) for edit in found)


def test_inputs_are_altered_as_they_say():
    names = {}
    for edit in altered_inputs("f", "def f(a, b, c=2):\n    return [a, b, c]"):
        scope = {}
        exec(edit.source, scope)
        names[edit.what] = scope["f"](1, 3, c=5)
    assert names['f: values["c"] = 2'] == [1, 3, 2]
    assert names['f: values["a"], values["b"] = values["b"], values["a"]'] == [3, 1, 5]


def test_a_class_is_altered_where_its_arguments_come_in():
    made_ = {e.what.split(" =")[0] for e in altered_inputs("Layer", LAYER)}
    assert 'Layer.__init__: values["bias"]' in made_
    assert 'Layer.__call__: values["x"]' in made_
    assert not any('"name"' in what for what in made_)


def test_calls_are_noted():
    calls = []
    scope = {"_note_call": calls.append}
    for source in noting("f", "def f(a, b=2):\n    return a + b"):
        exec(source, scope)
    assert scope["f"](1) == 3
    assert calls == [{"a": 1, "b": 2}]
