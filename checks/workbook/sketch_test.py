"""Sketches of what mistakes give: what a comparison accepts they accept, and they tell values apart."""

import json

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from workbook.compare import compare
from workbook.key import Answers
from workbook.packing import pack, unpack
from workbook.sketch import EXACT, GROUPS, _projection, alike, sketched
from workbook.values import Observed, encode

finite = st.floats(allow_nan=False, allow_infinity=False)
shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=9)
tolerances = st.sampled_from(
    [(None, None), (1e-3, 1e-3), (0.2, 0.0), (0.0, 0.1), (0.0, 0.0), (1e-6, 1e-8), (2.0, 1.0)]
)
dtypes = st.sampled_from(
    [np.float16, np.float32, np.float64, np.int32, np.uint8, np.bool_, np.complex64]
)


def observed(value, rtol=None, atol=None):
    return Observed(*encode(value), rtol, atol)


def both(seen, right, *tolerances):
    """Whether the exact comparison and that with a sketch find two values the same."""
    right = observed(right, *tolerances)
    return [compare(observed(seen), known, False) is None for known in (right, sketched(right))]


@st.composite
def neighbours(draw):
    """(seen, right, tolerances): floats of any size, each moved by up to its tolerance."""
    rtol, atol = draw(tolerances)
    width = draw(st.sampled_from([32, 64]))
    right = draw(hnp.arrays(f"f{width // 8}", shapes, elements=st.floats(width=width)))
    steps = st.sampled_from([-1, 0, 1, 0.999999, -0.999999, 0.5])
    size = np.abs(right.astype(np.float64))
    with np.errstate(all="ignore"):
        off = (1e-5 if atol is None else atol) + (1e-4 if rtol is None else rtol) * size
        seen = right + draw(hnp.arrays(np.float64, right.shape, elements=steps)) * off
    return np.where(np.isfinite(right) & np.isfinite(seen), seen, right), right, (rtol, atol)


@settings(max_examples=150)
@given(neighbours())
@example((np.full(40, 1e300), np.full(40, 1e300), (0.0, 1e-5)))
@example((np.full(40, -0.0), np.full(40, 5e-324), (1e-4, 1e-5)))
def test_what_the_comparison_accepts_the_sketch_accepts(values):
    seen, right, tolerances = values
    exact, sketch = both(seen, right, *tolerances)
    assert sketch or not exact


@pytest.mark.parametrize("size", [17, 36, 300, 5000])
@pytest.mark.parametrize("rtol", [0, 1e-6, 1e-4, 0.1, 0.5])
@pytest.mark.parametrize("atol", [0, 1e-7, 1e-5, 1])
def test_even_where_every_entry_is_off_by_its_tolerance(size, rtol, atol):
    _, weights = _projection(size)
    for spread in (1e-6, 1, 1e6):
        right = np.random.RandomState(0).normal(size=size) * spread
        for way in (np.sign(weights), -np.sign(weights)):  # all of a group the same way
            seen = right + way * 0.999999 * (atol + rtol * np.abs(right))
            assert compare(observed(seen), sketched(observed(right, rtol, atol))) is None


sizes = st.integers(EXACT + 1, 400)


@given(sizes, st.integers(0), st.booleans(), st.integers(0, 2**32 - 1), tolerances)
def test_one_entry_that_is_off_by_more_than_its_group_allows_is_found(size, place, up, seed, used):
    right = np.random.RandomState(seed).normal(size=size) * 10.0
    rtol, atol = (1e-4 if used[0] is None else used[0]), (1e-5 if used[1] is None else used[1])
    assume(rtol + atol > 0 and rtol < 0.1)
    group = -(-size // max(GROUPS, int(size**0.5)))
    seen, place = right.copy(), place % size
    for _ in range(2 * group + 5):  # one tolerance after the other
        seen[place] += (1 if up else -1) * (atol + rtol * abs(seen[place]))
    assert both(seen, right, *used) == [False, False]


@pytest.mark.parametrize("size", [17, 36, 100, 324, 5000])
def test_entries_that_are_all_off_by_little_are_found_but_for_a_rare_chance(size):
    """By 6 √n tolerances, n being a group's entries: less than one in a thousand is missed."""
    random, right = np.random.RandomState(0), np.linspace(-3, 3, size)
    known = sketched(observed(right))
    off = 6 * (size / max(GROUPS, int(size**0.5))) ** 0.5
    wrong = right + random.choice([-1, 1], (1000, size)) * off * (1e-5 + 1e-4 * np.abs(right))
    assert all(compare(observed(seen), known, False) for seen in wrong)


LONG = np.arange(40)


@pytest.mark.parametrize(
    ("value", "others"),
    [
        pytest.param(LONG > 20, [LONG > 21, LONG, LONG.reshape(5, 8) > 20], id="booleans"),
        pytest.param(LONG, [LONG + 1, LONG * 1.0, LONG[::-1], LONG == LONG], id="integers"),
        pytest.param(np.uint8(LONG), [np.uint8(LONG // 2)], id="small_integers"),
        pytest.param(LONG * 1.0, [LONG, LONG[::-1] * 1.0, LONG * 1.01, LONG * 1j], id="floats"),
        pytest.param(LONG * 1j, [LONG * 1.0, LONG * -1j, LONG * 1j + 1], id="complex"),
        pytest.param(
            np.where(LONG < 9, np.nan, LONG),
            [LONG * 1.0, np.where(LONG < 8, np.nan, LONG), np.where(LONG < 9, np.inf, LONG)],
            id="nan",
        ),
        pytest.param(
            np.where(LONG < 9, -np.inf, LONG),
            [np.where(LONG < 9, np.inf, LONG), np.where(LONG < 9, -1e30, LONG)],
            id="infinite",
        ),
        pytest.param(
            np.where(LONG < 9, -1e30, LONG / 40),
            [np.where(LONG < 9, -1e30, LONG / 39), np.where(LONG < 9, -2e30, LONG / 40)],
            id="huge_beside_small",
        ),
        pytest.param(np.zeros((0, 3)), [np.zeros((3, 0)), np.zeros(0)], id="empty"),
        pytest.param(np.float32(2), [2.1, np.int32(2), [2.0]], id="no_dimension"),
        pytest.param(
            {"a": [LONG * 1.0, LONG], "b": "text"},
            [{"a": [LONG * 1.0, LONG], "b": "tex"}, {"a": [LONG * 1.0, LONG + 1], "b": "text"}],
            id="inside_of_others",
        ),
    ],
)
def test_every_kind_of_value_is_told_from_others(value, others):
    assert both(value, value) == [True, True]
    for other in others:
        assert both(other, value) == [False, False]


def test_a_sketch_is_small_and_short_values_stay():
    [numbers] = sketched(observed(np.ones((300, 300), np.float32))).arrays
    assert numbers.nbytes == 4 * 300
    short = observed([np.ones(EXACT, np.float32), np.ones(100, complex), "text", 3])
    for right in (short, observed(np.ones(100), 0, 0.02), observed(np.ones(1000), 0.6)):
        kept = sketched(right)
        assert kept.tree == right.tree
        assert list(map(id, kept.arrays)) == list(map(id, right.arrays))


def test_a_sketch_asks_for_equality_up_to_rounding_between_machines():
    right = observed(np.linspace(-3, 3, 100))

    def numbers(factor):
        return sketched(observed(right.arrays[0] * factor)).arrays[0]

    node = sketched(right).tree
    for factor, same in ((1 + 1e-6, True), (1 + 3e-4, True), (1.1, False)):
        assert alike(numbers(1), numbers(factor), node, 1e-4, 1e-5) is same


def test_what_a_sender_says_of_a_sketch_is_no_sketch():
    right, sent = observed(LONG * 1.0), sketched(observed(LONG * 1.0))
    for reference in (right, sent):
        assert "has shape (8,)" in compare(sent, reference)


# ---------------------------------------------------------------- in a file

mistakes = st.lists(hnp.arrays(dtypes, shapes) | st.text() | st.integers() | finite, max_size=4)


@given(st.lists(mistakes, max_size=3), hnp.arrays(np.float32, shapes))
def test_a_packed_key_is_the_key(values, reference):
    tensors, known = {"f/case/0/0": reference}, []
    for number, value in enumerate(values):
        seen = sketched(observed(value))
        expects = [{"tree": seen.tree}]
        known.append({"name": str(number), "hint": "?", "cases": {"case": {"expects": expects}}})
        for n, array in enumerate(seen.arrays):
            tensors[f"f/case/mistake {number}/0/{n}"] = array
    header = {"format": 2, "exercises": {"f": {"cases": {"case": {}}, "mistakes": known}}}
    data = safetensors.numpy.save(*pack(header, tensors))
    assert data == safetensors.numpy.save(*pack(header, tensors))
    again, arrays = unpack(safetensors.numpy.load(data), pack(header, tensors)[1])
    assert again == json.loads(json.dumps(header))
    assert arrays.keys() == tensors.keys()
    for name, array in arrays.items():
        assert (array.dtype, array.shape) == (tensors[name].dtype, tensors[name].shape)
        assert array.tobytes() == tensors[name].tobytes()


def test_a_key_of_the_first_format_says_so(tmp_path):
    path, header = tmp_path / "answers.safetensors", {"format": 1, "exercises": {"f": {}}}
    tensors = {"f/case/0/0": np.ones(3)}
    safetensors.numpy.save_file(tensors, path, {"workbook": json.dumps(header)})
    assert Answers.load(path).header == header
