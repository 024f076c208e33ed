"""Numbers too small for a normal float count as zero, as in compiled programs."""

import contextlib
import ctypes
import functools
import platform
import sys
from collections.abc import Iterator

import numpy as np

# Where the C library's fenv_t keeps the processor's mode, and the bits that flush to zero:
# (bytes of fenv_t, offset, bytes of the mode, bits)
MODES = {
    ("linux", "x86_64"): (32, 28, 4, 0x8040),  # MXCSR: FTZ and DAZ
    ("linux", "aarch64"): (8, 0, 4, 1 << 24),  # FPCR: FZ
    ("darwin", "arm64"): (16, 8, 8, 1 << 24),
    ("darwin", "x86_64"): (16, 4, 4, 0x8040),
}


@contextlib.contextmanager
def flushed() -> Iterator[None]:
    """This thread's NumPy flushes subnormal floats to zero inside the with block."""
    library, mode = _flushing()
    before = ctypes.create_string_buffer(len(mode))
    library.fegetenv(before)
    library.fesetenv(mode)
    try:
        yield
    finally:
        library.fesetenv(before)


@functools.cache
def can_flush() -> bool:
    """Whether this machine lets us: without it, NumPy and compiled programs may differ."""
    try:
        with flushed():
            return not (np.full(1, 1e-38, np.float32) * np.float32(1e-3)).any()
    except (KeyError, OSError, AttributeError):
        return False


@functools.cache
def _flushing():
    """The C library, and its environment of floats with flushing on."""
    size, offset, width, bits = MODES[sys.platform, platform.machine()]
    library = ctypes.CDLL(None if sys.platform == "darwin" else "libm.so.6")
    mode = ctypes.create_string_buffer(size)
    library.fegetenv(mode)
    field = slice(offset, offset + width)
    flushing = int.from_bytes(mode.raw[field], "little") | bits
    mode[field] = flushing.to_bytes(width, "little")
    return library, mode
