"""The notebook's grader: checks that explain themselves, pictures that wait for a right answer."""

import difflib
import sys
from pathlib import Path
from typing import Any

from workbook import calls
from workbook.assess import assess
from workbook.cases import answers_for, run_case
from workbook.evaluate import eager
from workbook.imports import quick_imports
from workbook.report import NOT_YET, Report
from workbook.status import Status


class Notebook:
    """The notebook's grader: `check` runs an exercise's public cases, `ready` guards a picture."""

    def __init__(self, tests_dir="tests"):
        import jax

        with quick_imports():
            import otter

        # the references were made on a CPU: a GPU's default, TF32, errs in the third digit
        jax.config.update("jax_default_matmul_precision", "highest")
        self._otter = otter.Notebook(tests_dir=str(_folder_of_tests(tests_dir)))
        self._folder = Path(self._otter._tests_dir)
        self._passed: dict[str, Any] = {}
        self._callables: list[Any] = []

    def __getattr__(self, name):
        return getattr(self._otter, name)

    def check(self, exercise: str, global_env: dict[str, Any] | None = None) -> Any:
        """Run the public cases of an exercise and show what they found."""
        env = sys._getframe(1).f_globals if global_env is None else global_env
        if self._otter._grading_mode:
            return self._otter.check(exercise, global_env=env)
        return self._check(exercise, env)

    def ready(self, *exercises: str) -> bool:
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
        answers = answers_for(str(path))
        cases = {
            c.body.test_func.__name__: c for c in ExceptionTestFile.from_file(str(path)).test_cases
        }
        with eager.installed():
            outcomes = {name: run_case(case.body.test_func, env) for name, case in cases.items()}
        found = assess(answers, exercise, outcomes)
        rows = [(cases[name].name, verdict) for name, verdict in found.verdicts.items()]
        self._passed.pop(exercise, None)
        if found.status == Status.PASSED:
            self._passed[exercise] = env.get(exercise)
        facts = answers.exercises[exercise]
        quiz, word = facts.get("quiz", False), found.word
        report = Report(exercise, rows, word.hint or None, quiz=quiz, more=word.more)
        if report.status == NOT_YET:
            needs = facts.get("needs", ())
            report.waits_for = [name for name in needs if not self._is_right(name, env)]
            if report.waits_for and not word.whole:  # what they give is mixed into its values
                report.hint = None
        return report

    def _forget_old_programs(self, env):
        """Programs are kept by the function they call, which may call one that is new since then."""
        callables = [value for value in env.values() if callable(value)]
        if [id(value) for value in callables] != [id(value) for value in self._callables]:
            calls.forget()
        self._callables = callables

    def _missing(self, exercise):
        known = sorted(p.stem for p in self._folder.glob("*.py"))
        if not known:
            return f"there are no tests in {self._folder}/: {_how_to_get_tests()}"
        close = difflib.get_close_matches(exercise, known, 1)
        return f"there is no exercise of this name{f'; did you mean {close[0]}?' if close else ''}"


# ---------------------------------------------------------------- where the tests are


def _folder_of_tests(given):
    """The folder as it is given; where there is none, in a course's tree, what its students get."""
    released = _released() / "tests"
    return released if not Path(given).is_dir() and released.is_dir() else given


def _released():
    """Beside a course's source/NN_name/ and solutions/NN_name/: its release/NN_name/."""
    here = Path.cwd()
    course = here.parent.parent if here.parent.name in ("source", "solutions") else here
    return course / "release" / here.name


def _how_to_get_tests():
    here = Path.cwd()
    if here.parent.name in ("source", "solutions"):
        return f"they are in {_released()}/tests/ after autograder build {here.name[:2]}"
    return "copy the whole folder of this practical"
