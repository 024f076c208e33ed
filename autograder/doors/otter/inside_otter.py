"""What `autograder package` puts beside otter's tests: the answer key judges there as in our grader.

It runs in the kernel that runs the submission, so it imports nothing of the package.
"""

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from workbook.assess import assess
from workbook.cases import run_case
from workbook.key import Answers
from workbook.status import Status


class NotStarted(Exception):
    """The blank of an exercise isn't filled in."""


class NotYetRight(Exception):
    """A case isn't passed; the message is the student's."""


@functools.cache
def _answers():
    return Answers.load(Path(__file__).with_name("answers.safetensors"))


class Exercise:
    """The cases of one exercise ({name: function}), which run when the first of them is asked for."""

    def __init__(self, name: str, cases: Mapping[str, Callable]):
        self._name, self._cases = name, cases
        self._complaints: dict[str, Exception | None] | None = None

    def complaint(self, case: str, env: dict[str, Any]) -> Exception | None:
        """What is to be raised for a case, in a notebook with the globals `env`; None: it passes."""
        if self._complaints is None:
            self._complaints = dict(self._judge(env))
        return self._complaints[case]

    def _judge(self, env):
        key, name = _answers(), self._name
        outcomes = {case: run_case(function, env) for case, function in self._cases.items()}
        found = assess(key, name, outcomes)
        facts = key.exercises[name]["cases"]
        public = {case: outcome for case, outcome in outcomes.items() if not facts[case]["hidden"]}
        hints = [assess(key, name, public).hint, found.hint]  # what hidden cases find stays theirs
        said = {verdict.message for verdict in found.verdicts.values()}
        for case, verdict in found.verdicts.items():
            if verdict.status in (Status.PASSED, Status.NOT_STARTED):
                yield case, None if verdict.status == Status.PASSED else NotStarted("nothing yet")
                continue
            hint = hints[facts[case]["hidden"]]
            more = f"\nHint: {hint}" if hint and hint not in said else ""
            said.add(hint)
            yield case, NotYetRight(verdict.message + more)
