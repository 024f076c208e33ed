"""Each shortcut in a process of its own: with and without it, JAX must say the same."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox.inside.shortcuts import SHORTCUTS

PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
import numpy as np
import jax, jax.numpy as jnp
import shortcuts
from jax._src import xla_bridge
taken = shortcuts.take() if sys.argv[2] == "with" else []
assert not xla_bridge._backends, "a fork after this would hang"

values = [
    np.arange(6.0).reshape(2, 3), np.arange(3), np.float64(2.5), 3, 2.5, True, [[1, 2], [3, 4]],
    np.array([1 + 2j]), np.zeros((0, 2), np.float16), np.array(1, np.uint8), np.array([True]),
]
seen = []
for value in values:
    for make in (jnp.array, jnp.asarray, jax.jit(lambda x: jnp.asarray(x))):
        array = make(value)
        seen.append([str(array.dtype), array.weak_type, np.asarray(array).astype(complex).tolist()])
own = np.zeros(64, np.float32)
copied = jnp.array(own)
own[:] = 1
print(json.dumps([taken, [float(copied.sum()), repr(seen), str(jnp.array([1, 2]) + 2.5)]]))
"""


def outcome(how):
    folder = str(Path(__file__).with_name("inside"))
    command = [sys.executable, "-c", PROGRAM, folder, how]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def outcomes():
    return {how: outcome(how) for how in ("with", "without")}


def test_this_jax_offers_every_shortcut(outcomes):
    assert outcomes["with"][0] == [shortcut.__name__ for shortcut in SHORTCUTS]


def test_values_are_the_same_with_and_without(outcomes):
    assert outcomes["with"][1] == outcomes["without"][1]
