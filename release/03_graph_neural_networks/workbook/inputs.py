"""Made-up inputs for test cases, from streams that never change."""

import functools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import jax


def stream(seed: int | list[int]) -> np.random.RandomState:
    """NumPy's RandomState from this seed on, a stream that never changes.

    The next call starts the same object anew: making one takes longer than starting it.
    """
    _stream.seed(seed)
    return _stream


_stream = np.random.RandomState(0)


@functools.lru_cache(maxsize=1024)
def normal(seed: int, *shape: int) -> "jax.Array":
    """Standard normal float32 values from NumPy's RandomState, a stream that never changes."""
    import jax

    return jax.device_put(stream(seed).normal(size=shape).astype(np.float32))


@functools.lru_cache(maxsize=1024)
def integers(seed: int, low: int, high: int, *shape: int) -> "jax.Array":
    """Uniform int32 values from low to high - 1, from NumPy's RandomState."""
    import jax

    return jax.device_put(stream(seed).randint(low, high, size=shape, dtype=np.int32))
