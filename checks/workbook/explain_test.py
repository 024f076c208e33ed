"""What is said of values that nobody listed: true of every value it is said of, and silent else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from workbook.explain import explain
from workbook.values import Observed, encode

X = np.random.RandomState(3).normal(size=(4, 6)).astype(np.float32)
SQUARE = np.random.RandomState(4).normal(size=(5, 5)).astype(np.float32)
WEIGHTS = np.exp(X) / np.exp(X).sum(-1, keepdims=True)


def said(seen, right, *more):
    """The hint for one failing case; `more` are (value, reference) of further cases."""
    cases = [
        [(Observed(*encode(one)), Observed(*encode(other)))]
        for one, other in ((seen, right), *more)
    ]
    found = explain(cases)
    return found.hint if found else ""


SAID = {
    "None": (None, X, "`None` came back"),
    "a pair the other way round": ((X, SQUARE), (SQUARE, X), "another order"),
    "pairs the other way round, inside": (
        [(X, SQUARE), (X + 1, SQUARE)],
        [(SQUARE, X), (SQUARE, X + 1)],
        "another order",
    ),
    "another sign": (-X, X, "the other sign"),
    "no sign": (np.abs(X), X, "lost its sign"),
    "twice": (2 * X, X, "2 times what it should be: where does a 2"),
    "a sum for a mean": (6 * X, X, "6 times what it should be: is something summed"),
    "a root of a size": (np.float32(np.sqrt(3)) * X, X, "a root of a size"),
    "n - 1 for n": (np.float32(8 / 7) * X, X, "one too many or too few"),
    "a constant more": (X + 3, X, "too large by the same amount"),
    "the square": (X**2, X, "square of what"),
    "the root": (np.sqrt(np.abs(X)), np.abs(X), "square root of"),
    "the logarithm": (np.log(WEIGHTS), WEIGHTS, "logarithm of"),
    "the inverse": (1 / X, X, "1 over what is asked"),
    "one minus": (1 - X, X, "1 minus what is asked"),
    "rounded": (np.trunc(5 * X), 5 * X, "rounded"),
    "all 0": (0 * X, X, "Every entry is 0"),
    "all the same": (0 * X + 2, X, "Every entry is the same number"),
    "cut off": (np.clip(X, -0.5, None), X, "Values beyond a limit"),
    "transposed": (SQUARE.T, SQUARE, "two axes have changed places"),
    "transposed, another shape": (X.T, X, "axes come in another order"),
    "backwards": (X[:, ::-1], X, "backwards along axis 1"),
    "one place late": (np.roll(X, 1, 1), X, "one place too late along axis 1"),
    "one place early": (np.roll(X, -1, 0), X, "one place too early along axis 0"),
    "sorted": (np.sort(X, axis=None).reshape(4, 6), X, "in other places"),
    "flat": (X.ravel(), X, "which axes are joined or split"),
    "an axis of 1": (X[:, None], X, "an axis of size 1 too many"),
    "an axis too few": (X.sum(0), X, "An axis is missing"),
    "one entry too few": (X[:, 1:], X, "one entry too few along axis 1"),
    "whole numbers": (np.arange(6), np.arange(6.0), "they are integer values"),
    "not a number": (np.where(X > 1, np.nan, X), X, "nan comes from"),
    "infinite": (np.where(X > 1, np.inf, X), X, "An infinite value"),
    "turned round": (X > 0, X <= 0, "truth value is turned round"),
    "rows that don't add up": (
        WEIGHTS * np.arange(1, 5, dtype=np.float32)[:, None],
        WEIGHTS,
        "Each row is right up to a factor",
    ),
    "rows off by an amount": (
        X + np.arange(4, dtype=np.float32)[:, None],
        X,
        "Each row is off by an amount",
    ),
    "the first item in place of all": (np.tile(X[:1], (4, 1)), X, "same as the first one"),
    "the last alone": (np.where(np.arange(6) == 5, 9, X), X, "Only the last along axis 1 is wrong"),
    "nearly": (X + 0.001 * X**2, X, "nearly right"),
}


@pytest.mark.parametrize(("seen", "right", "words"), SAID.values(), ids=SAID.keys())
def test_what_a_value_has_to_do_with_the_right_one(seen, right, words):
    assert words in said(seen, right)


def test_scalars_say_something_together():
    pairs = [(np.float32(2 * x), np.float32(x)) for x in (0.5, 1.25, 3.0)]
    assert said(*pairs[0]) == ""  # one number says nothing
    assert "2 times" in said(*pairs[0], *pairs[1:])


NOTHING = {
    "right": (X, X),
    "another draw": (np.random.RandomState(5).normal(size=X.shape).astype(np.float32), X),
    "one number": (np.float32(4), np.float32(2)),
    "text": ("a", "b"),
    "three of five": (np.float32([1, 2, 3]), np.float32([1, 2, 3, 4, 5])),
}


@pytest.mark.parametrize(("seen", "right"), NOTHING.values(), ids=NOTHING.keys())
def test_where_nothing_is_sure_nothing_is_said(seen, right):
    assert said(seen, right) == ""


ANY = arrays_of.arrays(
    st.sampled_from([np.float32, np.int32, np.bool_]),
    arrays_of.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)


@given(ANY, ANY)
def test_any_two_arrays_can_be_held_against_each_other(seen, right):
    assert isinstance(said(seen, right), str)


@given(
    st.recursive(
        ANY | st.none() | st.text(max_size=3),
        lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=2), x, max_size=3),
        max_leaves=5,
    ),
    ANY,
)
def test_whatever_came_back_is_no_error(seen, right):
    assert isinstance(said(seen, [right, right]), str)
    assert isinstance(said([seen, right], [right, seen]), str)
