"""The word that fits a wrong answer: of a known mistake first, else of what its values and errors say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workbook.explain import ENOUGH, explain
from workbook.key import Answers, Verdict
from workbook.status import Status
from workbook.values import CaseOutcome
from workbook.wording import error_in_words


@dataclass(frozen=True)
class Word:
    """What is said of a wrong answer, and how it was found."""

    hint: str = ""
    name: str = ""  # of the known mistake
    more: str = ""  # a few sentences further
    layer: str = ""  # "listed", "generated", "error", "value" or "case"
    whole: bool = False  # every case agrees with the known mistake


NOTHING = Word()


def recognise(
    answers: Answers,
    exercise: str,
    outcomes: Mapping[str, CaseOutcome],
    verdicts: Mapping[str, Verdict],
) -> Word:
    """The word that fits what the cases of an exercise saw ({case: outcome}, in their order).

    Layers, the first that has a word: a listed mistake with which every case agrees; a generated
    one; a listed one that gives what one failing case saw and fails no case that passed; an error
    that says what it is about; what the values of public cases have to do with the right ones;
    what to ask of the first case that fails. Of mistakes alike, none where their hints differ.
    """
    failing = [case for case, verdict in verdicts.items() if verdict.status != Status.PASSED]
    if not failing or all(v.status == Status.NOT_STARTED for v in verdicts.values()):
        return NOTHING
    known = _Known(answers, exercise, outcomes, failing)
    if word := known.wholly("listed") or known.wholly("generated") or known.partly():
        return word
    if answers.exercises[exercise].get("quiz"):
        return NOTHING
    return _unlisted(answers, exercise, outcomes, failing) or NOTHING


class _Known:
    """The mistakes that an answer key knows, held against what the cases saw."""

    def __init__(self, answers, exercise, outcomes, failing):
        self._answers, self._exercise = answers, exercise
        self._outcomes, self._failing = outcomes, failing
        self._mistakes = answers.exercises[exercise]["mistakes"]
        self._gave: dict[tuple[str, int], bool] = {}

    def wholly(self, layer: str) -> Word | None:
        """Of a mistake that every case agrees with."""
        numbers = [
            number
            for number in self._of(layer)
            if self._rejecting(number) == set(self._failing)
            and all(self._gives(case, number) for case in self._failing)
        ]
        return self._word(numbers, layer, whole=True)

    def partly(self) -> Word | None:
        """Of the listed mistake that gives what most failing cases saw, and fails none that passed."""
        agreeing = {
            number: [c for c in self._failing if c in rejecting and self._gives(c, number)]
            for number in self._of("listed")
            if (rejecting := self._rejecting(number)) <= set(self._failing)
        }
        sure = {n: len(cases) for n, cases in agreeing.items() if self._is_no_accident(cases)}
        most = max(sure.values(), default=0)
        return self._word([n for n, count in sure.items() if count == most], "listed")

    def _is_no_accident(self, cases):
        """Whether two agree, or the first that fails does in more than a number or two."""
        if len(cases) > 1:
            return True
        outcome = self._outcomes[cases[0]] if cases == self._failing[:1] else CaseOutcome()
        numbers = sum(np.size(array) for seen in outcome.observations for array in seen.arrays)
        return numbers >= ENOUGH or outcome.failure is not None

    def _of(self, layer):
        wanted = layer == "generated"
        return [n for n, m in enumerate(self._mistakes) if m.get("generated", False) == wanted]

    def _rejecting(self, number):
        """The cases that reject a mistake, of those that ran."""
        return self._mistakes[number]["cases"].keys() & self._outcomes.keys()

    def _gives(self, case, number):
        if (case, number) not in self._gave:
            outcome = self._outcomes[case]
            gave = self._answers.gives(self._exercise, case, number, outcome)
            self._gave[case, number] = gave
        return self._gave[case, number]

    def _word(self, numbers, layer, whole=False):
        """Theirs, if they have one."""
        found = [self._mistakes[number] for number in numbers]
        if not found or len({mistake["hint"] for mistake in found}) > 1 or not found[0]["hint"]:
            return None
        one = found[0]
        return Word(one["hint"], one["name"], one.get("more", ""), layer, whole)


def _unlisted(answers, exercise, outcomes, failing) -> Word | None:
    """What can be said where no mistake is known."""
    cases = answers.exercises[exercise]["cases"]
    public = [case for case in failing if not cases[case]["hidden"]]
    first = failing[0]
    failure = outcomes[first].failure
    if failure and (hint := error_in_words(failure, not cases[first]["hidden"])):
        return Word(hint, layer="error")
    said = explain([list(_pairs(answers, exercise, case, outcomes[case])) for case in public])
    if said and said.strong:
        return Word(said.hint, layer="value")
    if _is_told_apart(first, list(cases), failing) and (ask := cases[first].get("ask")):
        return Word(ask, layer="case")
    return Word(said.hint, layer="value") if said else None


def _pairs(answers, exercise, case, outcome):
    """(value, reference) of what a case saw."""
    for seen, reference in zip(outcome.observations, answers.observed(exercise, case)):
        yield answers.judged(seen, reference.judge), reference


def _is_told_apart(case: str, cases: Sequence[str], failing: Sequence[str]) -> bool:
    """Whether what a case adds to those before it is to blame: one of them passed."""
    return any(earlier not in failing for earlier in cases[: cases.index(case)])
