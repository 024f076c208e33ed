"""Made-up inputs for test cases, from streams that never change."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import jax


def normal(seed: int, *shape: int) -> "jax.Array":
    """Standard normal float32 values from NumPy's RandomState, a stream that never changes."""
    import jax

    return jax.device_put(np.random.RandomState(seed).normal(size=shape).astype(np.float32))


def integers(seed: int, low: int, high: int, *shape: int) -> "jax.Array":
    """Uniform int32 values from low to high - 1, from NumPy's RandomState."""
    import jax

    return jax.device_put(
        np.random.RandomState(seed).randint(low, high, size=shape, dtype=np.int32)
    )
