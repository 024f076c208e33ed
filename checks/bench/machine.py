"""Where figures come from: the machine, its Python and its JAX, and how busy it was."""

import os
import platform
from importlib.metadata import version
from pathlib import Path


def describe() -> str:
    """Processor, cores, Python and JAX in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{processor()}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GB, "
        f"Python {platform.python_version()}, JAX {version('jax')}, jaxlib {version('jaxlib')}"
    )


def processor() -> str:
    """The model's name as Linux tells it; the architecture where it doesn't."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def load() -> str:
    """The load average of the last one, five and fifteen minutes."""
    return ", ".join(f"{average:.1f}" for average in os.getloadavg())


def is_busy() -> bool:
    """Whether something else had half of the cores or more in the last minute."""
    return os.getloadavg()[0] >= len(os.sched_getaffinity(0)) / 2
