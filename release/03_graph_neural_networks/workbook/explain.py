"""What a wrong value has to do with the right one, in one sentence: a factor, a sign, a shift, …"""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from workbook.compare import KINDS, compare
from workbook.values import Observed, tolerances

ENOUGH = 3  # entries that differ from each other, on which a relation must hold
MOST_ITEMS = 4  # of a list whose orders are tried
MOST_ORDERS = 24  # permutations of axes or items that are tried
SHORT = 3  # along an axis; where of so few entries says nothing
NEAR = 0.02  # relative, of what is nearly right

Pair = tuple[np.ndarray, np.ndarray, float, float]  # value, reference, rtol, atol


@dataclass(frozen=True)
class Explanation:
    """One sentence; a strong one says what happened, a weak one where."""

    hint: str
    strong: bool


def explain(cases: Sequence[Sequence[tuple[Observed, Observed]]]) -> Explanation | None:
    """What the values of failing cases, (value, reference) each, have to do with the references."""
    wrong = [[pair for pair in pairs if compare(*pair)] for pairs in cases]
    wrong = [pairs for pairs in wrong if pairs]
    if not wrong:
        return None
    if sentence := _of_structure(*wrong[0][0]):
        return Explanation(sentence, True)
    first = list(_leaves(wrong[0]))
    everywhere = list(itertools.chain.from_iterable(map(_leaves, wrong)))
    if first and (sentence := _of_one(*first[0])):
        return Explanation(sentence, True)
    for pairs in (first, everywhere):
        if sentence := _of_all(pairs):
            return Explanation(sentence, True)
    if first and (sentence := _of_places(*first[0])):
        return Explanation(sentence, False)
    return None


# ---------------------------------------------------------------- structure


def _of_structure(seen, right):
    """`None`, and items that only changed places, at any depth."""
    if "none" in seen.tree and "none" not in right.tree:
        return "`None` came back: does the function end in `return`?"
    if _only_moved(seen, right):
        return "The right results came back, but in another order: which one comes first?"
    return None


def _only_moved(seen, right):
    """Whether all that differs is the order of some list's items."""
    if compare(seen, right) is None:
        return True
    items, wanted = (_items(value.tree) for value in (seen, right))
    if not items or len(items) != len(wanted):
        return False
    inside = [
        (_part(seen, mine), _part(right, theirs))
        for mine, theirs in zip(items, wanted, strict=True)
    ]
    if all(_only_moved(*pair) for pair in inside):
        return True
    if "dict" in right.tree or len(items) > MOST_ITEMS:
        return False
    orders = itertools.islice(itertools.permutations(items), 1, None)
    return any(
        all(compare(_part(seen, one), _part(right, other)) is None for one, other in zip(o, wanted))
        for o in orders
    )


def _items(tree):
    return tree.get("list") or [item for _, item in tree.get("dict", ())]


def _part(value, tree):
    return Observed(tree, value.arrays, value.rtol, value.atol)


def _leaves(pairs) -> Iterator[Pair]:
    """The arrays that differ, of values whose structure is right."""
    for seen, right in pairs:
        if _outline(seen.tree) != _outline(right.tree):
            continue
        used = tolerances(right)
        for a, b in zip(_arrays(seen.tree, seen.arrays), _arrays(right.tree, right.arrays)):
            if _kind(a) != _kind(b) or not _close(a, b, *used):
                yield a, b, *used


def _outline(tree):
    kind, inside = next(iter(tree.items()))
    if kind == "list":
        return [_outline(item) for item in inside]
    if kind == "dict":
        return {key: _outline(item) for key, item in inside}
    return "value" if kind in ("array", "number") else kind


def _arrays(tree, arrays) -> Iterator[np.ndarray]:
    kind, inside = next(iter(tree.items()))
    if kind == "list":
        for item in inside:
            yield from _arrays(item, arrays)
    elif kind == "dict":
        for _, item in inside:
            yield from _arrays(item, arrays)
    elif kind == "number":
        yield np.asarray(inside)
    elif kind == "array":
        yield np.asarray(arrays[inside])


def _kind(array):
    return KINDS.get(array.dtype.kind, "complex")


def _close(a, b, rtol, atol):
    if a.shape != b.shape:
        return False
    with np.errstate(all="ignore"):
        return bool(np.isclose(a.astype(float), b.astype(float), rtol, atol, equal_nan=True).all())


# ---------------------------------------------------------------- one array


def _of_one(a, b, rtol, atol):
    """What can be said of one array alone: its shape, its kind, what isn't a number."""
    if a.shape != b.shape:
        return _of_shape(a, b, rtol, atol)
    if _kind(a) != _kind(b) and _close(a, b, rtol, atol):
        return f"The numbers are right, but they are {_kind(a)} values: where does that kind come from?"
    if a.dtype.kind not in "fiu" or b.dtype.kind not in "fiu":
        return _of_truths(a, b)
    if np.isnan(a).any() and not np.isnan(b).any():
        return "nan comes from 0/0, ∞ − ∞, or the root or logarithm of a negative number: where can that happen here?"
    if np.isinf(a).any() and np.isfinite(b).all():
        return "An infinite value comes from a division by 0, a logarithm of 0 or an exponential of something large: which is it here?"
    return _of_order(a, b, rtol, atol)


def _of_truths(a, b):
    if a.dtype.kind == b.dtype.kind == "b" and a.size > 1:
        if np.array_equal(a, ~b):
            return "Every truth value is turned round: what does true mean here?"
        if (
            a.ndim >= 2
            and a.shape == np.swapaxes(b, -1, -2).shape
            and np.array_equal(a, np.swapaxes(b, -1, -2))
        ):
            return "The last two axes have changed places: which one counts what?"
    return None


def _of_shape(a, b, rtol, atol):
    """Axes too many, too few, or in another order."""
    if a.ndim != b.ndim and _close(a.squeeze(), b.squeeze(), rtol, atol):
        word = "many" if a.ndim > b.ndim else "few"
        return f"The numbers are right, but there is an axis of size 1 too {word}."
    if a.size == b.size and _close(a.ravel(), b.ravel(), rtol, atol):
        return "The numbers are right and in the right order, but their shape isn't: which axes are joined or split?"
    if sorted(a.shape) == sorted(b.shape):
        exact = any(_close(moved, b, rtol, atol) for moved in _transposed(a))
        sure = "The numbers are right, but the" if exact else "The"
        return f"{sure} axes come in another order: which one is first?"
    if a.ndim == b.ndim:
        apart = [(axis, m - n) for axis, (m, n) in enumerate(zip(a.shape, b.shape)) if m != n]
        if len(apart) == 1 and abs(apart[0][1]) == 1:
            axis, more = apart[0]
            return f"There is one entry too {'many' if more > 0 else 'few'} along axis {axis}: what happens at its ends?"
    if a.ndim == b.ndim - 1 and any(
        a.shape == b.shape[:axis] + b.shape[axis + 1 :] for axis in range(b.ndim)
    ):
        return "An axis is missing: is something summed, averaged or picked along it?"
    if b.ndim and a.ndim == b.ndim + 1 and a.shape.count(b.shape[-1]) > b.shape.count(b.shape[-1]):
        return "There is an axis too many: did every entry of one array meet every entry of another, or was nothing summed?"
    return None


def _transposed(a):
    for order in itertools.islice(itertools.permutations(range(a.ndim)), MOST_ORDERS):
        yield np.transpose(a, order)


def _of_order(a, b, rtol, atol):
    """The right numbers in other places."""
    if a.size < 2 or np.unique(b).size < 2:
        return None

    def same(x, y):
        return _close(x, y, rtol, atol)

    for axis in range(a.ndim):
        if a.shape[axis] > 1 and same(np.flip(a, axis), b):
            return f"The numbers are right, but they run backwards along axis {axis}."
    if any(
        moved.shape == b.shape and same(moved, b)
        for moved in itertools.islice(_transposed(a), 1, None)
    ):
        return "The numbers are right, but two axes have changed places."
    for axis in range(a.ndim):
        size = a.shape[axis]
        if size > 2:
            early, late = (np.arange(size - 1), np.arange(1, size))
            for mine, theirs, word in ((late, early, "late"), (early, late, "early")):
                moved, kept = a.take(mine, axis), b.take(theirs, axis)
                if np.unique(kept).size > 1 and same(moved, kept):
                    return f"Everything stands one place too {word} along axis {axis}."
    if same(np.sort(a, axis=None), np.sort(b, axis=None)):
        return "The right numbers are there, but in other places."
    return None


# ---------------------------------------------------------------- relations of all entries


def _of_all(pairs: Sequence[Pair]):
    """A relation that holds between all entries of all these arrays and the right ones."""
    if not pairs or any(
        a.shape != b.shape or a.dtype.kind not in "fiu" or b.dtype.kind not in "fiu"
        for a, b, _, _ in pairs
    ):
        return None
    a, b = (np.concatenate([np.ravel(pair[n]).astype(float) for pair in pairs]) for n in (0, 1))
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return None
    rtol = max(pair[2] for pair in pairs)
    atol = max(pair[3] for pair in pairs)
    distinct = np.unique(np.round(b / max(np.abs(b).max(), 1e-30), 3))
    if np.unique(a).size == 1 and distinct.size >= ENOUGH and np.size(pairs[0][0]) > ENOUGH:
        same = "0" if a[0] == 0 else "the same number"
        return f"Every entry is {same}: what takes the differences away?"
    if distinct.size < ENOUGH:
        return None
    with np.errstate(all="ignore"):
        for words, relation in RELATIONS:
            if _close(a, relation(b), rtol, atol):
                return words
        return _of_factor(a, b, rtol, atol) or _of_limits(a, b) or _of_rows(pairs)


RELATIONS: tuple[tuple[str, Callable], ...] = (
    ("Everything has the other sign: what is subtracted from what?", lambda b: -b),
    ("Everything has lost its sign: where is a size taken, or a square's root?", np.abs),
    ("You return the square of what is asked.", lambda b: b**2),
    ("You return the square root of what is asked.", np.sqrt),
    ("You return the logarithm of what is asked.", np.log),
    ("You return the exponential of what is asked.", np.exp),
    ("You return 1 over what is asked: what is divided by what?", lambda b: 1 / b),
    ("You return 1 minus what is asked.", lambda b: 1 - b),
    ("Your numbers are the right ones, rounded: where do they become whole?", np.trunc),
    ("Your numbers are the right ones, rounded: where do they become whole?", np.round),
)


def _of_factor(a, b, rtol, atol):
    large = np.abs(b) > 100 * atol
    if np.unique(np.round(b[large], 6)).size < ENOUGH:
        return None
    factor = float(np.median(a[large] / b[large]))
    if factor and math.isfinite(factor) and _close(a, factor * b, rtol, atol * max(1, abs(factor))):
        form = _form(factor)
        if form or abs(factor - 1) > NEAR:  # nearly 1 is no factor that anybody put there
            return f"Every entry is {factor:.4g} times what it should be{form or ': which constant is that?'}"
    offset = float(np.median(a - b))
    if abs(offset) > 10 * atol and _close(a, b + offset, rtol, atol + rtol * abs(offset)):
        word = "large" if offset > 0 else "small"
        return f"Every entry is too {word} by the same amount: what is added to all of them?"
    return None


def _form(factor):
    """A likely origin of a factor."""
    size = abs(factor)
    for value in (size, 1 / size):
        if abs(value - 2) < 2e-3:
            return ": where does a 2, or a half, come in?"
        if value > 2.5 and abs(value - round(value)) < 1e-3 * value:
            return ": is something summed that should be averaged, or the other way round?"
        if value > 1.3 and abs(value**2 - round(value**2)) < 1e-3 * value**2:
            return ": a root of a size, perhaps. Which one belongs there?"
    for n in range(2, 30):
        if abs(size - n / (n - 1)) < 2e-4 or abs(size - (n - 1) / n) < 2e-4:
            return ": is one too many or too few counted in an average?"
    return ""


def _of_limits(a, b):
    """Large or small values that are cut off."""
    off = ~np.isclose(a, b, 1e-3, 1e-4)
    if off.sum() < 2 or off.all():
        return None
    for limit, beyond in ((a.max(), b > a.max()), (a.min(), b < a.min())):
        if np.allclose(a[off], limit, 1e-4) and np.array_equal(off, off & beyond):
            return "Values beyond a limit are cut off: where does that limit come from?"
    return None


def _of_rows(pairs):
    """Rows that are each right up to a factor, or an amount, of their own."""
    found = set()
    for a, b, rtol, atol in pairs:
        if a.ndim < 2 or a.shape[-1] < 3:
            return None
        a, b = a.astype(float), b.astype(float)
        size = np.abs(b).sum(-1, keepdims=True)
        factor = np.abs(a).sum(-1, keepdims=True) / np.where(size > 0, size, 1)
        offset = (a - b).mean(-1, keepdims=True)
        totals = b.sum(-1)
        if _close(a, factor * b, 10 * rtol, 10 * atol) and np.allclose(totals, 1, 0, 1e-3):
            found.add("Each row is right up to a factor of its own: what should a row add up to?")
        elif _close(a, b + offset, 10 * rtol, 10 * atol):
            found.add("Each row is off by an amount of its own: what is taken off a row?")
        else:
            return None
    return found.pop() if len(found) == 1 else None


# ---------------------------------------------------------------- where it differs


def _of_places(a, b, rtol, atol):
    """Where the entries are that differ, or how little they do."""
    if a.shape != b.shape or a.dtype.kind not in "fiub" or b.dtype.kind not in "fiub":
        return None
    with np.errstate(all="ignore"):
        off = ~np.isclose(a.astype(float), b.astype(float), rtol, atol, equal_nan=True)
    if a.ndim and a.shape[0] > 1 and not off[0].any() and off[1:].any():
        if all(_close(item, a[0], rtol, atol) for item in a):
            return "All items are the same as the first one: is it used in place of the others?"
        if all(item.any() for item in off[1:]):
            return (
                "Only the first item along axis 0 is right: what do the others have that it hasn't?"
            )
    for axis in range(a.ndim):
        size = a.shape[axis]
        if size > SHORT:
            where = np.flatnonzero(off.any(tuple(n for n in range(a.ndim) if n != axis)))
            if list(where) in ([0], [size - 1], [0, size - 1]):
                ends = {1: "the first" if where[0] == 0 else "the last"}.get(
                    len(where), "the first and the last"
                )
                return f"Only {ends} along axis {axis} {'is' if len(where) == 1 else 'are'} wrong: what is special there?"
    floats = a.dtype.kind == b.dtype.kind == "f" and np.isfinite(a).all() and np.isfinite(b).all()
    if floats and np.allclose(a, b, NEAR, NEAR * float(np.abs(b).max() or 1)):
        return "It is nearly right: an approximation, a small constant or a rounding makes the difference."
    return None
