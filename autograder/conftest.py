"""For all tests: our own code never mixes dtypes by accident."""

import jax
import pytest


@pytest.fixture(autouse=True)
def strict_dtypes():
    """Silent promotion is an error in this process; the sandbox keeps JAX's default."""
    with jax.numpy_dtype_promotion("strict"):
        yield
