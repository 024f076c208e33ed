"""A stored answer key stays while a new one differs by rounding alone."""

import copy

import pytest
from workbook.key import Answers

from autograder.authoring.record import same_key

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
