"""What a student's notebook does: calls as one program, and checks that explain."""

import shutil
import subprocess
import sys

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import workbook
from workbook import integers, module, normal, raises, run
from workbook.cases import run_case


def test_inputs_never_change():
    np.testing.assert_allclose(
        normal(3, 2, 2), [[1.7886285, 0.43650985], [0.09649747, -1.8634927]], rtol=1e-6
    )
    assert integers(3, 0, 10, 6).tolist() == [8, 9, 3, 8, 8, 0]
    assert (normal(0, 1).dtype, integers(0, 0, 2, 1).dtype) == (jnp.float32, jnp.int32)


class Calls(list):
    """Notes for each call whether its argument was traced."""

    def note(self, x):
        self.append(isinstance(x, jax.core.Tracer))


def test_what_traces_runs_as_one_program():
    calls = Calls()

    def f(x, k, *, mask=None):
        calls.note(x)
        return x * k if mask is None else jnp.where(mask, x, 0.0)

    x = normal(0, 2, 3)
    assert jnp.array_equal(run(f, x, 3.0), x * 3.0)
    assert jnp.array_equal(
        run(f, x, 3.0, mask=np.array([True, False, True])), x * np.float32([1, 0, 1])
    )
    assert calls == [True, True]


NOT_TRACEABLE = {
    "numpy": lambda x: np.where(np.asarray(x) > 0, x, 0),
    "a Python if": lambda x: x if float(x.sum()) > 0 else -x,
    "an item": lambda x: x.at[0, int(x[0, 0] > 0)].set(1.0),
}


@pytest.mark.parametrize("f", NOT_TRACEABLE.values(), ids=NOT_TRACEABLE)
def test_what_does_not_trace_gives_the_same_value(f):
    x = normal(1, 2, 3)
    np.testing.assert_allclose(run(f, x), f(x))


def test_what_prints_shows_numbers_not_tracers(capsys):
    def f(x):
        print("sum", float(jnp.sum(x)) if not isinstance(x, jax.core.Tracer) else x)
        return x

    run(f, jnp.ones(3))
    assert capsys.readouterr().out == "sum 3.0\n"


def test_fixed_arguments_of_other_types_are_other_programs():
    def f(x, k):
        return jnp.full(x.shape, str(type(k)) == "<class 'bool'>")

    assert not run(f, normal(0, 1), 1).any()
    assert run(f, normal(0, 1), True).all()


def test_an_error_is_the_eager_one():
    def f(x):
        if isinstance(x, jax.core.Tracer):
            raise TypeError("while tracing")
        raise ValueError("for real")

    with pytest.raises(ValueError, match="for real"):
        run(f, normal(0, 1))
    assert raises(ValueError, f, normal(0, 1))
    assert not raises(KeyError, f, normal(0, 1))
    assert not raises(ValueError, lambda: 1)


def test_a_blank_passes_through_raises():
    def blank():
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        raises(RuntimeError, blank)  # NotImplementedError is a RuntimeError


class InCall(hk.Module):
    def __init__(self, width, name=None):
        super().__init__(name=name)
        self.width = width

    def __call__(self, x, scale=None):
        y = hk.Linear(self.width, name="query")(x)
        return y if scale is None else y * scale


class InInit(hk.Module):
    def __init__(self, width, name=None):
        super().__init__(name="in_call")
        self.query = hk.Linear(width, name="query")

    def __call__(self, x, scale=None):
        return self.query(x)


def test_modules_are_filled_by_path_and_shape_wherever_their_layers_are_made():
    x = normal(0, 2, 3)
    one, other = module(InCall, 4), module(InInit, 4)
    assert (
        one.shapes(x) == other.shapes(x) == [("in_call/query/b", (4,)), ("in_call/query/w", (3, 4))]
    )
    np.testing.assert_allclose(one(one.fill(x), x), other(other.fill(x), x))
    assert not np.allclose(one(one.fill(x), x), one(one.fill(x, seed=1), x))
    np.testing.assert_allclose(
        one(one.fill(x), x, scale=2 * jnp.ones(())), 2 * one(one.fill(x), x), rtol=1e-6
    )
    assert np.any(one.init(x)["in_call/query"]["w"]) and not np.any(
        one.init(x)["in_call/query"]["b"]
    )


def test_a_case_notes_values_and_failures():
    def case(f, missing):
        workbook.expect(f)
        raise AssertionError("told you")

    outcome = run_case(case, {"f": 1, "missing": 2})
    assert [o.tree for o in outcome.observations] == [{"number": 1}]
    assert (outcome.failure.type, outcome.failure.message) == ("AssertionError", "told you")
    assert "missing isn't defined" in run_case(case, {"f": 1}).failure.message

    def leaves(f):
        sys.exit(0)

    assert run_case(leaves, {"f": 1}).failure.type == "SystemExit"


# ---------------------------------------------------------------- in a notebook's folder

BLANK = "def causal_mask(scores):\n    raise NotImplementedError('still to do')\n"
RIGHT = "def causal_mask(scores):\n    return jnp.where(jnp.triu(jnp.ones(scores.shape[-2:], bool), 1), -jnp.inf, scores)\n"


@pytest.fixture
def desk(mini, tmp_path, monkeypatch):
    """A student's folder with a grader; `desk(source)` runs a cell, `desk.check` checks."""
    folder = shutil.copytree(mini.release("01_mini"), tmp_path / "desk")
    monkeypatch.chdir(folder)

    class Desk:
        names = {"jnp": jnp, "jax": jax, "hk": hk}
        grader = workbook.Notebook()

        def __call__(self, source):
            exec(compile(source, "cell", "exec"), self.names)

        def check(self, name="causal_mask"):
            with jax.numpy_dtype_promotion("standard"):
                return self.grader.check(name, global_env=self.names)

    desk = Desk()
    desk.names["grader"] = desk.grader
    return desk


def test_the_three_kinds_of_message(desk):
    desk(BLANK)
    assert repr(desk.check()) == (
        "causal_mask: not started\n  Fill in the blank above, run its cell, then run this one again."
    )
    desk(RIGHT.replace(", 1)", ", 0)"))
    assert repr(desk.check()) == (
        "causal_mask: not yet right\n"
        "  ✗ future keys get no weight\n"
        "      the result at [0, 0, 0] is nan, not a number (18 of 24 entries differ)\n"
        "  Hint: May a token attend to itself?"
    )
    desk(RIGHT)
    assert repr(desk.check()) == (
        "causal_mask: right\n  The public check passes; more are tried after you hand in."
    )


def test_every_known_mistake_with_a_public_trace_gets_its_hint(desk, mini):
    from autograder.authoring.material import read_material

    material = read_material(mini, mini.root / "source" / "01_mini.py")
    desk(RIGHT)
    hinted = []
    for name, variants in material.variants.items():
        for variant in variants:
            desk(variant.source)
            report = desk.check(name)
            assert report.hint in (None, variant.hint)
            assert (report.status == "right") >= variant.accepted
            hinted += [variant.name] if report.hint else []
        desk(material.practical.exercises[name].solution.source)
    assert hinted == [
        "masks the diagonal too", "masks the past", "sets the future to zero",
        "softmax over the queries", "no mask", "one scale for all features", "another name",
    ]  # fmt: skip


def test_an_exercise_that_builds_on_a_wrong_one_says_so(desk):
    desk(RIGHT.replace(", 1)", ", 0)"))
    desk("def causal_weights(scores):\n    return jax.nn.softmax(causal_mask(scores))\n")
    builds = "It builds on causal_mask, which isn't right yet: begin there."
    assert builds in repr(desk.check("causal_weights"))
    desk(RIGHT)
    assert desk.check("causal_weights").status == "right"
    desk("def causal_weights(scores):\n    return jax.nn.softmax(scores)\n")
    assert "builds on" not in repr(desk.check("causal_weights"))


def test_an_error_shows_the_students_own_line(desk, tmp_path):
    (tmp_path / "cell.py").write_text(RIGHT.replace("scores)\n", "score)\n"))
    exec(compile((tmp_path / "cell.py").read_text(), str(tmp_path / "cell.py"), "exec"), desk.names)
    text = repr(desk.check())
    assert "NameError: name 'score' is not defined" in text
    assert "(your line 2: return jnp.where(" in text


def test_pictures_wait_for_right_answers(desk, capsys):
    desk(BLANK)
    desk("shown = grader.ready('causal_mask', 'Scale')")
    assert desk.names["shown"] is False
    said = "Something to look at appears here once causal_mask and Scale pass their checks.\n"
    assert capsys.readouterr().out == said
    desk(RIGHT)
    desk("shown = grader.ready('causal_mask')")
    assert desk.names["shown"] is True
    desk(BLANK)  # a new definition is checked again
    desk("shown = grader.ready('causal_mask')")
    assert desk.names["shown"] is False


@pytest.mark.parametrize(
    ("name", "problem"),
    [("causal", "did you mean causal_mask?"), ("xyz", "there is no exercise of this name")],
)
def test_a_name_that_is_no_exercise(desk, name, problem):
    assert problem in repr(desk.check(name))


def test_a_folder_without_tests_says_what_to_copy(desk):
    shutil.rmtree("tests")
    assert "copy the whole folder" in repr(desk.check())


CHECK = (
    "import jax, jax.numpy as jnp\nfrom workbook import Notebook\ngrader = Notebook()\n"
    f"{RIGHT}\nprint(grader.check('causal_mask'))\n"
)


def checked_in(folder):
    """What a check says in a kernel that runs in this folder."""
    command = [sys.executable, "-c", CHECK]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout or done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["source", "solutions"])
def test_notebooks_of_the_course_are_checked_where_they_lie(mini, folder):
    assert checked_in(mini.root / folder / "01_mini").startswith("causal_mask: right\n")


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["source", "solutions"])
def test_where_nothing_is_released_it_says_how_to(tmp_path, folder):
    place = tmp_path / folder / "01_mini"
    place.mkdir(parents=True)
    said = checked_in(place)
    assert f"in {tmp_path}/release/01_mini/tests/ after autograder build 01\n" in said


def test_the_html_of_a_report_shows_text_as_text(desk):
    desk("def causal_mask(scores):\n    raise ValueError('<script>alert(1)</script>')\n")
    html = desk.check()._repr_html_()
    assert "&lt;script&gt;" in html
    assert "<script" not in html
    desk("def causal_mask(scores):\n    raise ValueError('a `b<` c')\n")
    assert "a <code>b&lt;</code> c" in desk.check()._repr_html_()


@pytest.mark.parametrize(
    ("source", "passed"), [(RIGHT, True), (RIGHT.replace(", 1)", ", 0)"), False)]
)
def test_plain_otter_comes_to_the_same_verdict(desk, source, passed):
    from otter.test_files.exception_test import ExceptionTestFile

    desk(source)
    tests = ExceptionTestFile.from_file("tests/causal_mask.py")
    with jax.numpy_dtype_promotion("standard"):
        tests.run(desk.names)
    [result] = tests.test_case_results
    assert result.passed is passed
    assert passed or "it should be" in result.message or "not a number" in result.message


@pytest.mark.slow
def test_a_notebook_folder_needs_nothing_of_ours_installed(mini, tmp_path):
    """The release alone: `import workbook` finds the copy in the folder, the autograder isn't used."""
    folder = shutil.copytree(mini.release("01_mini"), tmp_path / "alone")
    script = (
        "import sys\nsys.path.insert(0, '.')\nimport jax, jax.numpy as jnp\nimport workbook\n"
        "assert workbook.__file__.startswith(sys.argv[1]), workbook.__file__\n"
        f"grader = workbook.Notebook()\n{RIGHT}\n"
        "print(grader.check('causal_mask').status)\nassert 'autograder' not in sys.modules\n"
    )
    command = [sys.executable, "-c", script, str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.stdout == "right\n", done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "first", ["import autograder.authoring.build", "import workbook; workbook.Notebook('.')"]
)
def test_what_is_left_out_for_speed_is_there_for_whoever_imports_it_later(first, tmp_path):
    """And nobody waits for it before."""
    late = "import sys; print('rfc3987_syntax' in sys.modules); import rfc3987_syntax"
    done = subprocess.run(
        [sys.executable, "-c", f"{first}; {late}"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "False\n"), done.stderr
