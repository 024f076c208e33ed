"""What a student's cell may try: no answer comes to light, and no point is gained."""

import json

import pytest

from autograder.status import Status

pytestmark = pytest.mark.slow

WRONG = "def causal_mask(scores):\n    return scores + 1\n"

# Each is put before a wrong solution, in its cell.
FORGING = {
    "expect that says nothing": "import workbook\nworkbook.expect = lambda *a, **k: None\n",
    "expect that knows better": """
import workbook, numpy as np
real = workbook.expect
workbook.expect = lambda value, **k: real(np.zeros_like(value), **k)
""",
    "a patched encode": "import workbook\nworkbook.cases.encode = workbook.values.encode = lambda v: ({'number': 1}, [])\n",
    "a patched comparison": "import workbook\nworkbook.key.compare = workbook.compare.compare = lambda *a, **k: None\nworkbook.key.Answers.judge = lambda *a: workbook.key.Verdict('passed')\n",
    "a patched run_case": "import workbook\nworkbook.cases.run_case = lambda f, env: workbook.values.CaseOutcome()\n",
    "patched numpy": "import numpy as np\nnp.allclose = np.isclose = lambda *a, **k: True\nnp.asarray = lambda *a, **k: np.zeros(3)\n",
    "patched jax": "import jax\njax.nn.softmax = lambda x, axis=-1: x\njax.jit = lambda f, **k: f\n",
    "patched otter": "import otter.test_files\notter.test_files.test_case.call_func = lambda *a: None\n",
    "asserts that pass": "import builtins\nclass AssertionError(Exception): pass\nbuiltins.AssertionError = AssertionError\n",
    "objects equal to everything": """
import numpy as np
class Anything(np.ndarray):
    def __eq__(self, other): return True
    def __array__(self, *a, **k): return np.zeros(1)
""",
    "the check replaced": "class Grader:\n    def check(self, *a): return 10\n    ready = check\ngrader = Grader()\n",
    "IPython hooks": "ip = get_ipython()\nip.run_cell = lambda *a, **k: None\nip.input_transformers_cleanup.append(lambda lines: [])\n",
    "a forged message": """
import os, json
for fd in range(3, 64):
    try:
        os.write(fd, b'\\x00' * 8 + json.dumps({'status': 'ok', 'passed': True, 'points': 100}).encode())
    except OSError:
        pass
""",
    "a result file": "open('results.json', 'w').write('{\"score\": 100}')\n",
    "exit with success": "import atexit, os\natexit.register(lambda: os._exit(0))\n",
}  # fmt: skip

# Each prints all that it finds; the output and the values must hold no answer.
READING = {
    "files": """
import os
for folder, below, names in os.walk('/'):
    below[:] = [b for b in below if b not in ('proc', 'sys', 'dev', 'usr', 'lib', 'lib64', 'bin', 'cache', 'fonts')]
    for name in names:
        try:
            print(name, open(os.path.join(folder, name), 'rb').read(200_000))
        except OSError:
            pass
""",
    "proc": """
import glob
for path in glob.glob('/proc/[0-9]*/*') + glob.glob('/proc/[0-9]*/fd/*'):
    try:
        print(path, open(path, 'rb').read(10_000))
    except OSError:
        pass
""",
    "the memory of process 1": """
try:
    maps = open('/proc/1/maps').read()
    memory = open('/proc/1/mem', 'rb')
    print('OPENED PROCESS 1')
except OSError as error:
    print(error)
""",
    "a socket": """
import socket
for family, address in ((socket.AF_INET, ('127.0.0.1', 22)), (socket.AF_INET, ('1.1.1.1', 53))):
    try:
        socket.socket(family).connect(address)
        print('CONNECTED')
    except OSError as error:
        print(error)
""",
    "gc": """
import gc
for thing in gc.get_objects():
    try:
        if isinstance(thing, (str, bytes, dict)) and len(thing) < 10_000:
            print(repr(thing)[:10_000])
    except Exception:
        pass
""",
    "frames": """
import sys
frame = sys._getframe()
while frame:
    print(repr({**frame.f_globals, **frame.f_locals})[:100_000])
    frame = frame.f_back
""",
    "the environment": "import os\nprint(dict(os.environ))\n",
}


def exercise(result, name="causal_mask"):
    return next(e for e in result.exercises if e.name == name)


@pytest.mark.parametrize("attack", FORGING.values(), ids=FORGING)
def test_forging_gains_nothing(classroom, attack):
    honest = classroom.grade({"causal_mask": WRONG})
    result = classroom.grade({"causal_mask": attack + WRONG})
    assert exercise(result).points <= exercise(honest).points == 0
    assert result.points <= honest.points
    assert result.status in (Status.GRADED, Status.TIMED_OUT)


def secrets(mini):
    """Bytes that only the trusted side has: names and answers of hidden cases, and the solution."""
    from workbook.key import Answers

    key = Answers.load(mini.solutions("01_mini") / "answers.safetensors")
    hidden = [
        name for e in key.exercises.values() for name, case in e["cases"].items() if case["hidden"]
    ]
    assert len(hidden) == 5, hidden
    titles = ["large scores stay finite", "scores that are kept are unchanged"]
    return [*hidden, *titles, "BEGIN SOLUTION"]


@pytest.mark.parametrize("spy", READING.values(), ids=READING)
def test_reading_finds_no_answer(classroom, mini, spy):
    from autograder.sandbox.steps import Cell

    setup = next(c for c in classroom.solution["cells"] if c["id"] == "imports")
    wanted = {"causal_mask": spy + WRONG}
    sandbox = classroom.grader.sandbox
    [_, result] = sandbox.run(
        [Cell("imports", "".join(setup["source"])), Cell("causal_mask", _searching(spy, mini))],
        "01_mini",
    )
    assert "FOUND" not in result.output, result.output
    assert "CONNECTED" not in result.output
    assert "OPENED PROCESS 1" not in result.output
    assert "searched" in result.output, result
    assert exercise(classroom.grade(wanted)).points == 0


def _searching(spy, mini):
    """The spy with a print that looks for the secrets itself: what is sent out is capped.

    The words are mangled in the source, so that the search doesn't find itself.
    """
    mangled = json.dumps([word[::-1] for word in secrets(mini)])
    return f"""
import builtins as _b, json as _j
_needles = [w[::-1] for w in _j.loads({mangled!r})]
_found, _looked = set(), [0]
def print(*things):
    text = ' '.join(t.decode('latin-1') if isinstance(t, bytes) else str(t) for t in things)
    _looked[0] += len(text)
    _found.update(i for i, w in enumerate(_needles) if w in text and text.count(w) and '_needles' not in text)
{spy}
_b.print(*('FOUND %d' % i for i in _found))
_b.print('searched', _looked[0])
"""


def test_the_search_itself_finds_what_is_there(classroom, mini):
    """A search that can't find anything would prove nothing."""
    from autograder.sandbox.steps import Cell

    spy = "print('xx kept_scores xx')\n"
    [result] = classroom.grader.sandbox.run([Cell("spy", _searching(spy, mini))], "01_mini")
    assert "FOUND 0" in result.output


def test_one_submission_leaves_nothing_for_the_next(classroom):
    leave = """
import os, subprocess, threading, sys, workbook
for place in ('/tmp', '/dev/shm', os.getcwd(), os.path.expanduser('~')):
    try:
        open(os.path.join(place, 'left_behind'), 'w').write('answers')
    except OSError:
        pass
workbook.left_behind = True
if hasattr(os, 'fork'):
    try:
        if os.fork() == 0:
            import time; time.sleep(60); os._exit(0)
    except OSError:
        pass
"""
    classroom.grade({"causal_mask": leave + WRONG})
    look = """
import os, workbook
found = [p for top in ('/tmp', '/dev/shm') for f, _, names in os.walk(top) for p in names if 'left' in p]
assert not found and not hasattr(workbook, 'left_behind'), found
"""
    processes = "assert len([p for p in os.listdir('/proc') if p.isdigit()]) <= 2\n"
    level = classroom.grader.sandbox.level
    result = classroom.grade(
        {"Scale": look + (processes if level == "bubblewrap" else "") + _scale(classroom)}
    )
    assert exercise(result, "Scale").status == Status.PASSED, exercise(result, "Scale").cases


def _scale(classroom):
    return "".join(next(c for c in classroom.solution["cells"] if c["id"] == "Scale")["source"])
