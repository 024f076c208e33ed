import os
import signal
import threading
from dataclasses import replace

import numpy as np
import pytest
from workbook.compare import compare

from autograder.sandbox.client import Sandbox
from autograder.sandbox.conftest import LIMITS
from autograder.sandbox.conversation import Child, Struck
from autograder.sandbox.steps import Case, Cell, StepResult

PREAMBLE = """
import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run
"""


def run_cells(sandbox, *sources):
    return sandbox.run([Cell(f"cell {i}", source) for i, source in enumerate(sources)], "p")


def case(name, arguments, body):
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    source = f"{PREAMBLE}\n@test_case(name='x', points=1)\ndef {name}({arguments}):\n{lines}\n"
    return Case("exercise", name, source)


# ---------------------------------------------------------------- cells


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        pytest.param("1 + 1", "2", id="value of the last line"),
        pytest.param("print('æ\\ud800')", "æ\\ud800", id="text that can't be encoded"),
        pytest.param("%%time\nprint('hi')", "hi", id="cell magic"),
        pytest.param("%matplotlib inline\nprint('ok')", "ok", id="matplotlib magic"),
        pytest.param("%config InlineBackend.figure_format = 'svg'", "", id="config magic"),
        pytest.param("import helpers; print(helpers.ANSWER)", "42", id="the practical's module"),
        pytest.param("print(open('data/numbers.txt').read())", "1 2 3", id="its data"),
        pytest.param("open('new', 'w').write('x'); print(open('new').read())", "x", id="own file"),
        pytest.param("import sys; print('warn', file=sys.stderr)", "warn", id="stderr"),
        pytest.param("import networkx, gymnasium; print('there')", "there", id="imports"),
        pytest.param(
            "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nprint(plt.gcf())",
            "Figure",
            id="a plot",
        ),
        pytest.param(
            "import workbook\ng = workbook.Notebook()\ng.check('a')\nprint(g.ready('a'))",
            "False",
            id="the grader's stand-in",
        ),
        pytest.param("import otter; otter.Notebook().check('a')", "", id="otter's stand-in"),
        pytest.param("async def f(): return 7\nprint(await f())", "7", id="top-level await"),
    ],
)
def test_runs(sandbox, source, printed):
    (result,) = run_cells(sandbox, source)
    assert result.status == "ok", result
    assert printed in result.output


@pytest.mark.parametrize(
    "source",
    ["!echo out", "x = !echo out", "%pip install out", "%%bash\necho out", "%unknown", "%%sh\nls"],
)
def test_what_reaches_outside_does_nothing_and_says_so(sandbox, source):
    (result,) = run_cells(sandbox, source)
    assert result.status == "ok"
    assert "Not run while grading" in result.output


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("def f(:", "SyntaxError"),
        ("import sys; sys.exit()", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("class E(BaseException): pass\nraise E", "E"),
        ("class E(Exception):\n  def __str__(self): raise E\nraise E", "E"),
        ("raise NotImplementedError('TODO')", "NotImplementedError"),
    ],
)
def test_an_error_is_the_cells_own(sandbox, source, kind):
    before, failing, after = run_cells(sandbox, "a = 1", source, "print(a)")
    assert (before.status, failing.status, after.status) == ("ok", "error", "ok")
    assert failing.failure.type == kind
    assert after.output == "1\n"


def test_a_failure_names_the_line(sandbox):
    (result,) = run_cells(sandbox, "def f():\n    return 1 / 0\nf()")
    assert result.failure.line == "line 2: return 1 / 0"


def test_only_the_end_of_the_output_is_kept(sandbox):
    (result,) = run_cells(sandbox, "for i in range(9999): print(i)")
    assert result.output.endswith("9997\n9998\n")
    assert len(result.output) <= 2000


def test_each_submission_starts_afresh(sandbox):
    run_cells(sandbox, "import jax; jax.numpy.ones = None; a = 1; open('left', 'w')")
    results = run_cells(sandbox, "import jax; jax.numpy.ones(3)", "a", "open('left')")
    assert [r.failure and r.failure.type for r in results] == [
        None,
        "NameError",
        "FileNotFoundError",
    ]


# ---------------------------------------------------------------- cases


def test_a_case_sends_its_values(sandbox):
    cell = Cell("f", "def f(x):\n    return {'a': x.sum(), 'b': (x, None, 'text', 3)}")
    sent = case("works", "f", "expect(run(f, normal(1, 2, 3)))\nexpect(jnp.ones(2) * 1j)")
    result = sandbox.run([cell, sent], "p")[1]
    assert result.status == "ok"
    first, second = result.observations
    x = np.random.RandomState(1).normal(size=(2, 3)).astype(np.float32)
    np.testing.assert_allclose(first.arrays[0], x.sum(), rtol=1e-5)
    np.testing.assert_array_equal(first.arrays[1], x)
    assert first.tree["dict"][1][1]["list"][1:] == [{"none": True}, {"text": "text"}, {"number": 3}]
    assert compare(second, second) is None
    assert second.tree == {"array": 0, "complex": True}


@pytest.mark.parametrize(
    ("value", "tree"),
    [
        ("jnp.ones(2, jnp.bfloat16)", {"array": 0}),
        ("np.zeros((0, 3))", {"array": 0}),
        ("10 ** 30", {"other": "a huge integer"}),
        ("jax.random.key(0)", {"other": "PRNGKeyArray"}),
        ("float('nan')", None),
        ("object()", {"other": "object"}),
        ("'\\ud800'", {"text": "?"}),
    ],
)
def test_values_of_every_kind_arrive(sandbox, value, tree):
    (result,) = sandbox.run([case("sends", "", f"expect({value})")], "p")
    assert result.status == "ok"
    assert tree in (None, result.observations[0].tree)


def test_values_before_a_failure_arrive_too(sandbox):
    (result,) = sandbox.run([case("fails", "", "expect(1)\nassert False, 'why'")], "p")
    assert (result.status, result.failure.type) == ("error", "AssertionError")
    assert result.failure.message == "why"
    assert len(result.observations) == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [("f(1)", "NotImplementedError"), ("g", "NameError"), ("raise SystemExit", "SystemExit")],
)
def test_a_case_that_fails(sandbox, body, kind):
    cell = Cell("f", "def f(x):\n    raise NotImplementedError('TODO')")
    result = sandbox.run([cell, case("fails", "f", body)], "p")[1]
    assert (result.status, result.failure.type) == ("error", kind)


def test_a_missing_name_is_said(sandbox):
    (result,) = sandbox.run([case("asks", "nothing", "pass")], "p")
    assert "nothing isn't defined" in result.failure.message


def test_values_too_large_are_refused(sandbox):
    (result,) = sandbox.run([case("sends", "", "expect(np.ones(9 << 20))")], "p")
    assert (result.status, result.observations) == ("error", [])
    assert "too large" in result.failure.message


def test_what_an_exercises_cases_send_is_bounded_as_a_whole(sandbox):
    """The grader holds the values of all cases of an exercise until it has judged them."""
    megabytes = "expect(np.ones({} << 20, np.uint8))"
    steps = [case(f"sends_{n}", "", megabytes.format(3)) for n in range(4)]
    steps += [case("small", "", "expect(1)"), replace(steps[0], exercise="other")]
    results = sandbox.run(steps, "p")
    assert [len(r.observations) for r in results] == [1, 1, 0, 0, 1, 1]
    assert "too large" in results[2].failure.message
    texts = case("texts", "", "expect(['x' * 1000] * 500)")  # text takes more room once it is read
    assert [len(r.observations) for r in sandbox.run([texts], "p")] == [0]


# ---------------------------------------------------------------- limits

STRIKES = [
    ("loop", "while True: pass", "timed out"),
    ("deaf loop", "while True:\n  try:\n    while True: pass\n  except BaseException: pass", "timed out"),
    ("loop in C", "sum(range(10**12))", "timed out"),
    ("repr", "class A:\n  def __repr__(self):\n    while True: pass\nA()", "timed out"),
    ("huge array", "import numpy as np; np.ones(4 << 30)", "out of memory"),
    ("huge jax array", "import jax.numpy as jnp; jnp.ones((1 << 16, 1 << 16)) + 1", "out of memory"),
    ("creeping", "x = []\nwhile True: x.append(bytes(1 << 22))", "out of memory"),
    ("print", "while True: print('x' * 1000)", "too much output"),
    ("raw output", "import os\nwhile True: os.write(2, b'x' * 4096)", "too much output"),
    ("exit", "import os; os._exit(0)", "crashed"),
    ("segfault", "import ctypes; ctypes.string_at(0)", "crashed"),
    ("abort", "import os; os.abort()", "crashed"),
    ("fork bomb", "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass", "crashed"),
    ("close all", "import os; os.closerange(0, 99)", "crashed"),
    ("threads", "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(9,)).start()", "error"),
    ("big file", "open('f', 'wb').write(bytes(17 << 20))", "error"),
    ("files", "import os\nx = []\nwhile True: x.append(os.open('/dev/null', 0))", "error"),
    ("recursion", "def f(): f()\nf()", "error"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "status"), [pytest.param(s, status, id=name) for name, s, status in STRIKES]
)
def test_a_limit_strikes_and_the_rest_goes_on(sandbox, source, status):
    before, struck, after = run_cells(sandbox, "a = 1", source, "print(a + 1)")
    assert (before.status, struck.status, after.status) == ("ok", status, "ok"), struck
    assert after.output == "2\n"


@pytest.mark.slow
def test_a_case_that_loops_costs_only_itself(sandbox):
    steps = [
        Cell("f", "def f():\n    while True: pass"),
        case("loops", "f", "f()"),
        case("works", "f", "expect(callable(f))"),
    ]
    assert [r.status for r in sandbox.run(steps, "p")] == ["ok", "timed out", "ok"]


@pytest.mark.slow
def test_the_submissions_time_ends_the_rest(course, sandbox):
    limits = replace(LIMITS, submission_seconds=1)
    with Sandbox({"p": course}, limits, level=sandbox.level) as quick:
        run_cells(quick, "1")  # started
        results = run_cells(quick, "while True: pass", "1", "2")
    assert [r.status for r in results] == ["timed out", "not run", "not run"]
    assert results[2] == StepResult("not run")


@pytest.mark.slow
def test_waiting_for_others_takes_none_of_a_submissions_time(course, sandbox):
    """Forty honest cells of some one or two seconds in all, four at once on whatever processors there are."""
    limits = replace(LIMITS, submission_seconds=6)
    cells = ["x = 0\nfor i in range(500_000): x += i"] * 40
    found: dict[int, list] = {}

    def grade(number):
        with Sandbox({"p": course}, limits, level=sandbox.level) as own:
            found[number] = [r.status for r in run_cells(own, *cells)]

    threads = [threading.Thread(target=grade, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {n: ["ok"] * 40 for n in range(4)}


@pytest.mark.slow
def test_a_cell_that_kills_twice_is_left_out(sandbox):
    cells = ["a = 1", "import os; b = 2; os._exit(1)", "os._exit(2)", "print(a)", "b"]
    assert [r.status for r in run_cells(sandbox, *cells)] == [
        "ok",
        "crashed",
        "error",
        "ok",
        "error",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("status", ["timed out", "crashed"])
def test_a_cell_that_fails_only_once_when_it_is_repeated_stays(sandbox, monkeypatch, status):
    asked, really = [], Child.ask

    def ask(child, step, *rest):
        asked.append(step.source)
        answer = really(child, step, *rest)
        if step.source == "a = 1" and asked.count("a = 1") == 2:
            child.broken = status == "crashed"
            raise Struck(status)
        return answer

    monkeypatch.setattr(Child, "ask", ask)
    run = run_cells(sandbox, "a = 1", "import os; os._exit(1)", "print(a)")
    assert asked.count("a = 1") == 3
    assert [r.status for r in run] == ["ok", "crashed", "ok"]


@pytest.mark.slow
def test_a_death_between_steps_is_not_the_next_ones(sandbox):
    late = "import os, threading; threading.Timer(0.3, os._exit, [0]).start()"
    steps = [Cell("late", late), Cell("wait", "import time; time.sleep(0.1)")]
    run = sandbox.run([*steps, Cell("more", "print(1)")], "p")
    assert run[0].status == "ok"
    assert run[2].status in ("ok", "crashed")  # the timer may be repeated and strike again


# ---------------------------------------------------------------- our own side


@pytest.mark.slow
def test_a_dead_zygote_is_replaced(course, sandbox):
    with Sandbox({"p": course}, LIMITS, level=sandbox.level) as mortal:
        run_cells(mortal, "1")
        mortal._host._zygote.send_signal(signal.SIGKILL)
        first, second = run_cells(mortal, "a = 1", "print(a)")
    assert (first.status, second.status, second.output) == ("ok", "ok", "1\n")


@pytest.mark.slow
def test_closing_leaves_no_process(course, sandbox):
    made = Sandbox({"p": course}, LIMITS, level=sandbox.level)
    run_cells(made, "import os\nif os.fork() == 0:\n    import time; time.sleep(99)")
    family = [made._host._process.pid, *(p.pid for p in made._host._family())]
    made.close()
    assert not [pid for pid in family if os.path.exists(f"/proc/{pid}/exe")]


def test_cpu_time_is_counted(sandbox):
    run_cells(sandbox, "sum(range(20_000_000))")
    assert 0.05 < sandbox.cpu_seconds < 5
