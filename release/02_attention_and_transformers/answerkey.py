"""Values in a form that can travel, their comparison, and the answer key that judges them."""

import builtins
import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

# ---------------------------------------------------------------- values, in a form that can travel

DEEPEST = 40


@dataclass
class Observed:
    """One expected value: a JSON tree whose array leaves are numbered, and the arrays."""

    tree: dict
    arrays: list
    rtol: float | None = None
    atol: float | None = None
    judge: str | None = None  # what a function of this name makes of the value decides


@dataclass
class Failure:
    """How a case or cell ended early: the error's type and message, and the student's line."""

    type: str
    message: str
    line: str = ""


@dataclass
class CaseOutcome:
    """What one test case saw of a student's work."""

    observations: list = field(default_factory=list)
    failure: Failure | None = None


def encode(value):
    """(tree, arrays) of any pytree; what can't be a value becomes {"other": its type}."""
    arrays = []
    return _encode(value, arrays, 0), arrays


def decode(tree, arrays):
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


# ---------------------------------------------------------------- comparison

KINDS = {"b": "boolean", "i": "integer", "u": "integer", "f": "float"}


def compare(seen, reference, reveal=True):
    """None when an observed value equals the reference, else one sentence on what differs first.

    Order: type, structure, shape, dtype kind, numbers. With reveal=False the sentence says
    nothing of the reference.
    """
    return _Comparison(seen.arrays, reference, reveal).node(seen.tree, reference.tree, "the result")


class _Comparison:
    def __init__(self, arrays, reference, reveal):
        self.arrays, self.right = arrays, reference.arrays
        self.rtol, self.atol, self.reveal = reference.rtol, reference.atol, reveal

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
            return self.value(self._array(seen, self.arrays), self._array(right, self.right), where)
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
                message = self.node(a["list"][1], b["list"][1], _name(b))
            else:
                message = self.node(a, b, f"item {i} of {where}")
            if message:
                return message
        return None

    def _integers(self, seen, right, where):
        """A shape, say, is told as a whole."""
        if seen == right:
            return None
        return f"{where} is {seen}" + (
            f"; it should be {right}" if self.reveal else ", which isn't right"
        )

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
            if message := self.node(seen[key], node, inside):
                return message
        return None

    def _array(self, node, arrays):
        if "number" in node:
            return np.asarray(node["number"]), True
        array = arrays[node["array"]]
        if node.get("complex"):  # (..., 2): 1j * inf would make a nan of the real part
            array = np.ascontiguousarray(array, np.float64).view(np.complex128)[..., 0]
        return array, False

    def value(self, seen, right, where):
        (seen, plain), (right, _) = seen, right
        if seen.shape != right.shape:
            if not seen.size and not self.reveal:  # such a shape costs nothing: it may be a message
                return f"{where} hasn't the right shape"
            wanted = f"; it should be {right.shape}" if self.reveal else ", which isn't right"
            return f"{where} has shape {seen.shape}{wanted}"
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
        if right.dtype.kind in "fc":
            rtol = 1e-4 if self.rtol is None else self.rtol
            atol = 1e-5 if self.atol is None else self.atol
            wide = np.complex128 if right.dtype.kind == "c" else np.float64
            with np.errstate(all="ignore"):
                same = np.isclose(seen.astype(wide), right.astype(wide), rtol, atol, equal_nan=True)
        else:
            same = seen == right
        if np.all(same):
            return None
        wrong = np.argwhere(~np.atleast_1d(same))
        first = tuple(int(i) for i in wrong[0])[: right.ndim]
        place = f"{where} at {list(first)}" if right.ndim else where
        many = f" ({len(wrong)} of {right.size} entries differ)" if right.size > 1 else ""
        if np.isnan(seen[first]) if seen.dtype.kind in "fc" else False:
            return f"{place} is nan, not a number{many}"
        wanted = f"; it should be {_short(right[first])}" if self.reveal else ", which isn't right"
        return f"{place} is {_short(seen[first])}{wanted}{many}"


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


def _short(number):
    return f"{number:.4g}" if number.dtype.kind in "fc" else str(number)


# ---------------------------------------------------------------- the answer key


@dataclass
class Verdict:
    """How one case ended: "passed", "failed", "error" or "not started", and one sentence."""

    status: str
    message: str = ""


class Answers:
    """The answer key of one practical: references, tolerances, points, and what mistakes give."""

    def __init__(self, header, tensors, judges=None):
        self.header, self.exercises, self.tensors = header, header["exercises"], tensors
        self.judges = judges or {}

    @classmethod
    def load(cls, path):
        """Read an answers.safetensors file."""
        from safetensors import safe_open

        with safe_open(str(path), framework="numpy") as file:
            header = json.loads(file.metadata()["workbook"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        folder = Path(path).parent
        return cls(header, tensors, read_judges(folder) or read_judges(folder.parent))

    def observed(self, exercise, case, mistake=None):
        """The expected values of a case, or what a known mistake (by number) gives there."""
        place = self.exercises[exercise]
        expects = place["cases"][case]["expects"]
        prefix = f"{exercise}/{case}" if mistake is None else f"{exercise}/{case}/mistake {mistake}"
        if mistake is not None:
            expects = place["mistakes"][mistake]["cases"][case]["expects"]
        return [
            Observed(
                e["tree"],
                _Tensors(self.tensors, f"{prefix}/{n}"),
                *(e.get(name) for name in ("rtol", "atol", "judge")),
            )
            for n, e in enumerate(expects)
        ]

    def difference(self, seen, reference, reveal=True):
        """What differs between a value and the reference's, judged first where a judge decides."""
        return compare(self.judged(seen, reference.judge), reference, reveal)

    def judged(self, seen, judge):
        """What a judge makes of a value, which hostile code may have sent; no judge: the value."""
        if judge is None:
            return seen
        try:
            value = self.judges[judge](decode(seen.tree, seen.arrays))
        except Exception:
            value = None
        return Observed(*encode(value), seen.rtol, seen.atol, judge)

    def judge(self, exercise, case, outcome):
        """The verdict on what a case saw."""
        failure = outcome.failure
        if failure and failure.type == "NotImplementedError":
            return Verdict("not started")
        reveal = not self.exercises[exercise]["cases"][case]["hidden"]
        references = self.observed(exercise, case)
        for seen, reference in zip(outcome.observations, references):
            if message := self.difference(seen, reference, reveal):
                return Verdict("failed", self._reason(exercise, case, outcome) or message)
        if failure:
            return Verdict(
                "failed" if failure.type == "AssertionError" else "error", _say(failure, reveal)
            )
        if len(outcome.observations) != len(references):
            return Verdict("failed", "the check ended before it had seen every value")
        return Verdict("passed")

    def _reason(self, exercise, case, outcome):
        """In a quiz, why the answer that was chosen is wrong."""
        entry = self.exercises[exercise]
        for number, mistake in enumerate(entry["mistakes"] if entry.get("quiz") else ()):
            if case in mistake["cases"] and self._same(exercise, case, number, outcome, True):
                return mistake["hint"]
        return None

    def recognise(self, exercise, outcomes):
        """The known mistake that explains these outcomes ({case: CaseOutcome}), or None.

        One whose every case agrees comes first; else one that gives what the first failing
        case saw, if all such mistakes have the same hint.
        """
        verdicts = {case: self.judge(exercise, case, outcome) for case, outcome in outcomes.items()}
        failing = [case for case, verdict in verdicts.items() if verdict.status != "passed"]
        if not failing or all(v.status == "not started" for v in verdicts.values()):
            return None
        mistakes = self.exercises[exercise]["mistakes"]
        agree = {
            case: {
                i
                for i in range(len(mistakes))
                if self._same(exercise, case, i, outcomes[case], case in failing)
            }
            for case in outcomes
        }
        for candidates in (set.intersection(*agree.values()), agree[failing[0]]):
            if candidates and len({mistakes[i]["hint"] for i in candidates}) == 1:
                return mistakes[min(candidates)]
        return None

    def _same(self, exercise, case, mistake, outcome, failing):
        known = self.exercises[exercise]["mistakes"][mistake]["cases"].get(case)
        if known is None:  # the mistake passes this case
            return not failing
        if not failing or failure_text(outcome.failure) != known.get("error"):
            return False
        expected = self.observed(exercise, case, mistake)
        return len(expected) == len(outcome.observations) and not any(
            self.difference(seen, value, False)
            for seen, value in zip(outcome.observations, expected)
        )


def read_judges(folder):
    """The functions of a folder's judges.py by name, and its digest; {} where there is none."""
    path = Path(folder) / "judges.py"
    if not path.exists():
        return {}
    source, names = path.read_bytes(), {"__name__": "judges"}
    exec(compile(source, str(path), "exec"), names)
    return names | {"digest": hashlib.sha256(source).hexdigest()}


class _Tensors:
    def __init__(self, tensors, prefix):
        self._tensors, self._prefix = tensors, prefix

    def __getitem__(self, leaf):
        return self._tensors[f"{self._prefix}/{leaf}"]


def failure_text(failure):
    """An error as mistakes are compared by: its type and first line, without addresses.

    What follows in JAX's messages are places, which differ from run to run. None for none.
    """
    if failure is None:
        return None
    first = failure.message.partition("\n")[0]
    return f"{failure.type}: {re.sub(r'0x[0-9a-f]+', '0x', first)}"


def _say(failure, reveal):
    builtin = isinstance(getattr(builtins, failure.type, None), type)
    if not reveal:  # what the student's code wrote into an error may be our inputs
        if failure.type == "AssertionError":
            return "the result lacks a property that the contract promises"
        return f"your code raises {failure.type if builtin else 'an error'}"
    if failure.type == "AssertionError":
        return failure.message or "the result lacks a property that the contract promises"
    return f"{failure.type}: {failure.message}" + (
        f" (your {failure.line})" if failure.line else ""
    )
