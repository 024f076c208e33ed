"""From what the cases of an exercise saw to all that is said of it: the one way, everywhere."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from workbook.key import Answers, Verdict
from workbook.recognise import NOTHING, Word, recognise
from workbook.status import STRUCK, Status
from workbook.values import CaseOutcome


@dataclass(frozen=True)
class Assessment:
    """An exercise as its cases found it: each verdict by case, and what follows from them."""

    verdicts: dict[str, Verdict]
    status: Status
    points: float
    word: Word = NOTHING  # of the mistake that explains what the cases saw

    @property
    def mistake(self) -> str:
        """The name of the known mistake that was recognised."""
        return self.word.name

    @property
    def hint(self) -> str:
        """What to ask of it."""
        return self.word.hint


def assess(
    answers: Answers,
    exercise: str,
    outcomes: Mapping[str, CaseOutcome],
    explain: Callable[[str, Verdict], Verdict] | None = None,
) -> Assessment:
    """Judge what the cases of an exercise saw ({case: CaseOutcome}), all of them or some.

    Args:
        answers: the answer key, of which the public part knows public cases alone.
        explain: gives a case's last verdict from its name and what the key says, for who knows more.
    """
    judged = judge_all(answers, exercise, outcomes)
    ran = {case: outcome for case, outcome in outcomes.items() if not outcome.struck}
    own = {case: judged[case] for case in ran}
    word = recognise(answers, exercise, ran, own)
    verdicts = {case: explain(case, v) for case, v in judged.items()} if explain else judged
    cases = answers.exercises[exercise]["cases"]
    passed = [case for case, verdict in verdicts.items() if verdict.status == Status.PASSED]
    return Assessment(
        verdicts,
        overall(verdict.status for verdict in verdicts.values()),
        float(sum(cases[case]["points"] for case in passed)),
        word,
    )


def judge_all(
    answers: Answers, exercise: str, outcomes: Mapping[str, CaseOutcome]
) -> dict[str, Verdict]:
    """The verdict on each case; no comparison is needed where a limit ended it."""
    return {
        case: Verdict(outcome.struck) if outcome.struck else answers.judge(exercise, case, outcome)
        for case, outcome in outcomes.items()
    }


def overall(statuses: Iterable[Status]) -> Status:
    """The status of an exercise whose cases have these."""
    found = set(statuses)
    if len(found) == 1:
        return found.pop()
    for struck in STRUCK:
        if struck in found:
            return struck
    if Status.PASSED in found:
        return Status.PARTLY
    return Status.ERROR if Status.ERROR in found else Status.FAILED
