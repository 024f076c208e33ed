"""What hostile code could send instead of the values that a case saw, without knowing an answer.

A case runs in the student's process, so its asserts can be switched off and what it expects can be
replaced. These are the replacements that need no knowledge; the builder proves on every known
mistake that none of them earns a point.
"""

from collections.abc import Callable, Iterator

import numpy as np
from workbook.values import CaseOutcome, Observed

Leaf = Callable[[object], object]


def forgeries(outcome: CaseOutcome) -> Iterator[tuple[str, CaseOutcome]]:
    """(what was done, outcome) for each replacement of a failing case's values, errors swallowed."""
    yield "asserts switched off", CaseOutcome(outcome.observations)
    for name, change in REPLACEMENTS.items():
        yield name, CaseOutcome([_replaced(seen, change) for seen in outcome.observations])


def guesses(reference: list[Observed]) -> Iterator[tuple[str, CaseOutcome]]:
    """The same for code that has no values to start from: shapes known, numbers and texts made up."""
    for name in ("all numbers 0", "all numbers 1"):
        made_up = [_replaced(seen, REPLACEMENTS[name], texts=False) for seen in reference]
        yield f"{name} and empty texts", CaseOutcome(made_up)


def _all(value) -> Leaf:
    def change(leaf):
        if isinstance(leaf, np.ndarray):
            return np.full_like(leaf, value)
        return type(leaf)(value)

    return change


def _booleans(value) -> Leaf:
    def change(leaf):
        if isinstance(leaf, np.ndarray):
            return np.full_like(leaf, value) if leaf.dtype == bool else leaf
        return value if isinstance(leaf, bool) else leaf

    return change


REPLACEMENTS: dict[str, Leaf] = {
    "all numbers 0": _all(0),
    "all numbers 1": _all(1),
    "booleans all true": _booleans(True),
    "booleans all false": _booleans(False),
}


def _replaced(seen, change, texts=True):
    arrays: list[np.ndarray] = []

    def new(node):
        if "array" in node:
            arrays.append(np.asarray(change(np.asarray(seen.arrays[node["array"]]))))
            return node | {"array": len(arrays) - 1}
        if "number" in node:
            return {"number": change(node["number"])}
        if "list" in node:
            return {"list": [new(item) for item in node["list"]]}
        if "dict" in node:
            return {"dict": [[key, new(item)] for key, item in node["dict"]]}
        return (
            node
            if texts
            else {kind: value if kind == "none" else "" for kind, value in node.items()}
        )

    return Observed(new(seen.tree), arrays, seen.rtol, seen.atol)
