"""Frames between the trusted client and an untrusted child: JSON and safetensors, never a pickle.

This file is also read inside the sandbox, so it imports nothing of the package.
"""

import json
import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from safetensors import numpy as tensors
from workbook.values import CaseOutcome, Failure

REPLY_BYTES = 9 << 20  # a reply that announces more is refused before anything is allocated
HEADER_BYTES = 1 << 20
TOO_LARGE = "the values of this case are too large to be compared"
ARRAYS = 10_000
DEEPEST = 60
_LENGTHS = struct.Struct("<II")
_INTEGERS = range(-(1 << 63), 1 << 64)
_DTYPES = frozenset("BOOL I8 I16 I32 I64 U8 U16 U32 U64 F16 F32 F64".split())


class ProtocolError(Exception):
    """What came out of the sandbox isn't a message of ours."""


def pack(header: dict, arrays: Sequence[np.ndarray] = ()) -> bytes:
    """The bytes of one frame: lengths, a JSON header and, if there are arrays, safetensors."""
    head = json.dumps(header).encode()
    body = tensors.save({str(i): array for i, array in enumerate(arrays)}) if arrays else b""
    return _LENGTHS.pack(len(head), len(body)) + head + body


def receive(read: Callable[[int], bytes]) -> tuple[dict, bytes]:
    """(header, arrays) of the next frame; read(n) returns exactly n bytes or raises EOFError."""
    head, body = _LENGTHS.unpack(read(_LENGTHS.size))
    return json.loads(read(head)), read(body)


class Frames:
    """Cuts the bytes that come out of the sandbox into frames, refusing what is too large."""

    def __init__(self, limit=REPLY_BYTES):
        self._limit, self._buffer = limit, bytearray()

    def feed(self, data: bytes) -> tuple[bytes, bytes] | None:
        """Add bytes; the (header, body) bytes of a frame once whole, else None.

        Raises:
            ProtocolError: when the lengths are over the limit, or bytes follow the frame.
        """
        self._buffer += data
        if len(self._buffer) < _LENGTHS.size:
            return None
        head, body = _LENGTHS.unpack_from(self._buffer)
        if head > HEADER_BYTES or head + body > self._limit:
            raise ProtocolError(f"a message of {head + body} bytes")
        size = _LENGTHS.size + head + body
        if len(self._buffer) < size:
            return None
        if len(self._buffer) > size:
            raise ProtocolError("more than one answer")
        whole = bytes(self._buffer)
        self._buffer.clear()
        return whole[_LENGTHS.size : _LENGTHS.size + head], whole[_LENGTHS.size + head :]


def parse_reply(
    head: bytes, body: bytes, step: str
) -> tuple[dict[str, Any] | None, list[tuple[dict, list[np.ndarray]]]]:
    """(failure, observations) of a reply to `step`, each part checked.

    Returns:
        failure: None or {"type", "message", "line"}, short strings, and "own", a truth value.
        observations: list of (tree, arrays) as workbook.values.Observed takes them.

    Raises:
        ProtocolError: for anything else than a well-formed reply to this step.
    """
    header = parse_json(head)
    if not isinstance(header, dict) or header.get("step") != step:
        raise ProtocolError("an answer to another question")
    failure, trees = header.get("failure"), header.get("observations", [])
    if not isinstance(trees, list) or len(trees) > ARRAYS:
        raise ProtocolError("malformed observations")
    arrays = _parse_arrays(body)
    return (
        failure if failure is None else _failure(failure),
        [_observation(tree, arrays) for tree in trees],
    )


def parse_json(data: bytes) -> Any:
    """The value of JSON bytes; ProtocolError when they aren't JSON, or nested beyond reason."""
    try:
        return json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"not JSON: {type(error).__name__}") from None


def _failure(value):
    fields = {"type": 100, "message": 1000, "line": 300}
    if not isinstance(value, dict):
        raise ProtocolError("malformed failure")
    texts = {name: _text(value.get(name, ""))[:longest] for name, longest in fields.items()}
    return texts | {"own": value.get("own") is True}


def _text(value):
    if not isinstance(value, str):
        raise ProtocolError("a text that isn't one")
    return value.encode("utf-8", "replace").decode()  # lone surrogates can't be written to a file


def _parse_arrays(body):
    """All arrays of a safetensors body, in the order of their numbers."""
    if not body:
        return []
    if len(body) < 8 or struct.unpack_from("<Q", body)[0] > HEADER_BYTES:
        raise ProtocolError("malformed arrays")
    (length,) = struct.unpack_from("<Q", body)
    index = parse_json(body[8 : 8 + length])
    if not isinstance(index, dict) or len(index) > ARRAYS:
        raise ProtocolError("malformed arrays")
    if any(not isinstance(e, dict) or str(e.get("dtype")) not in _DTYPES for e in index.values()):
        raise ProtocolError("arrays of an unknown kind")
    try:
        named = tensors.load(body)
        return [named[str(i)] for i in range(len(named))]
    except Exception as error:  # the library raises its own, KeyError, TypeError, ValueError...
        raise ProtocolError(f"malformed arrays: {type(error).__name__}") from None


def _observation(tree, arrays):
    """A tree rebuilt from nothing but what a tree may hold, with the arrays that it names.

    An array named is taken away: named twice it would weigh twice when it is compared.
    """
    own = []
    return _node(tree, arrays, own, 0), own


def _node(node, arrays, own, depth):
    if not isinstance(node, dict) or depth > DEEPEST:
        raise ProtocolError("malformed value")
    if "array" in node:
        return _array(node, arrays, own)
    if len(node) != 1:
        raise ProtocolError("malformed value")
    ((kind, value),) = node.items()
    if kind == "list" and isinstance(value, list):
        return {"list": [_node(v, arrays, own, depth + 1) for v in value]}
    if kind == "dict" and isinstance(value, list):
        return {"dict": [_item(pair, arrays, own, depth + 1) for pair in value]}
    if kind == "none" and value is True:
        return {"none": True}
    if kind == "number" and type(value) in (bool, float):
        return {"number": value}
    if kind == "number" and type(value) is int:
        return {"number": value} if value in _INTEGERS else {"other": "a huge integer"}
    if kind in ("text", "bytes", "other"):
        return {kind: _text(value)}
    raise ProtocolError("malformed value")


def _item(pair, arrays, own, depth):
    if not isinstance(pair, list) or len(pair) != 2:
        raise ProtocolError("malformed value")
    return [_text(pair[0]), _node(pair[1], arrays, own, depth)]


def _array(node, arrays, own):
    number = node["array"]
    if (
        type(number) is not int
        or not 0 <= number < len(arrays)
        or node.keys() - {"array", "complex"}
    ):
        raise ProtocolError("malformed array")
    array, clean = arrays[number], {"array": len(own)}
    if array is None:
        raise ProtocolError("an array named twice")
    arrays[number] = None
    if "complex" in node:
        if array.dtype.kind != "f" or array.shape[-1:] != (2,):
            raise ProtocolError("malformed complex array")
        clean["complex"] = True
    own.append(array)
    return clean


def reply(step: str, outcome: CaseOutcome) -> bytes:
    """The frame that a child answers a step with; an outcome too large becomes a failure."""
    trees: list[dict] = []
    arrays: list[np.ndarray] = []
    size = 0
    for seen in outcome.observations:
        trees.append(_shift(seen.tree, len(arrays)))
        arrays.extend(seen.arrays)
        size += sum(np.asarray(a).nbytes for a in seen.arrays)
    failure: Failure | _TooLarge | None = outcome.failure
    if size > REPLY_BYTES - HEADER_BYTES or len(arrays) > ARRAYS:
        trees, arrays = [], []
        failure = failure or _TooLarge()
    names = ("type", "message", "line", "own")
    note = failure and {name: getattr(failure, name) for name in names}
    return pack({"step": step, "failure": note, "observations": trees}, arrays)


class _TooLarge:
    type, message, line, own = "ValueError", TOO_LARGE, "", False


def _shift(tree, by):
    """The tree with its array numbers moved: the arrays of all observations travel together."""
    if "array" in tree:
        return {**tree, "array": tree["array"] + by}
    if "list" in tree:
        return {"list": [_shift(v, by) for v in tree["list"]]}
    if "dict" in tree:
        return {"dict": [[k, _shift(v, by)] for k, v in tree["dict"]]}
    return tree
