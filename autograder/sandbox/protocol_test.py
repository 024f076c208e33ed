import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save
from workbook.values import CaseOutcome, Failure, Observed, encode

from autograder.sandbox.inside.protocol import (
    REPLY_BYTES,
    Frames,
    ProtocolError,
    pack,
    parse_reply,
    receive,
    reply,
)


def frame(head, body=b""):
    return struct.pack("<II", len(head), len(body)) + head + body


def parsed(data, step="s"):
    return parse_reply(*Frames().feed(data), step)


def answer(tree, body=b"", **more):
    return frame(json.dumps({"step": "s", "observations": [tree], **more}).encode(), body)


VALUES = {
    "numbers": [1, 2.5, True, float("inf")],
    "arrays": {"a": np.arange(6.0).reshape(2, 3), "b": (np.zeros((0, 2)), np.bool_(True))},
    "text": ["æ", None, b"bytes"],
    "complex": np.array([1 + 2j, 3j]),
    "nothing": [],
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_values_survive_the_way(value):
    outcome = CaseOutcome(
        [Observed(*encode(1)), Observed(*encode(value))], Failure("E", "m", "l", True)
    )
    failure, observations = parsed(reply("s", outcome))
    assert failure == {"type": "E", "message": "m", "line": "l", "own": True}
    tree, arrays = encode(value)
    assert observations[1][0] == tree
    for sent, got in zip(arrays, observations[1][1], strict=True):
        np.testing.assert_array_equal(sent, got)


def test_bytes_may_come_one_by_one():
    frames, data = Frames(), reply("s", CaseOutcome())
    taken = [frames.feed(data[i : i + 1]) for i in range(len(data))]
    assert taken[:-1] == [None] * (len(data) - 1)
    assert parse_reply(*taken[-1], "s") == (None, [])


def test_requests_are_read_as_sent():
    data = pack({"step": "s"})
    parts = iter([data[:8], data[8:], b""])
    assert receive(lambda n: next(parts)) == ({"step": "s"}, b"")


@pytest.mark.parametrize(
    "lengths", [(1 << 31, 0), (0, REPLY_BYTES + 1), (2**32 - 1, 2**32 - 1), (3 << 20, 0)]
)
def test_what_announces_too_much_is_refused_at_once(lengths):
    with pytest.raises(ProtocolError, match="bytes"):
        Frames().feed(struct.pack("<II", *lengths))


ARRAY = save({"0": np.ones(3, np.float32)})
MALFORMED = {
    "nothing": frame(b""),
    "not JSON": frame(b"{"),
    "not UTF-8": frame(b'"\xff"'),
    "not an object": frame(b"[]"),
    "too deep JSON": frame(b"[" * 100_000),
    "a number of a million digits": frame(b'{"step": ' + b"1" * 10**6 + b"}"),
    "another step": frame(b'{"step": "t"}'),
    "no step": frame(b"{}"),
    "two answers": frame(b'{"step": "s"}') * 2,
    "failure of text": frame(b'{"step": "s", "failure": "x"}'),
    "failure of numbers": frame(b'{"step": "s", "failure": {"type": 3}}'),
    "observations of text": frame(b'{"step": "s", "observations": "x"}'),
    "too many observations": frame(
        json.dumps({"step": "s", "observations": [0] * 10_001}).encode()
    ),
    "tree of text": answer("x"),
    "empty node": answer({}),
    "two kinds": answer({"none": True, "text": "x"}),
    "unknown kind": answer({"pickle": "x"}),
    "none of something": answer({"none": 3}),
    "text of a list": answer({"text": ["x"]}),
    "number of text": answer({"number": "1"}),
    "number of a list": answer({"number": [1]}),
    "list of text": answer({"list": "abc"}),
    "dict of a dict": answer({"dict": {"a": 1}}),
    "dict of triples": answer({"dict": [["a", {"none": True}, 1]]}),
    "key of a number": answer({"dict": [[1, {"none": True}]]}),
    "no such array": answer({"array": 0}),
    "array below zero": answer({"array": -1}, ARRAY),
    "array of truth": answer({"array": False}, ARRAY),
    "array of text": answer({"array": "0"}, ARRAY),
    "array with more": answer({"array": 0, "x": 1}, ARRAY),
    "complex of three": answer({"array": 0, "complex": True}, ARRAY),
    "complex scalar": answer({"array": 0, "complex": True}, save({"0": np.array(1, np.float32)})),
    "too deep tree": answer(json.loads('{"list": [' * 70 + '{"none": true}' + "]}" * 70)),
    "body cut": answer({"array": 0}, ARRAY[:-1]),
    "body too short": answer({"array": 0}, b"abc"),
    "body of zeros": answer({"array": 0}, bytes(64)),
    "body with a huge header": answer({"array": 0}, struct.pack("<Q", 1 << 60) + bytes(64)),
    "arrays by other names": answer({"array": 0}, save({"a": np.ones(1)})),
    "sizes that don't fit": answer({"array": 0}, ARRAY.replace(b"[3]", b"[9]")),
    "a kind that NumPy lacks": answer({"array": 0}, ARRAY.replace(b"F32", b"F8_E4M3")),
    "metadata only": answer({"array": 0}, save({}, {"x": "y"})),
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_answers_are_one_error(data):
    with pytest.raises(ProtocolError):
        parsed(data)


def test_integers_that_arrays_can_not_hold_are_no_numbers():
    assert parsed(answer({"number": 1 << 70}))[1] == [({"other": "a huge integer"}, [])]


def test_texts_can_be_written_to_files_and_are_short():
    failure = {"type": "E" * 500, "message": "\ud800" * 5000, "line": "x"}
    parts, _ = parsed(frame(json.dumps({"step": "s", "failure": failure}).encode()))
    assert len(parts["type"]) == 100
    assert parts["message"].encode() == b"?" * 1000


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["array", "list", "dict", "number", "text", "none", "complex"]), inner
        )
    ),
    max_leaves=20,
)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_an_error(data):
    frames = Frames()
    try:
        if whole := frames.feed(data):
            parse_reply(*whole, "s")
    except ProtocolError:
        pass


@given(json_values, st.binary(max_size=60) | st.just(ARRAY))
def test_any_tree_is_an_answer_or_an_error(tree, body):
    try:
        parsed(answer(tree, body))
    except ProtocolError:
        pass


def test_an_array_named_twice_is_refused():
    """Each naming is compared: a thousand of one megabyte would weigh a gigabyte."""
    body = save({"0": np.zeros(4, np.float32)})
    once, twice = ({"list": [{"array": 0}] * times} for times in (1, 2))
    assert len(parsed(answer(once, body))[1]) == 1
    with pytest.raises(ProtocolError, match="twice"):
        parsed(answer(twice, body))
    both = json.dumps({"step": "s", "observations": [{"array": 0}, {"array": 0}]}).encode()
    with pytest.raises(ProtocolError, match="twice"):
        parsed(frame(both, body))
