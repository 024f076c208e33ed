"""What is done with a whole answer key: its public part, its bytes, whether two are the same."""

import json

import numpy as np
import safetensors.numpy
from workbook.compare import compare
from workbook.key import Answers
from workbook.packing import known_leaves, pack
from workbook.sketch import ROUNDED, alike
from workbook.values import Observed, tolerances


def public_part(key: Answers) -> Answers:
    """The answer key that students may have: public cases only."""
    exercises = {name: _public_entry(entry) for name, entry in key.exercises.items()}
    wanted = {f"{name}/{case}/" for name, entry in exercises.items() for case in entry["cases"]}
    tensors = {k: v for k, v in key.tensors.items() if any(k.startswith(p) for p in wanted)}
    return Answers(key.header | {"exercises": exercises}, tensors, key.judges)


def _public_entry(entry):
    cases = {name: case for name, case in entry["cases"].items() if not case["hidden"]}
    mistakes = []
    for mistake in entry["mistakes"]:
        seen = {c: v for c, v in mistake["cases"].items() if c in cases}
        words = mistake if seen else {"name": "", "hint": ""}  # what hidden cases find stays secret
        if mistake.get("generated"):
            words = words | {"name": ""}  # which speaks of the solution
        mistakes.append(words | {"cases": seen})
    return entry | {"cases": cases, "mistakes": mistakes}


def to_bytes(key: Answers) -> bytes:
    """The key as a safetensors file, the same bytes for the same key."""
    return safetensors.numpy.save(*pack(key.header, key.tensors))


def same_key(one: Answers, other: Answers) -> bool:
    """Whether two keys agree, numbers up to rounding (machines differ in the last bits)."""
    facts, others = _facts(one), _facts(other)
    names, wanted = (
        key.tensors.keys() - _generated(key, listed)
        for key, listed in ((one, facts), (other, others))
    )
    if not _alike(facts, others) or names != wanted:
        return False
    sketches = {
        name: (node, *tolerances(Observed({}, [], expect.get("rtol"), expect.get("atol"))))
        for name, node, expect in known_leaves(facts)
        if "shape" in node
    }
    return all(
        alike(one.tensors[name], other.tensors[name], *sketches[name])
        if name in sketches
        else _close(one.tensors[name], other.tensors[name])
        for name in names
    )


def _generated(key, listed):
    """The tensors of generated mistakes."""
    all_, kept = ({leaf for leaf, _, _ in known_leaves(h)} for h in (key.header, listed))
    return all_ - kept


def _facts(key):
    """The header without error messages, whose wording may hold rounded floats.

    And without generated mistakes: which of them no case rejects may hang on a machine's rounding.
    Their edits are the same where `edits`, a digest, is.
    """
    header = json.loads(json.dumps(key.header))
    for entry in header["exercises"].values():
        entry["mistakes"] = [m for m in entry["mistakes"] if not m.get("generated")]
        for mistake in entry["mistakes"]:
            for case in mistake["cases"].values():
                case.pop("error", None)
    return header


def _alike(one, other):
    """Equality of headers, but for the last digits of numbers that are values."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return all(
            _near(one[k], other[k]) if k == "number" else _alike(one[k], other[k]) for k in one
        )
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return all(map(_alike, one, other))
    return one == other


def _near(one, other):
    floats = isinstance(one, float) and isinstance(other, float)
    return _close(np.asarray(one), np.asarray(other)) if floats else one == other


def _close(a, b):
    leaf = {"array": 0}
    return compare(Observed(leaf, [a]), Observed(leaf, [b], *ROUNDED)) is None
