"""What edits of right answers give: mistakes that nobody listed, recorded beside those that somebody did."""

import contextlib
import hashlib
import json
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence

from workbook.assess import assess
from workbook.key import Answers
from workbook.status import Status
from workbook.values import CaseOutcome

from autograder.authoring.altered import Edit, altered_inputs
from autograder.authoring.cases import TestFile
from autograder.authoring.edits import edits
from autograder.authoring.mistakes import Variant
from autograder.authoring.running import run_cases

LONGEST = 10  # seconds that the cases of an edit may take
KEPT = 2  # failing cases of each side whose values are kept


class StillRunningError(BaseException):
    """An edit that doesn't end; no Exception, which cases take for a failure."""


Known = Callable[[str, CaseOutcome], dict]  # keeps a sketch of what a failing case saw


def record_generated(
    key: Answers,
    known: Known,
    tests: TestFile,
    names: Mapping,
    solution: str,
    variants: Sequence[Variant],
    all_of_them: bool = True,
) -> list[Edit]:
    """Record what edits of an exercise's right answers give; returns those that no hidden case rejects.

    If not all of them, only arguments are held at their defaults.
    Of edits that give the same values the first one's sentence is kept: altered inputs come first,
    whose sentences hold for every answer that gives those values.
    """
    if all_of_them:
        accepted = [variant.source for variant in variants if variant.accepted]
        made = edits(tests.exercise, solution, accepted)
        key.exercises[tests.exercise]["edits"] = _digest(made)
    else:
        made = [edit for edit in altered_inputs(tests.exercise, solution) if edit.default]
    hidden, unnoticed = {case.name for case in tests.cases if case.hidden}, []
    for edit in made:
        outcomes = _outcomes(tests, names, edit)
        if outcomes is None:
            continue
        found = assess(key, tests.exercise, outcomes)
        failing = [c for c, verdict in found.verdicts.items() if verdict.status != Status.PASSED]
        if not hidden & set(failing):
            unnoticed.append(edit)
        if failing and not found.word.whole and not all(outcomes[case].failure for case in failing):
            _store(key, known, tests, edit, outcomes, failing)
    return unnoticed


def _outcomes(tests, names, edit):
    """What the cases see of an edit; None of one that isn't code, or doesn't end."""
    changed = dict(names)
    try:
        with _limited(), warnings.catch_warnings(action="ignore"):
            exec(compile(edit.source, f"<{edit.what}>", "exec"), changed)
            return run_cases(tests.cases, changed)
    except (Exception, StillRunningError):
        return None


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # nothing can be limited there
        yield
        return
    before = signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, LONGEST, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _stop(number, frame):
    raise StillRunningError


def _store(key, known, tests, edit, outcomes, failing):
    exercise = tests.exercise
    mistakes = key.exercises[exercise]["mistakes"]
    hidden = {case.name: case.hidden for case in tests.cases}
    cases: dict[str, dict] = {}
    for case in failing:
        kept = sum(bool(cases[c]) and hidden[c] == hidden[case] for c in cases)
        cases[case] = {}
        if kept < KEPT:
            prefix = f"{exercise}/{case}/mistake {len(mistakes)}"
            cases[case] = known(prefix, outcomes[case])
    facts = {"name": edit.what, "hint": edit.sentence, "cases": cases, "generated": True}
    mistakes.append(facts)


def _digest(made):
    """By which a key is known to be of these edits, whatever a machine's rounding makes of them."""
    text = json.dumps([(edit.source, edit.sentence) for edit in made])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
