"""Rules for random numbers: Threefry 2x32, bit by bit as JAX draws them.

A key array travels as uint64 of the same shape: its two words side by side.
"""

import math

import numpy as np

from workbook.evaluate.rules import Unsuitable, rule

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY = np.uint32(0x1BD11BDA)


def threefry(key1: np.ndarray, key2: np.ndarray, x1: np.ndarray, x2: np.ndarray) -> tuple:
    """The hash of counts (x1, x2) under keys (key1, key2), arrays of uint32 broadcast together."""
    keys = (key1, key2, key1 ^ key2 ^ PARITY)
    x1, x2 = np.add(x1, keys[0]), np.add(x2, keys[1])
    for turn in range(5):
        for rotation in ROTATIONS[turn % 2]:
            x1 = x1 + x2
            x2 = (x2 << np.uint32(rotation)) | (x2 >> np.uint32(32 - rotation))
            x2 = x1 ^ x2
        x1 = x1 + keys[(turn + 1) % 3]
        x2 = x2 + keys[(turn + 2) % 3] + np.uint32(turn + 1)
    return x1, x2


def words(keys: np.ndarray) -> np.ndarray:
    """The two uint32 of each key, along a last axis."""
    return np.ascontiguousarray(np.asarray(keys)[..., None]).view(np.uint32)


def joined(pairs: np.ndarray) -> np.ndarray:
    """Keys from their words."""
    return np.ascontiguousarray(pairs, np.uint32).view(np.uint64)[..., 0]


def is_known(dtype: object) -> bool:
    """Whether keys of this kind are Threefry's."""
    return getattr(getattr(dtype, "_impl", None), "tag", None) == "fry"


def _drawn_as_expected():
    import jax

    if not jax.config.jax_threefry_partitionable:
        raise Unsuitable("random numbers of the old kind")


def _counts(shape):
    """The high and low words of each element's number."""
    size = math.prod(shape)
    if size >= 1 << 32:
        raise Unsuitable("too many random numbers")
    return np.uint32(0), np.arange(size, dtype=np.uint32).reshape(shape)


def _split_words(keys, rank):
    """(first, second) words of keys, with `rank` axes more, to be broadcast with counts."""
    pairs = words(keys)
    spread = pairs.shape[:-1] + (1,) * rank
    return pairs[..., 0].reshape(spread), pairs[..., 1].reshape(spread)


def _of_threefry(eqn, var):
    if not is_known(var.aval.dtype):
        raise Unsuitable("another generator of random numbers")


@rule("random_wrap")
def _wrap(eqn):
    _of_threefry(eqn, eqn.outvars[0])
    return joined


@rule("random_unwrap")
def _unwrap(eqn):
    _of_threefry(eqn, eqn.invars[0])
    return words


@rule("random_clone")
def _clone(eqn):
    return lambda keys: keys


@rule("random_seed")
def _seed(eqn):
    _of_threefry(eqn, eqn.outvars[0])

    def seed(numbers):
        numbers = np.asarray(numbers)
        wide = numbers.astype(np.int64).view(np.uint64)
        high = (wide >> np.uint64(32)).astype(np.uint32)
        if numbers.dtype.itemsize < 8:
            high = np.zeros_like(high)
        return joined(np.stack([high, wide.astype(np.uint32)], -1))

    return seed


@rule("random_bits")
def _bits(eqn):
    _of_threefry(eqn, eqn.invars[0])
    _drawn_as_expected()
    shape, width = eqn.params["shape"], eqn.params["bit_width"]
    high, low = _counts(shape)
    kind = np.dtype(f"u{width // 8}")

    def bits(keys):
        first, second = threefry(*_split_words(keys, len(shape)), high, low)
        if width == 64:
            return (first.astype(kind) << np.uint64(32)) | second.astype(kind)
        return (first ^ second).astype(kind)

    bits.work = 20 * math.prod(eqn.outvars[0].aval.shape)
    return bits


@rule("random_split")
def _split(eqn):
    _of_threefry(eqn, eqn.invars[0])
    _drawn_as_expected()
    shape = eqn.params["shape"]
    high, low = _counts(shape)
    return lambda keys: joined(
        np.stack(threefry(*_split_words(keys, len(shape)), high, low), axis=-1)
    )


@rule("random_fold_in")
def _fold_in(eqn):
    _of_threefry(eqn, eqn.invars[0])

    def fold_in(keys, data):
        data = np.asarray(data).astype(np.uint32)
        return joined(np.stack(threefry(*_split_words(keys, 0), np.uint32(0), data), -1))

    return fold_in


@rule("iota_2x32_shape")
def _iota_2x32_shape(eqn):
    high, low = _counts(eqn.params["shape"])
    return lambda: (np.broadcast_to(high, low.shape), low)


@rule("threefry2x32")
def _threefry(eqn):
    return threefry
