"""What a mistake gives, kept small: few numbers in place of an array, and whether another has them."""

import functools
import hashlib
import math
import zlib
from dataclasses import dataclass

import numpy as np

from workbook.values import Observed, leaves, tolerances

EXACT = 16  # as many entries or fewer are kept as they are
COARSE = 0.01, 256  # so many where tolerances are so large: values may differ by few of them
GROUPS = 8  # at the least, of a longer array's entries
LARGEST_RTOL = 0.5  # beyond it tolerances have no measure (see distances)
FINEST = 1e-9  # relative; what is asked to be closer is counted as that
WRAP = 2**32
LARGEST = 1e250  # in size; what is larger is counted as that
ROUNDED = 1e-3, 1e-4  # tolerances between two machines' keys


@dataclass(frozen=True)
class Sketch:
    """An array of this shape and dtype, of which `numbers` is all that was kept."""

    shape: tuple
    dtype: np.dtype
    numbers: np.ndarray

    def fits(self, seen: np.ndarray, rtol: float, atol: float) -> bool:
        """Whether an array of the same shape and kind may be the one that was sketched.

        True for whatever the tolerances accept. False where one entry is off by more than
        2 (n + 2) tolerances, n being the entries of its group, and, but for a rare chance,
        where many are off by a few.
        """
        if self.dtype.kind != "f":
            return np.array_equal(_digest(seen), self.numbers)
        return near(_sums(seen, rtol, atol), self.numbers, seen.size, rtol)


def sketched(seen: Observed) -> Observed:
    """A mistake's value with a sketch of every array that is long enough."""
    used = tolerances(seen)
    arrays, nodes = list(seen.arrays), {}
    for node in leaves(seen.tree):
        array = np.asarray(arrays[node["array"]])
        if not node.get("complex") and array.size > _longest_kept(array, *used):
            numbers = _stored(_sums(array, *used)) if array.dtype.kind == "f" else _digest(array)
            arrays[node["array"]] = numbers
            nodes[node["array"]] = {"dtype": array.dtype.name, "shape": list(array.shape)}
    return Observed(_noted(seen.tree, nodes), arrays, seen.rtol, seen.atol, seen.judge)


def _longest_kept(array, rtol, atol):
    if array.dtype.kind != "f":
        return EXACT
    if rtol > LARGEST_RTOL:
        return math.inf
    return COARSE[1] if rtol + atol > COARSE[0] else EXACT


def near(sums: np.ndarray, numbers: np.ndarray, size: int, rtol: float, times: float = 1) -> bool:
    """Whether sums of an array agree with the numbers of a sketch, within so many tolerances."""
    if len(sums) != len(numbers):
        return False
    entries, weight = _groups(size)
    apart = np.subtract(sums, numbers, dtype=np.float64)
    inside = np.abs(np.remainder(apart[: len(weight)] + WRAP / 2, WRAP) - WRAP / 2)
    limits = weight * _longest(rtol * times) * times + 0.01 * entries + 1  # rounding errors
    return bool(np.all(inside <= limits) and not np.any(apart[len(weight) :]))


def alike(one: np.ndarray, other: np.ndarray, node: dict, rtol: float, atol: float) -> bool:
    """Whether two sketches (of the array that a tree's node tells of) differ by rounding alone."""
    if np.dtype(node["dtype"]).kind != "f":
        return np.array_equal(one, other)
    fine = _measurable(rtol, atol)
    times = min(max(1, ROUNDED[0] / fine[0], ROUNDED[1] / fine[1]), 1000)
    return near(one, other, math.prod(node["shape"]), rtol, times)


def distances(array: np.ndarray, rtol: float, atol: float) -> np.ndarray:
    """How far each entry lies from 0, counted in tolerances: the integral of dx / (atol + rtol |x|).

    Where |a - b| <= atol + rtol |b|, the distances of a and b differ by at most _longest(rtol).
    A mask of -1e30 so weighs little more than a score of 1.
    """
    rtol, atol = _measurable(rtol, atol)
    size = np.minimum(np.abs(array), LARGEST)
    return np.sign(array) * np.log1p(size * (rtol / atol)) / rtol


def _longest(rtol):
    """The most that a tolerance measures: towards and past 0, where tolerances shrink."""
    rtol = min(max(rtol, FINEST), LARGEST_RTOL)
    return -math.log1p(-rtol) / rtol


def _measurable(rtol, atol):
    rtol = max(rtol, FINEST)
    return rtol, max(atol, rtol * 1e-30)


def _sums(array, rtol, atol):
    """The weighted sum of each group's distances, and one number for where nan and inf are."""
    array = np.asarray(array, np.float64).ravel()
    finite = np.isfinite(array)
    groups, weights = _projection(array.size)
    sums = np.bincount(groups, weights * distances(np.where(finite, array, 0), rtol, atol))
    if finite.all():
        return sums
    kinds = np.isnan(array) + 2 * np.isposinf(array) + 3 * np.isneginf(array)
    return np.append(sums, zlib.crc32(kinds.astype(np.uint8).tobytes()))


@functools.lru_cache(maxsize=64)
def _projection(size):
    """(group, weight) of each entry, the same everywhere: RandomState's streams are frozen.

    Weights of one size would let equal differences cancel.
    """
    random = np.random.RandomState(size % WRAP)
    groups = random.permutation(size) % max(GROUPS, math.isqrt(size))
    return groups, random.uniform(0.5, 1, size) * random.choice([-1, 1], size)


@functools.lru_cache(maxsize=64)
def _groups(size):
    """(entries, sum of the weights' sizes) of each group."""
    groups, weights = _projection(size)
    return np.bincount(groups), np.bincount(groups, np.abs(weights))


def _stored(sums):
    return np.remainder(np.rint(sums), WRAP).astype(np.uint32)


def _digest(array):
    """Of booleans and integers, which are equal or not."""
    whole = np.ascontiguousarray(array, "<i8")
    return np.frombuffer(hashlib.blake2b(whole.tobytes(), digest_size=8).digest(), "<u4")


def _noted(tree, nodes):
    """The tree with what was said of some arrays."""
    kind, inside = next(iter(tree.items()))
    if kind == "list":
        return {"list": [_noted(item, nodes) for item in inside]}
    if kind == "dict":
        return {"dict": [[key, _noted(item, nodes)] for key, item in inside]}
    return tree | nodes.get(inside, {}) if kind == "array" else tree
