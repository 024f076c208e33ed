"""What every notebook uses: made-up inputs, calls as one program, and checks that explain themselves."""

import contextlib
import difflib
import functools
import inspect
import io
import linecache
import re
import sys
import traceback
import zlib
from pathlib import Path

import numpy as np
from answerkey import Answers, CaseOutcome, Failure, Observed, encode
from checkreport import Report

# ---------------------------------------------------------------- inputs and calls for test cases


def normal(seed, *shape):
    """Standard normal float32 values from NumPy's RandomState, a stream that never changes."""
    import jax

    return jax.device_put(np.random.RandomState(seed).normal(size=shape).astype(np.float32))


def integers(seed, low, high, *shape):
    """Uniform int32 values from low to high - 1, from NumPy's RandomState."""
    import jax

    return jax.device_put(
        np.random.RandomState(seed).randint(low, high, size=shape, dtype=np.int32)
    )


def run(f, *args, **kwargs):
    """The value of f(*args, **kwargs): one compiled program where f traces, op by op where not.

    Arrays are the program's inputs, all other arguments are fixed in it. An error while
    tracing, or anything printed, leads to a plain second call, whose outcome counts.
    """
    import jax
    import jax.numpy as jnp

    leaves, tree = jax.tree.flatten((args, kwargs))
    leaves = [jnp.asarray(x) if isinstance(x, np.ndarray) else x for x in leaves]
    is_array = tuple(isinstance(x, jax.Array) for x in leaves)
    arrays = [x for x, traced in zip(leaves, is_array) if traced]
    fixed = tuple((type(x), x) for x, traced in zip(leaves, is_array) if not traced)
    printed = io.StringIO()
    with contextlib.suppress(Exception), contextlib.redirect_stdout(printed):
        value = _program()(f, tree, is_array, fixed, arrays)
        if not printed.getvalue():
            return value
    args, kwargs = jax.tree.unflatten(tree, leaves)
    return f(*args, **kwargs)


@functools.cache
def _program():
    import jax

    def call(f, tree, is_array, fixed, arrays):
        arrays, fixed = iter(arrays), iter(fixed)
        leaves = [next(arrays) if traced else next(fixed)[1] for traced in is_array]
        args, kwargs = jax.tree.unflatten(tree, leaves)
        return f(*args, **kwargs)

    return jax.jit(call, static_argnums=(0, 1, 2, 3))


@functools.lru_cache(maxsize=64)
def over_keys(f, count):
    """The function (key, ...) that calls f(key, ...) for `count` keys split from one, all at once.

    It is the same object each time, so that `run` compiles it once for many cases.
    """
    import jax

    def call(key, *args, **kwargs):
        return jax.vmap(lambda one: f(one, *args, **kwargs))(jax.random.split(key, count))

    return call


def raises(error, f, *args, **kwargs):
    """Whether a plain call of f raises this type of error (a blank's NotImplementedError goes on)."""
    try:
        f(*args, **kwargs)
    except NotImplementedError:
        raise
    except error:
        return True
    except Exception:
        return False
    return False


def answer(value):
    """A quiz answer in one form: letters small, numbers as floats; `...` is a blank."""
    if value is ...:
        raise NotImplementedError("this question has no answer yet")
    if isinstance(value, str):
        return value.strip().lower()
    if isinstance(value, list | tuple):
        return [answer(item) for item in value]
    with contextlib.suppress(TypeError, ValueError):
        return value if isinstance(value, bool) else float(value)
    return value


def unanswered(answers, letters):
    """The questions ({name: value}) whose value can't be an answer; no letters: a typed number."""
    if all(value is ... for value in answers.values()):
        raise NotImplementedError("no question has an answer yet")

    def can_be(value, letters):
        if isinstance(value, str):
            return answer(value) in list(letters)
        return value is not ... and not letters

    return [name for name, value in answers.items() if not can_be(value, letters[name])]


_SHAPES = {}  # tracing init once for each module and shape of its inputs is enough


class module:
    """A Haiku module class made testable: its parameters by path and shape, and its value."""

    def __init__(self, cls, *args, **kwargs):
        if cls is None:
            raise NameError("the class isn't defined: run its cell first")
        self._pure = _transformed(cls, args, tuple(sorted(kwargs.items())))

    def _parameter_shapes(self, inputs, kwargs):
        import jax

        leaves, tree = jax.tree.flatten((inputs, kwargs))
        facts = tuple((x.shape, x.dtype) if hasattr(x, "dtype") else (type(x), x) for x in leaves)
        if (self._pure, tree, facts) not in _SHAPES:
            key = np.zeros(2, np.uint32)
            params = jax.eval_shape(lambda k: self._pure.init(k, *inputs, **kwargs), key)
            _SHAPES[self._pure, tree, facts] = {
                (path, name): leaf.shape for path in params for name, leaf in params[path].items()
            }
        return _SHAPES[self._pure, tree, facts]

    def shapes(self, *inputs, **kwargs):
        """Sorted (path, shape) of every parameter."""
        shapes = self._parameter_shapes(inputs, kwargs)
        return sorted((_plain_path(path, name), shape) for (path, name), shape in shapes.items())

    def fill(self, *inputs, seed=0, **kwargs):
        """Parameters that depend on seed, path and shape alone, not on the module's initialisers."""
        import jax.numpy as jnp

        params = {}
        for (path, name), shape in self._parameter_shapes(inputs, kwargs).items():
            stream = np.random.RandomState([seed, zlib.crc32(_plain_path(path, name).encode())])
            scale = np.sqrt(shape[0]) if len(shape) > 1 else 2.0
            value = stream.normal(size=shape) / scale
            params.setdefault(path, {})[name] = jnp.asarray(value.astype(np.float32))
        return params

    def init(self, *inputs, seed=0, **kwargs):
        """The parameters that the module's own initialisers draw."""
        return run(
            lambda key: self._pure.init(key, *inputs, **kwargs), np.array([0, seed], np.uint32)
        )

    def __call__(self, params, *inputs, **kwargs):
        return run(self._pure.apply, params, *inputs, **kwargs)


def _plain_path(path, name):
    """A parameter's path without Haiku's marks ("~") for layers made outside __call__."""
    return re.sub(r"/~[^/]*", "", f"{path}/{name}")


@functools.lru_cache(maxsize=64)
def _transformed(cls, args, kwargs):
    import haiku as hk

    def call(*inputs, **options):
        return cls(*args, **dict(kwargs))(*inputs, **options)

    return hk.without_apply_rng(hk.transform(call))


# ---------------------------------------------------------------- running a case

_outcome = None  # the case that run_case is running: expect only notes values for it


def run_case(function, env):
    """Call a case with the names it asks for from env; note what it expects and how it fails."""
    global _outcome
    _outcome = outcome = CaseOutcome()
    try:
        names = list(inspect.signature(function).parameters)
        if missing := [name for name in names if name not in env]:
            raise NameError(f"{missing[0]} isn't defined: run its cell first")
        function(**{name: env[name] for name in names})
    except (Exception, SystemExit) as error:
        outcome.failure = describe_failure(error, env)
    finally:
        _outcome = None
    return outcome


def describe_failure(error, env):
    """The Failure of an exception; `line` is the innermost line of code whose globals are env."""
    line = ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_globals is env:
            line = f"line {number}: {linecache.getline(frame.f_code.co_filename, number).strip()}"
    with contextlib.suppress(Exception):
        return Failure(type(error).__name__, str(error)[:1000], line[:300])
    return Failure(type(error).__name__, "", line[:300])


def expect(value, rtol=None, atol=None, judge=None):
    """State a value that the case is about; it is compared with the reference's value.

    Args:
        value: any pytree of arrays, numbers, strings and None.
        rtol, atol: tolerances for floats (default 1e-4 and 1e-5); other kinds must be equal.
        judge: a function of judges.py; the grader compares what it makes of the value.

    Raises:
        AssertionError: under plain otter, when the value differs.
    """
    seen = Observed(*encode(value), rtol, atol, judge)
    if _outcome is not None:
        _outcome.observations.append(seen)
    else:
        _expect_now(seen, sys._getframe(1))


_counted = (None, 0)  # under plain otter: the running case's frame, and its expects so far


def _expect_now(seen, frame):
    global _counted
    n = _counted[1] if _counted[0] is frame else 0
    _counted = (frame, n + 1)
    answers = _answers_for(frame.f_code.co_filename)
    exercise, case = frame.f_globals["name"], frame.f_code.co_name
    reveal = not answers.exercises[exercise]["cases"][case]["hidden"]
    message = answers.difference(seen, answers.observed(exercise, case)[n], reveal)
    assert message is None, message


@functools.lru_cache(maxsize=8)
def _answers_for(test_file):
    for folder in (Path(test_file).parent, Path()):
        if (folder / "answers.safetensors").exists():
            return Answers.load(folder / "answers.safetensors")
    raise FileNotFoundError("answers.safetensors must lie beside the test files or in this folder")


# ---------------------------------------------------------------- in the notebook


class Notebook:
    """The notebook's grader: `check` runs an exercise's public cases, `ready` guards a picture."""

    def __init__(self, tests_dir="tests"):
        import jax
        import otter

        # the references were made on a CPU: a GPU's default, TF32, errs in the third digit
        jax.config.update("jax_default_matmul_precision", "highest")
        self._otter = otter.Notebook(tests_dir=str(tests_dir))
        self._folder = Path(self._otter._tests_dir)
        self._passed, self._callables = {}, []

    def __getattr__(self, name):
        return getattr(self._otter, name)

    def check(self, exercise, global_env=None):
        """Run the public cases of an exercise and show what they found."""
        env = sys._getframe(1).f_globals if global_env is None else global_env
        if self._otter._grading_mode:
            return self._otter.check(exercise, global_env=env)
        return self._check(exercise, env)

    def ready(self, *exercises):
        """Whether these exercises are right so far; if not, says which to do first."""
        env = sys._getframe(1).f_globals
        waiting = [name for name in exercises if not self._is_right(name, env)]
        if waiting:
            names = " and ".join(waiting)
            pass_ = "passes its check" if len(waiting) == 1 else "pass their checks"
            print(f"Something to look at appears here once {names} {pass_}.")
        return not waiting

    def _is_right(self, exercise, env):
        if exercise not in self._passed or self._passed[exercise] is not env.get(exercise):
            self._check(exercise, env)
        return exercise in self._passed

    def _check(self, exercise, env):
        from otter.test_files.exception_test import ExceptionTestFile

        path = self._folder / f"{exercise}.py"
        if not path.exists():
            return Report(exercise, problem=self._missing(exercise))
        self._forget_old_programs(env)
        answers = _answers_for(str(path))
        cases = {
            c.body.test_func.__name__: c for c in ExceptionTestFile.from_file(str(path)).test_cases
        }
        outcomes = {name: run_case(case.body.test_func, env) for name, case in cases.items()}
        verdicts = {
            name: answers.judge(exercise, name, outcome) for name, outcome in outcomes.items()
        }
        mistake = answers.recognise(exercise, outcomes)
        rows = [(cases[name].name, verdict) for name, verdict in verdicts.items()]
        self._passed.pop(exercise, None)
        if all(v.status == "passed" for v in verdicts.values()):
            self._passed[exercise] = env.get(exercise)
        facts = answers.exercises[exercise]
        report = Report(exercise, rows, mistake and mistake["hint"], quiz=facts.get("quiz", False))
        if report.status == "not yet right":
            needs = facts.get("needs", ())
            report.waits_for = [name for name in needs if not self._is_right(name, env)]
        return report

    def _forget_old_programs(self, env):
        """Programs are kept by the function they call, which may call one that is new since then."""
        callables = [value for value in env.values() if callable(value)]
        if [id(value) for value in callables] != [id(value) for value in self._callables]:
            _program.cache_clear()
            _transformed.cache_clear()
            _SHAPES.clear()
        self._callables = callables

    def _missing(self, exercise):
        known = sorted(p.stem for p in self._folder.glob("*.py"))
        if not known:
            return f"there are no tests in {self._folder}/: copy the whole folder of this practical"
        close = difflib.get_close_matches(exercise, known, 1)
        return f"there is no exercise of this name{f'; did you mean {close[0]}?' if close else ''}"
