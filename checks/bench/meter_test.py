"""What a command used, whoever its processes' parents are."""

import subprocess
import sys

import pytest

from autograder.errors import UserError
from checks.bench.meter import measure

pytestmark = pytest.mark.slow

BUSY = "import time\nend = time.process_time() + 0.6\nwhile time.process_time() < end: pass\n"
# A parent that dies before its busy child does: nobody below us waits for that child.
ORPHAN = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {BUSY!r}])\n"


# In a process of its own: what other tests left behind may end in this one meanwhile.
MEASURE = """
import sys
from pathlib import Path
from checks.bench.meter import measure
print(measure([sys.executable, "-c", sys.argv[1]], Path(sys.argv[2])).cpu)
"""


@pytest.mark.parametrize("source", [BUSY, ORPHAN], ids=["itself", "an orphan"])
def test_cpu_of_every_process_counts(tmp_path, source):
    words = [sys.executable, "-c", MEASURE, source, str(tmp_path)]
    said = subprocess.run(words, capture_output=True, text=True, check=True)
    assert 0.6 <= float(said.stdout) < 3


def test_peak_memory_is_seen(tmp_path):
    source = "import time\nx = bytearray(200_000_000)\ntime.sleep(2)"
    both = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {source!r}])\n{source}"
    used = measure([sys.executable, "-c", source], tmp_path)
    assert used.wall >= 1
    assert 200e6 < used.memory < 400e6
    assert used.worker == 0  # it started nothing
    used = measure([sys.executable, "-c", both], tmp_path)
    assert 200e6 < used.worker < 400e6


def test_a_failing_command_says_what_it_printed(tmp_path):
    with pytest.raises(UserError, match="not today"):
        measure([sys.executable, "-c", "raise SystemExit('not today')"], tmp_path)
