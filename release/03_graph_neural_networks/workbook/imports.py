"""Importing large libraries without a part of them that takes long and that nobody here uses."""

import contextlib
import sys
from collections.abc import Iterator

# jsonschema, far below nbformat and otter, takes two seconds to read this one's grammar of addresses.
UNUSED = "rfc3987_syntax"


@contextlib.contextmanager
def quick_imports() -> Iterator[None]:
    """Libraries imported in here find that part not installed; whoever imports it later has it."""
    missing = UNUSED not in sys.modules
    if missing:
        sys.modules[UNUSED] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if missing:
            del sys.modules[UNUSED]
