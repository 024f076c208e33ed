"""The answer key: recorded from the reference solutions and their variants."""

import contextlib
import json
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import safetensors.numpy
from workbook.assess import assess, judge_all
from workbook.evaluate import everything_compiled
from workbook.key import Answers, failure_text
from workbook.sketch import sketched
from workbook.values import CaseOutcome

from autograder.authoring.cases import TestFile
from autograder.authoring.forgery import forgeries, guesses
from autograder.authoring.generated import record_generated
from autograder.authoring.mistakes import Notes, Variant
from autograder.authoring.percent import Practical
from autograder.authoring.running import run_cases, run_cell
from autograder.authoring.varied import default_problems, same_problems
from autograder.course import KEY_FORMAT
from autograder.status import Status

COMPILED_TOO = 8  # mistakes of an exercise, with its solution and accepted variants


@dataclass(frozen=True)
class Trial:
    """What the cases saw of one cell: "solution", "blank", "mistake" or "accepted"."""

    kind: str
    name: str
    outcomes: dict[str, CaseOutcome]
    seconds: float
    compiled: bool = False  # all of it, not evaluated where that is faster


@dataclass(frozen=True)
class Recorded:
    """What recording one exercise gave: its part of the answer key, or what its author must change."""

    exercise: str
    entry: dict  # in the key's header
    tensors: dict[str, np.ndarray]
    problems: list[str]
    trials: tuple[Trial, ...] = ()  # not kept

    def to_bytes(self) -> bytes:
        """In a form to be kept, the same bytes for the same record."""
        facts = {"exercise": self.exercise, "entry": self.entry, "problems": self.problems}
        text = np.frombuffer(json.dumps(facts).encode(), np.uint8)
        return safetensors.numpy.save(dict(sorted(self.tensors.items())) | {"facts": text})

    @classmethod
    def from_bytes(cls, data: bytes) -> "Recorded":
        """What to_bytes wrote."""
        tensors = safetensors.numpy.load(data)
        facts = json.loads(tensors.pop("facts").tobytes())
        return cls(facts["exercise"], facts["entry"], tensors, facts["problems"])


def record_exercise(
    practical: Practical,
    tests: TestFile,
    names: dict,
    variants: Iterable[Variant],
    judges: Mapping | None = None,
    blanks: dict | None = None,
    thorough: bool = True,
    notes: Notes | None = None,
    edited: bool = True,
) -> Recorded:
    """Run an exercise's reference and variants; nothing of another exercise has a part in it.

    Args:
        thorough: whether right answers and some mistakes are run once more as compiled programs,
            whose verdicts must be the same.
        names: the globals after the provided and solution cells (reference_names).
        judges: the functions of the practical's judges.py and its digest (read_judges).
        blanks: the globals after the same cells as students get them.
        notes: what the author asks where a case is the first that fails, and lets be the same.
        edited: whether all edits of right answers are recorded, or only what is lint is tried.
    """
    variants, notes = list(variants), notes or Notes()
    exercise = practical.exercises[tests.exercise]
    recorder = Recorder(practical, judges, thorough)
    problems = recorder.record(tests, names, variants)
    for case, sentence in notes.cases.items():
        recorder.key.exercises[tests.exercise]["cases"][case]["ask"] = sentence
    if not problems:
        problems = []
        for compiled in (False, True):
            outcomes = recorder.outcomes(tests.exercise, compiled)
            found = hint_problems(recorder.key, tests.exercise, outcomes)
            problems += [problem for problem in found if problem not in problems]
        problems += recorder.blank_problems(tests, blanks) if blanks else []
    if not problems and not exercise.quiz:
        problems += same_problems(tests, names, exercise.solution.source, notes.same)
        unnoticed = record_generated(
            recorder.key, recorder.known, tests, names, exercise.solution.source, variants, edited
        )
        problems += default_problems(tests, unnoticed, notes.same)
    entry = recorder.key.exercises[tests.exercise]
    return Recorded(tests.exercise, entry, recorder.tensors, problems, tuple(recorder.trials))


def assemble(
    practical: Practical, judges: Mapping | None, recorded: Mapping[str, Recorded]
) -> Answers:
    """The answer key of a practical from its exercises' records, in their order."""
    recorder = Recorder(practical, judges)
    for exercise, part in recorded.items():
        recorder.key.exercises[exercise] = part.entry
        recorder.tensors.update(part.tensors)
    return recorder.key


class Recorder:
    """Builds an answer key exercise by exercise; `problems` says what authors must change."""

    def __init__(self, practical: Practical, judges: Mapping | None = None, thorough: bool = False):
        self.practical, self.thorough = practical, thorough
        self.header: dict = {"format": KEY_FORMAT, "practical": practical.name, "exercises": {}}
        if judges:
            self.header["judges"] = judges["digest"]
        self.tensors: dict = {}
        self.key = Answers(self.header, self.tensors, judges)
        self.trials: list[Trial] = []  # of the exercise that was recorded last
        self.compiled_too: set[str] = set()  # its mistakes that are tried as compiled programs, too

    def record(self, tests: TestFile, names: dict, variants: list[Variant]) -> list[str]:
        """Record an exercise's reference values and what its variants give; returns the problems."""
        exercise = self.practical.exercises[tests.exercise]
        entry: dict = {"title": exercise.title, "points": exercise.points}
        entry |= {"cases": {}, "mistakes": []}
        if exercise.needs:
            entry["needs"] = list(exercise.needs)
        if exercise.quiz:
            entry["quiz"] = True
        self.header["exercises"][tests.exercise] = entry
        problems, self.trials = [], []
        outcomes = self._try("solution", tests.exercise, tests, names)
        for case, (name, outcome) in zip(tests.cases, outcomes.items(), strict=True):
            if outcome.failure:
                what = f"{outcome.failure.type}: {outcome.failure.message}"
                problems.append(f"{tests.path}:{case.line}: the solution fails {name}: {what}")
            entry["cases"][name] = {
                "title": case.title,
                "points": case.points,
                "hidden": case.hidden,
            }
            entry["cases"][name]["expects"] = self._store(f"{tests.exercise}/{name}", outcome)
            if case.hidden and not exercise.quiz:
                problems += self._guessed(tests, case, outcome)
        problems += self._differences(tests.exercise, tests.path)
        if not problems:
            self.compiled_too = _chosen(variants)
            for variant in variants:
                problems += self._variant(tests, names, variant)
        return problems

    def _try(self, kind, name, tests, names, compiled_too=True) -> dict[str, CaseOutcome]:
        """Run the cases on these globals, and note that they were tried."""
        both = self.thorough and compiled_too and kind != "blank"
        for compiled in (True, False) if both else (False,):
            started = time.perf_counter()
            with everything_compiled() if compiled else contextlib.nullcontext():
                outcomes = run_cases(tests.cases, names)
            seconds = time.perf_counter() - started
            self.trials.append(Trial(kind, name, outcomes, seconds, compiled))
        return outcomes

    def _differences(self, exercise, place):
        """Cases on which what was tried last fares otherwise when all of it is compiled."""
        if len(self.trials) < 2 or not self.trials[-2].compiled:
            return []
        last = self.trials[-1]
        pair = [judge_all(self.key, exercise, trial.outcomes) for trial in self.trials[-2:]]
        return [
            f"{place}: {case} of {last.name!r} is {other.status} evaluated with NumPy and "
            f"{one.status} compiled ({one.message or other.message})"
            for (case, one), other in zip(pair[0].items(), pair[1].values())
            if one.status != other.status
        ]

    def blank_problems(self, tests: TestFile, blanks: dict) -> list[str]:
        """A case that isn't "not started" where nothing is filled in yet."""
        outcomes = self._try("blank", "nothing filled in", tests, blanks)
        return [
            f"{tests.path}:1: the blank isn't 'not started' in {case}: call the student's code before anything else"
            for case, verdict in judge_all(self.key, tests.exercise, outcomes).items()
            if verdict.status != Status.NOT_STARTED
        ]

    def _guessed(self, tests, case, outcome):
        """What can be said of a case that a made-up value passes."""
        for trick, made_up in guesses(outcome.observations):
            if self.key.judge(tests.exercise, case.name, made_up).status == Status.PASSED:
                return [
                    f"{tests.path}:{case.line}: {case.name} passes with {trick}: "
                    "let it expect a value that can't be made up"
                ]
        return []

    def outcomes(self, exercise: str, compiled: bool = False) -> dict[str, dict[str, CaseOutcome]]:
        """What the cases saw of each recorded mistake of an exercise."""
        recorded = {m["name"] for m in self.key.exercises[exercise]["mistakes"]}
        tried = (t for t in self.trials if t.kind == "mistake" and t.name in recorded)
        return {trial.name: trial.outcomes for trial in tried if trial.compiled == compiled}

    def known(self, prefix: str, outcome: CaseOutcome) -> dict:
        """Keep a sketch of what a failing case saw; what the header says of it."""
        facts: dict = {"expects": self._store(prefix, outcome, sketched)}
        if outcome.failure:
            facts["error"] = failure_text(outcome.failure)
        return facts

    def _store(self, prefix, outcome, keep=lambda seen: seen):
        expects = []
        for n, raw in enumerate(outcome.observations):
            seen = keep(self.key.judged(raw, raw.judge))
            for leaf, array in enumerate(seen.arrays):
                self.tensors[f"{prefix}/{n}/{leaf}"] = array
            facts = {"rtol": seen.rtol, "atol": seen.atol, "judge": seen.judge}
            expects.append({"tree": seen.tree} | {k: v for k, v in facts.items() if v is not None})
        return expects

    def _variant(self, tests, names, variant):
        """Run a mistake or accepted variant; record the mistake; say what is wrong with it."""
        place = f"{self.practical.path.parent.parent / 'tests' / self.practical.name / 'mistakes.toml'}:{variant.line}"
        changed = dict(names)
        run_cell(self.practical, variant.source, variant.line, changed)
        kind = "accepted" if variant.accepted else "mistake"
        both = variant.accepted or variant.name in self.compiled_too
        outcomes = self._try(kind, variant.name, tests, changed, both)
        if differences := self._differences(tests.exercise, place):
            return differences
        verdicts = judge_all(self.key, tests.exercise, outcomes)
        failing = [case for case, verdict in verdicts.items() if verdict.status != Status.PASSED]
        if variant.accepted:
            found = [f"{case} ({verdicts[case].message})" for case in failing]
            return (
                [f"{place}: accepted variant {variant.name!r} fails {', '.join(found)}"]
                if found
                else []
            )
        if not failing:
            return [f"{place}: the mistake {variant.name!r} passes every case"]
        failed = {c: outcomes[c] for c in failing}
        self._store_mistake(tests.exercise, variant, failed)
        if len(self.trials) > 1 and self.trials[-2].compiled:
            compiled = self.trials[-2].outcomes
            known = assess(self.key, tests.exercise, compiled)
            if known.mistake != variant.name:  # a compiler may take x·0 for 0
                self._store_mistake(tests.exercise, variant, {c: compiled[c] for c in failing})
        hidden = {case.name for case in tests.cases if case.hidden}
        if not hidden & failed.keys():
            return [f"{place}: only public cases reject {variant.name!r}: let a hidden one decide"]
        if not self.practical.exercises[tests.exercise].quiz:
            unnoticed = failed.keys() <= hidden
            if unnoticed and not variant.hidden_only:
                advice = 'add a public one, or say hidden_only = "why"'
                return [f"{place}: no public case rejects {variant.name!r}: {advice}"]
            if variant.hidden_only and not unnoticed:
                public = next(iter(failed.keys() - hidden))
                advice = f"the public case {public} rejects it"
                return [f"{place}: take hidden_only off {variant.name!r}: {advice}"]
        return [
            f"{place}: the mistake {variant.name!r} earns the points of {case} with {trick}: "
            "let an expect there see a value that can't be made up"
            for case, trick in self._forged(tests, changed, failed)
            if case in hidden
        ]

    def _store_mistake(self, exercise, variant, outcomes):
        mistakes = self.header["exercises"][exercise]["mistakes"]
        prefixes = {case: f"{exercise}/{case}/mistake {len(mistakes)}" for case in outcomes}
        cases = {case: self.known(prefixes[case], outcome) for case, outcome in outcomes.items()}
        more = {"more": variant.more} if variant.more else {}
        mistakes.append({"name": variant.name, "hint": variant.hint, "cases": cases} | more)

    def _forged(self, tests, names, failed):
        """(case, trick) for failed cases that code could pass without a right answer."""
        if any(o.failure and o.failure.type == "AssertionError" for o in failed.values()):
            failed = run_cases(
                [case for case in tests.cases if case.name in failed], names, asserts=False
            )
        for case, outcome in failed.items():
            for trick, forged in forgeries(outcome):
                if self.key.judge(tests.exercise, case, forged).status == Status.PASSED:
                    yield case, trick
                    break


def _chosen(variants):
    """The names of so many mistakes, the same ones each time."""
    names = [variant.name for variant in variants if not variant.accepted]
    return set(sorted(names, key=lambda name: zlib.crc32(name.encode()))[:COMPILED_TOO])


def hint_problems(key: Answers, exercise: str, outcomes_of: Mapping[str, dict]) -> list[str]:
    """Mistakes ({name: outcomes}) that don't get their own hint, from all cases or from the public ones."""
    entry = key.exercises[exercise]
    hints = {m["name"]: m["hint"] for m in entry["mistakes"]}
    public = [case for case, facts in entry["cases"].items() if not facts["hidden"]]
    problems = []
    for name, outcomes in outcomes_of.items():
        found = assess(key, exercise, outcomes)
        if found.hint != hints[name]:
            taken = f"taken for {found.mistake!r}"
            other = taken if found.mistake else "not told apart from another one"
            problems.append(
                f"{exercise}: the mistake {name!r} is {other}: add a case or share the hint"
            )
        early = assess(key, exercise, {case: outcomes[case] for case in public})
        if early.mistake and early.hint != hints[name]:
            problems.append(
                f"{exercise}: in the public cases {name!r} gets the hint of {early.mistake!r}"
            )
    return problems
