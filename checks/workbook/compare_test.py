"""Values that travel and their comparison."""

import json
import re

import numpy as np
import pytest
import workbook
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from workbook.compare import compare
from workbook.values import Observed, encode

arrays = hnp.arrays(
    st.sampled_from([np.float32, np.int32, np.uint8, np.bool_, np.complex64]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats()
    | st.text()
    | st.binary()
    | arrays
)
trees = st.recursive(
    leaves,
    lambda t: st.lists(t, max_size=3) | st.dictionaries(st.text(), t, max_size=3),
    max_leaves=8,
)


def observed(value, **tolerances):
    return Observed(*encode(value), **tolerances)


def sent(value):
    """A value after its journey: the tree through JSON, the arrays as they are."""
    tree, leaves = encode(value)
    return Observed(json.loads(json.dumps(tree)), leaves)


@given(trees)
def test_every_value_equals_itself_after_the_journey(value):
    assert compare(sent(value), observed(value)) is None


@given(trees, trees)
@example({"\n": {"a": 1}}, {"\n": {"a": 2}})
@example({"a": {"\n": 1}}, {"a": {"\n": 2}})
def test_comparison_never_raises_and_is_symmetric_in_kind(one, other):
    for reveal in (True, False):
        message = compare(sent(one), observed(other), reveal)
        assert message is None or (
            message.startswith(("the result", "item", "")) and "\n" not in message.split("'")[0]
        )


@given(
    hnp.arrays(np.float32, (2, 3), elements=st.floats(-100, 100, width=32)),
    st.integers(0, 5),
    st.floats(0.1, 10),
)
def test_one_changed_number_is_found_where_it_is(array, place, change):
    wrong = array.copy()
    wrong.flat[place] += change
    message = compare(observed(wrong), observed(array))
    assert f"at {[place // 3, place % 3]} is" in message
    assert "1 of 6 entries differ" in message


REFERENCE = {"weights": np.float32([[0.25, 0.75]]), "count": 3}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"weights": np.float32([[0.25, 0.75]]), "count": np.int32(3)}, None),
        ({"weights": np.float32([[0.25, 0.75]])}, "the result lacks 'count'"),
        (
            {"weights": np.float32([[0.25], [0.75]]), "count": 3},
            "weights has shape (2, 1); it should be (1, 2)",
        ),
        (
            {"weights": np.float32([0.25, 0.75]), "count": 3},
            "weights has shape (2,); it should be (1, 2)",
        ),
        (
            {"weights": np.float32([[0.25, np.nan]]), "count": 3},
            "weights at [0, 1] is nan, not a number (1 of 2 entries differ)",
        ),
        (
            {"weights": np.int32([[0, 1]]), "count": 3},
            "weights holds integer values; float values are expected",
        ),
        ({"weights": None, "count": 3}, "weights is None; one array or number is expected"),
        (
            {"weights": np.float32([[0.25, 0.75]]), "count": True},
            "count holds boolean values; integer values are expected",
        ),
        ({"weights": np.float32([[0.25, 0.75]]), "count": 4}, "count is 4; it should be 3"),
        (lambda: 0, "the result is of type function; a dict of 2 items is expected"),
    ],
    ids=[
        "same",
        "key",
        "transposed",
        "no broadcasting",
        "nan",
        "kind",
        "none",
        "bool",
        "number",
        "function",
    ],
)
def test_the_message_names_the_first_difference(value, message):
    assert compare(observed(value), observed(REFERENCE)) == message


def test_hidden_messages_say_nothing_of_the_reference():
    right = np.float32([[1.5, 2.5]])
    for wrong in (
        np.float32([[1.5, 9.0]]),
        np.float32([1.0]),
        np.int32([[1, 2]]),
        "text",
        [1, 2, 3],
        {"a": 1},
        None,
    ):
        message = compare(observed(wrong), observed(right), reveal=False)
        assert message is not None
        assert "2.5" not in message
        assert "(1, 2)" not in message
        assert "float" not in message


def test_nan_is_right_only_where_the_reference_has_it():
    assert (
        compare(observed(np.float32([np.nan, -np.inf])), observed(np.float32([np.nan, -np.inf])))
        is None
    )
    assert (
        compare(observed(np.float32([0.0, -np.inf])), observed(np.float32([np.nan, -np.inf])))
        is not None
    )


def test_tolerances_are_the_references():
    near, right = np.float32([1.01]), np.float32([1.0])
    assert compare(observed(near, rtol=1.0), observed(right)) is not None
    assert compare(observed(near), observed(right, rtol=0.1)) is None


def test_lists_and_tuples_are_the_same_and_python_numbers_are_arrays():
    assert compare(observed([1.0, (2, 3)]), observed((np.float32(1), [2, np.int32(3)]))) is None


def test_named_lists_say_what_is_missing():
    right = [("layer/b", (3,)), ("layer/w", (2, 3))]
    for wrong, message in {
        (("layer/w", (2, 3)),): "the result has 1 item, expected 2 (missing: layer/b)",
        (("layer/b", (3,)), ("layer/v", (2, 3))): "the result has other names than it should "
        "(unexpected: layer/v; missing: layer/w)",
        (("layer/b", (3,)), ("layer/w", (2, 4))): "layer/w is (2, 4); it should be (2, 3)",
    }.items():
        assert compare(observed(wrong), observed(right)) == message
        assert "missing" not in compare(observed(wrong), observed(right), reveal=False)
        assert "should be" not in compare(observed(wrong), observed(right), reveal=False)


def test_what_cannot_be_a_value_is_named_and_never_raises():
    class Odd:
        dtype = "float32"

        def __array__(self):
            raise RuntimeError("no")

    deep = []
    for _ in range(100):
        deep = [deep]
    for value in (Odd(), object(), deep, np.array([object()])):
        assert compare(observed(value), observed(1.0)) is not None


def test_failures_are_matched_without_addresses():
    one = workbook.values.Failure("TypeError", "bad object at 0x7f01")
    other = workbook.values.Failure("TypeError", "bad object at 0x7fff")
    assert workbook.key.failure_text(one) == workbook.key.failure_text(other)


def test_failures_are_matched_by_their_first_line():
    one = workbook.values.Failure(
        "TracerIntegerConversionError", "int() was called\nin /here at line 3"
    )
    other = workbook.values.Failure(
        "TracerIntegerConversionError", "int() was called\nin /there: 9"
    )
    assert workbook.key.failure_text(one) == workbook.key.failure_text(other)
    assert workbook.key.failure_text(None) is None


JUDGE = """
def steps(policy):
    assert policy.shape == (2,)
    return float(policy.sum())
"""


@pytest.mark.parametrize(
    ("value", "right"),
    [
        pytest.param(np.array([1.0, 4.0]), True, id="another_policy_as_good"),
        pytest.param(np.array([1.0, 3.0]), False, id="a_worse_one"),
        pytest.param(np.array([5.0]), False, id="makes_the_judge_fail"),
        pytest.param(5.0, False, id="the_verdict_itself"),
        pytest.param(None, False, id="nothing"),
    ],
)
def test_what_a_judge_makes_of_a_value_decides(tmp_path, value, right):
    (tmp_path / "judges.py").write_text(JUDGE)
    key = workbook.key.Answers({"exercises": {}}, {}, workbook.key.read_judges(tmp_path))
    reference = key.judged(observed(np.array([2.0, 3.0]), judge="steps"), "steps")
    assert (key.difference(sent(value), reference) is None) is right


def test_without_a_file_of_judges_there_are_none(tmp_path):
    assert workbook.key.read_judges(tmp_path) == {}


@given(trees)
def test_taking_apart_and_putting_together_changes_no_value(value):
    once = sent(value)
    if not any(word in json.dumps(once.tree) for word in ('"bytes"', '"complex"')):
        assert compare(sent(workbook.values.decode(once.tree, once.arrays)), once) is None


NUMBER = re.compile(r"-?\d[\d.e+-]*")


@given(trees, trees)
@example(np.zeros((7, 8, 9), np.float32), np.zeros((4, 5), np.float32))
@example(np.zeros((7, 8), np.int32), np.zeros((7, 9), np.int32))
@example(
    [np.arange(12), {"a": np.arange(6).reshape(2, 3)}], [np.arange(12), {"a": np.ones((2, 3), int)}]
)
@example((3, 4, 5), (3, 9, 9))
@example([1.5, [2.5, 3.5]], [1.5, [2.5, 4.5]])
@example(np.full((3, 3), 10**15), np.zeros((3, 3), int))
def test_a_hidden_message_tells_one_short_number_at_most(value, right):
    """Code that knows a hidden input chooses what it gives: its text must not come back."""
    message = compare(observed(value), observed(right), reveal=False) or ""
    said = NUMBER.findall(message)
    assert len(said) <= 1
    assert all(len(number) <= 12 for number in said)
    assert len(message) < 100
