"""Comparison of a value with the reference, told in one sentence."""

import numpy as np

from workbook.sketch import Sketch
from workbook.values import Observed, tolerances

KINDS = {"b": "boolean", "i": "integer", "u": "integer", "f": "float"}


def compare(seen: Observed, reference: Observed, reveal: bool = True) -> str | None:
    """None when an observed value equals the reference, else one sentence on what differs first.

    Order: type, structure, shape, dtype kind, numbers. With reveal=False the sentence says
    nothing of the reference, and of the value one number at most: code that knows a hidden
    input may choose what it gives. Of arrays in the reference there may be sketches alone.
    """
    return _Comparison(seen.arrays, reference, reveal).node(seen.tree, reference.tree, "the result")


class _Comparison:
    def __init__(self, arrays, reference, reveal):
        self.arrays, self.right = arrays, reference.arrays
        (self.rtol, self.atol), self.reveal = tolerances(reference), reveal

    def node(self, seen, right, where):
        if _kind(seen) != _kind(right):
            wanted = (
                f"; {_describe(right)} is expected"
                if self.reveal
                else ", which isn't the right type"
            )
            if "other" in seen and not self.reveal:  # a class may be named after our inputs
                return f"{where} isn't of the right type"
            return f"{where} is {_describe(seen)}{wanted}"
        kind = _kind(right)
        if kind in ("list", "dict"):
            return getattr(self, kind)(seen[kind], right[kind], where)
        if kind == "value":
            return self.value(self._array(seen, self.arrays), self._known(right), where)
        if seen != right:
            (text,) = seen.values()
            wanted = f"; expected {next(iter(right.values()))!r:.200}" if self.reveal else ""
            return (
                f"{where} is {text!r:.200}{wanted}"
                if self.reveal
                else f"{where} has the wrong text"
            )
        return None

    def list(self, seen, right, where):
        if len(seen) != len(right):
            wanted = f", expected {len(right)}" if self.reveal else ", which isn't the right number"
            return f"{where} has {_count(seen, 'item')}{wanted}{self._first_change(seen, right)}"
        if (names := self._first_change(seen, right)) and any(map(_name, seen)):
            return f"{where} has other names than it should{names}"
        if (mine := _integers(seen)) and (wanted := _integers(right)):
            return self._integers(mine, wanted, where)
        for i, (a, b) in enumerate(zip(seen, right)):
            named = _name(b) and _name(a) == _name(b) and "list" in a and "list" in b
            if named and len(a["list"]) == len(b["list"]) == 2:  # a pair: name and value
                message = self.node(a["list"][1], b["list"][1], self._part(_name(b)))
            else:
                message = self.node(a, b, self._part(f"item {i} of {where}"))
            if message:
                return message
        return None

    def _integers(self, seen, right, where):
        """A shape, say, is told as a whole."""
        if seen == right:
            return None
        if self.reveal:
            return f"{where} is {seen}; it should be {right}"
        first = next(a for a, b in zip(seen, right) if a != b)
        return f"a number in the result is {_short(np.asarray(first))}, which isn't right"

    def _first_change(self, seen, right):
        """For lists of named things: which names are too many and which are missing."""
        names = [{_name(x) for x in items if _name(x)} for items in (seen, right)]
        if not self.reveal or names[0] == names[1]:
            return ""
        extra, missing = sorted(names[0] - names[1]), sorted(names[1] - names[0])
        parts = [
            f"{word} {', '.join(found):.300}"
            for word, found in (("unexpected:", extra), ("missing:", missing))
            if found
        ]
        return f" ({'; '.join(parts)})"

    def dict(self, seen, right, where):
        seen, right = dict(seen), dict(right)
        for keys, words in (
            (right.keys() - seen.keys(), "lacks"),
            (seen.keys() - right.keys(), "should not have"),
        ):
            if keys:
                return (
                    f"{where} {words} {sorted(keys)[0]!r:.200}"
                    if self.reveal
                    else f"{where} has the wrong keys"
                )
        for key, node in right.items():
            name = key if key.isprintable() else repr(key)
            inside = name if where == "the result" else f"{name} of {where}"
            if message := self.node(seen[key], node, self._part(inside)):
                return message
        return None

    def _part(self, name):
        """What to call a part: which one differs first may have been chosen as well."""
        return name if self.reveal else "a part of the result"

    def _array(self, node, arrays):
        if "number" in node:
            return np.asarray(node["number"]), True
        array = arrays[node["array"]]
        if node.get("complex"):  # (..., 2): 1j * inf would make a nan of the real part
            array = np.ascontiguousarray(array, np.float64).view(np.complex128)[..., 0]
        return array, False

    def _known(self, node):
        if "shape" in node:
            numbers = self.right[node["array"]]
            return Sketch(tuple(node["shape"]), np.dtype(node["dtype"]), numbers), False
        return self._array(node, self.right)

    def value(self, seen, right, where):
        (seen, plain), (right, _) = seen, right
        if seen.shape != right.shape:
            if self.reveal:
                return f"{where} has shape {seen.shape}; it should be {right.shape}"
            return f"{where} {_axis(seen.shape, right.shape)}"
        kinds = [KINDS.get(x.dtype.kind, "complex") for x in (seen, right)]
        if kinds[0] != kinds[1] and not (plain and kinds == ["integer", "float"]):
            wanted = (
                f"; {kinds[1]} values are expected"
                if self.reveal
                else ", which isn't the right kind"
            )
            return f"{where} holds {kinds[0]} values{wanted}"
        return self.numbers(seen, right, where)

    def numbers(self, seen, right, where):
        if isinstance(right, Sketch):
            same = right.fits(seen, self.rtol, self.atol)
            return None if same else f"{where} differs"
        if right.dtype.kind in "fc":
            wide = np.complex128 if right.dtype.kind == "c" else np.float64
            with np.errstate(all="ignore"):
                same = np.isclose(
                    seen.astype(wide), right.astype(wide), self.rtol, self.atol, equal_nan=True
                )
        else:
            same = seen == right
        if np.all(same):
            return None
        wrong = np.argwhere(~np.atleast_1d(same))
        first = tuple(int(i) for i in wrong[0])[: right.ndim]
        is_nan = seen.dtype.kind in "fc" and bool(np.isnan(seen[first]))
        if not self.reveal:
            place = "an entry of the result" if right.ndim else where
            return f"{place} is " + (
                "nan, not a number" if is_nan else f"{_short(seen[first])}, which isn't right"
            )
        place = f"{where} at {list(first)}" if right.ndim else where
        many = f" ({len(wrong)} of {right.size} entries differ)" if right.size > 1 else ""
        if is_nan:
            return f"{place} is nan, not a number{many}"
        mine, wanted = _told_apart(seen[first], right[first])
        return f"{place} is {mine}; it should be {wanted}{many}"


def _kind(node):
    return "value" if "number" in node or "array" in node else next(iter(node))


def _describe(node):
    kind = _kind(node)
    if kind in ("list", "dict"):
        return {"list": "a tuple or list of ", "dict": "a dict of "}[kind] + _count(
            node[kind], "item"
        )
    words = {"value": "one array or number", "none": "None", "text": "a string", "bytes": "bytes"}
    return words.get(kind) or f"of type {str(node[kind])[:60]}"


def _count(items, word):
    return f"{len(items)} {word}{'' if len(items) == 1 else 's'}"


def _name(node):
    """The text of a string, or of a (string, ...) pair: what to call it in a message."""
    node = node["list"][0] if node.get("list") else node
    return node.get("text")


def _integers(nodes):
    """A short list of plain integers as a tuple; None for anything else."""
    numbers = tuple(node.get("number") for node in nodes)
    plain = all(type(number) is int for number in numbers)
    return numbers if numbers and plain and len(numbers) <= 6 else None


def _told_apart(one, other):
    """Two numbers in as few digits as show that they differ."""
    for digits in (4, 6, 8, 12, 17):
        pair = _short(one, digits), _short(other, digits)
        if pair[0] != pair[1]:
            break
    return pair


def _short(number, digits=4):
    if number.dtype.kind in "fc":
        return f"{number:.{digits}g}"
    return str(number) if abs(int(number)) < 10**6 else f"{int(number):.{digits}g}"


def _axis(seen, right):
    """What is wrong with a shape, in one number."""
    if len(seen) != len(right):
        return f"has {len(seen)} {'axis' if len(seen) == 1 else 'axes'}, which isn't right"
    first = next(axis for axis, (a, b) in enumerate(zip(seen, right)) if a != b)
    return f"has the wrong size along axis {first}"
