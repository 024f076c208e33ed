"""Work that JAX would repeat in every child or for every program, done once before the fork.

Each shortcut reaches into JAX and is left out where this JAX isn't built that way: then a case
takes 15 ms instead of 10, and nothing else changes. None starts a backend.
Runs inside the sandbox, so it imports nothing of the package.
"""

import contextlib
import threading
from collections.abc import Callable

SHORTCUTS: list[Callable[[], None]] = []


def _shortcut(function):
    SHORTCUTS.append(function)
    return function


def take() -> list[str]:
    """Take every shortcut that this JAX offers; their names."""
    taken = []
    for shortcut in SHORTCUTS:
        with contextlib.suppress(ImportError, AttributeError, TypeError):
            shortcut()
            taken.append(shortcut.__name__)
    return taken


@_shortcut
def one_mlir_context() -> None:
    """A lowering makes a context of its own, 3 to 4 ms: the main thread's share one."""
    from jax._src.interpreters import mlir

    make, shared = mlir.make_ir_context, mlir.make_ir_context()

    def context():
        return shared if threading.current_thread() is threading.main_thread() else make()

    mlir.make_ir_context = context


@_shortcut
def arrays_without_programs() -> None:
    """jnp.asarray of a NumPy array compiles an identity for every shape: it is only moved."""
    import jax
    import numpy as np
    from jax._src.lax import lax

    original = lax._stage_impl

    def stage(x):
        if isinstance(x, np.ndarray) and not getattr(x, "weak_type", False):
            moved = jax.device_put(np.array(x))  # a copy: a move may share the student's memory
            if moved.dtype == x.dtype:
                return moved
        return original(x)

    lax.stage_p.def_impl(stage)


@_shortcut
def plugins_known() -> None:
    """Looking for plugins reads the metadata of every installed package."""
    from jax._src import xla_bridge

    xla_bridge._discover_and_register_pjrt_plugins()
