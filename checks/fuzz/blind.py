"""Fuzzing with hypothesis: inputs by strategy, for some seconds, the smallest crash kept."""

import hashlib
import time
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings

from checks.fuzz.inputs import INPUTS
from checks.fuzz.targets import TARGETS

CRASHES = Path(__file__).parent / "crashes"
EXAMPLES = 300  # a round


def fuzz(name: str, seconds: float, first_seed: int, keep: Path = CRASHES) -> int:
    """How many inputs a target took without a crash; a crash's input is written to `keep`."""
    end, count, last = time.monotonic() + seconds, 0, b""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(INPUTS[name]())
    def one_round(data):
        nonlocal count, last
        count, last = count + 1, data
        TARGETS[name](data)

    while time.monotonic() < end:
        try:
            seed(first_seed)(one_round)()
        except Exception:
            path = keep / f"{name}-{hashlib.sha256(last).hexdigest()[:12]}"
            path.write_bytes(last)  # the last one it tried is the smallest it found
            raise
        first_seed += 1
    return count
