"""Values in a form that can travel: a JSON tree with numbered arrays."""

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from workbook.status import Status

DEEPEST = 40
RTOL, ATOL = 1e-4, 1e-5  # where a case names no tolerance


@dataclass
class Observed:
    """One expected value: a JSON tree whose array leaves are numbered, and the arrays."""

    tree: dict
    arrays: Any  # a sequence of NumPy arrays, or what is asked for them by number
    rtol: float | None = None
    atol: float | None = None
    judge: str | None = None  # what a function of this name makes of the value decides


@dataclass
class Failure:
    """How a case or cell ended early: the error's type and message, and the student's line."""

    type: str
    message: str
    line: str = ""
    own: bool = False  # raised by a statement of the student's code, which chose its words


@dataclass
class CaseOutcome:
    """What one test case saw of a student's work."""

    observations: list = field(default_factory=list)
    failure: Failure | None = None
    struck: Status | None = None  # the limit that ended it, where a grader sets limits


def kind_of(value: Any) -> str:
    """What a value is, in words for whoever handed it in: "an array", "None", "a function"."""
    if value is None:
        return "None"
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    if hasattr(value, "__array__") and hasattr(value, "dtype"):
        return "an array"
    if isinstance(value, tuple | list):
        return f"a {'tuple' if isinstance(value, tuple) else 'list'} of {len(value)}"
    if inspect.isfunction(value) or inspect.ismethod(value):
        return "a function"
    name = type(value).__name__
    return f"{'an' if name[:1] in 'AEIOUaeiou' else 'a'} {name:.60}"


def tolerances(reference: Observed) -> tuple[float, float]:
    """The relative and the absolute tolerance of an expected value."""
    rtol, atol = reference.rtol, reference.atol
    return RTOL if rtol is None else rtol, ATOL if atol is None else atol


def leaves(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The nodes of a tree that stand for arrays, in the order of their numbers."""
    kind, inside = next(iter(tree.items()))
    if kind == "array":
        yield tree
    for item in inside if kind == "list" else ():
        yield from leaves(item)
    for _, item in inside if kind == "dict" else ():
        yield from leaves(item)


def encode(value: Any) -> tuple[dict[str, Any], list[np.ndarray]]:
    """(tree, arrays) of any pytree; what can't be a value becomes {"other": its type}."""
    arrays: list[np.ndarray] = []
    return _encode(value, arrays, 0), arrays


def decode(tree: dict[str, Any], arrays: Sequence[Any]) -> Any:
    """The pytree that encode took apart, of NumPy arrays, numbers, texts and None."""
    kind, inside = next(iter(tree.items()))
    if kind == "list":
        return [decode(item, arrays) for item in inside]
    if kind == "dict":
        return {key: decode(item, arrays) for key, item in inside}
    if kind == "array":
        return np.asarray(arrays[inside])
    return inside if kind in ("number", "text") else None


def _encode(value, arrays, depth):
    if depth > DEEPEST:
        return {"other": "something nested too deeply"}
    if value is None:
        return {"none": True}
    if isinstance(value, str):
        return {"text": str(value)}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if type(value) in (bool, int, float):
        return {"number": value}
    if isinstance(value, list | tuple):
        return {"list": [_encode(v, arrays, depth + 1) for v in value]}
    if isinstance(value, dict):
        items = sorted((k if isinstance(k, str) else repr(k), v) for k, v in value.items())
        return {"dict": [[k, _encode(v, arrays, depth + 1)] for k, v in items]}
    return _encode_array(value, arrays) or {"other": type(value).__name__}


def _encode_array(value, arrays):
    if not (hasattr(value, "__array__") and hasattr(value, "dtype")):
        return None
    try:
        array = np.asarray(value)
    except Exception:  # a leaked tracer, a PRNG key, a deleted buffer: not a value
        return None
    node = {"array": len(arrays)}
    if array.dtype.kind == "c":
        array = np.stack([array.real, array.imag], axis=-1)
        node["complex"] = True
    elif array.dtype.name in ("bfloat16", "float8_e4m3fn", "float8_e5m2"):
        array = array.astype(np.float32)
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        return None
    arrays.append(np.ascontiguousarray(array).reshape(array.shape))
    return node
