"""A student's page: what is right, what isn't yet, and where to go on."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from autograder.grading.result import CaseResult, ExerciseResult, Result
from autograder.report.page import number, percent, practical_name, write_page
from autograder.status import Status

HEADLINES = (  # from this share of the points on
    (100, "Everything is right"),
    (85, "Nearly everything is right"),
    (60, "Well on your way"),
    (30, "A good start"),
    (1, "A first step is made"),
    (0, "Not there yet, but under way"),
)

MOST_ATTEMPTS = 6  # that are told of one by one
AGAIN = "If your course lets you hand in again, do so: it is worth it."


@dataclass(frozen=True)
class Notice:
    """What to tell a student whose submission needs more than a list of exercises."""

    headline: str
    text: str
    steps: tuple[str, ...]


NOTICES = {
    Status.BLANK: Notice(
        "Nothing is filled in yet",
        "We opened your notebook, and every exercise is as it was handed out.",
        (
            "Did you do the work in another copy? Look for the file that you last saved.",
            "In JupyterLab and Colab, save before you download or hand in (Ctrl+S or ⌘S).",
            AGAIN,
        ),
    ),
    Status.UNREADABLE: Notice(
        "We couldn't open your file",
        "None of your work was looked at yet: this says nothing about your answers.",
        (
            "Open your notebook where you worked on it and check that your answers are there.",
            "Save it, and download it as a notebook (.ipynb), not as PDF, HTML or Python.",
            "Open the downloaded file once more, then hand in that one. " + AGAIN,
        ),
    ),
    Status.WRONG_PRACTICAL: Notice(
        "This is another notebook",
        "We opened your file, but it doesn't hold the exercises of this practical.",
        (
            "Look for the notebook that carries this practical's title.",
            "Keep the cells that were given: exercises are found by them.",
            AGAIN,
        ),
    ),
    Status.TIMED_OUT: Notice(
        "Time ran out before all of it was checked",
        "What was checked until then counts. The rest couldn't be reached.",
        (
            "Look at the first exercise below that ran out of time: is there a loop that never ends?",
            "Restart the kernel and run all cells: every exercise should take a few seconds at most.",
            "Remove cells of your own that take long.",
        ),
    ),
    Status.OUT_OF_MEMORY: Notice(
        "Your notebook asked for too much memory",
        "What was checked until then counts.",
        (
            "Look for an array that is far larger than it needs to be: print the shapes on the way.",
            "Restart the kernel and run all cells before you hand in.",
        ),
    ),
    Status.CRASHED: Notice(
        "Grading stopped unexpectedly",
        "This may well be our fault. Your instructor sees it in the class report.",
        (
            "Restart the kernel and run all cells: does your notebook run to the end?",
            "Tell your instructor that you got this page.",
        ),
    ),
}


@dataclass(frozen=True)
class Card:
    """One exercise on the page."""

    exercise: ExerciseResult
    number: str  # "" for a quiz
    passed: int
    message: str  # the same for every case that isn't right; then none of them repeats it

    @property
    def started(self) -> bool:
        return self.exercise.status != Status.NOT_STARTED

    @property
    def note(self) -> str:
        """How follow-through changed the points, in a sentence."""
        exercise = self.exercise
        if not exercise.note or exercise.own_points is None:
            return exercise.note
        note = exercise.note[:1].upper() + exercise.note[1:]
        return (
            f"{note}: on its own it earns {number(exercise.own_points)}, this way "
            f"{number(exercise.points)}. A mistake costs its points only once."
        )

    @property
    def public(self) -> list[CaseResult]:
        return [case for case in self.exercise.cases if not case.hidden]

    @property
    def hidden(self) -> list[CaseResult]:
        return [case for case in self.exercise.cases if case.hidden]

    def case_message(self, case: CaseResult) -> str:
        return "" if self.message or case.status == Status.PASSED else case.message


def write_feedback(result: Result, path: Path, practical_title: str = "") -> None:
    """Write one student's self-contained page."""
    cards = list(map(_card, result.exercises, result.numbers))
    notice = NOTICES.get(result.status)
    write_page(
        path,
        "feedback.html",
        title=practical_title or practical_name(result.practical),
        result=result,
        file=PurePath(result.file).name,
        share=percent(*result.core),
        headline=notice.headline if notice else _headline(result),
        notice=notice,
        reason=_reason(result),
        cards=cards,
        begun=bool(cards) and result.status != Status.BLANK,
        solved=[card for card in cards if card.exercise.status == Status.PASSED],
        passed=sum(card.passed for card in cards),
        tally=_tally(cards),
        next_step=_next_step(cards),
        attempts=_about_attempts(result),
    )


def _card(exercise, shown):
    passed = sum(case.status == Status.PASSED for case in exercise.cases)
    messages = [case.message for case in exercise.cases if case.status != Status.PASSED]
    shared = len(messages) > 1 and len(set(messages)) == 1
    return Card(exercise, shown, passed, messages[0] if shared else "")


def _headline(result):
    share = percent(*result.core)
    return next(text for least, text in HEADLINES if share >= least)


def _reason(result):
    """Why nothing could be graded; the exercises say the rest, a fault of ours is not for students."""
    return "" if result.exercises or result.status == Status.CRASHED else result.reason


def _about_attempts(result: Result) -> str:
    """Which of several attempts the page is about, and what the others earned."""
    if len(result.attempts) < 2:
        return ""
    own, others = "This file counts for now.", []  # where no attempt does, it couldn't be opened
    for place, attempt in enumerate(result.attempts, 1):
        if attempt.counts:
            own = f"This is attempt {place} of {len(result.attempts)}, the one that counts."
        else:
            earned = f"earned {number(attempt.points)} of {number(attempt.max_points)}"
            others.append(f"attempt {place} {earned}")
    if len(others) > MOST_ATTEMPTS:
        most = max(attempt.points for attempt in result.attempts if not attempt.counts)
        return f"{own} The others earned {number(most)} at most."
    listed = ", ".join(others)
    return f"{own} {listed[:1].upper()}{listed[1:]}{'.' * bool(listed)}".strip()


def _tally(cards: Iterable[Card]) -> str:
    cards = list(cards)
    solved = sum(card.exercise.status == Status.PASSED for card in cards)
    passed = sum(card.passed for card in cards)
    every = sum(len(card.exercise.cases) for card in cards)
    return f"{solved} of {len(cards)} exercises solved · {passed} of {every} checks pass"


def _next_step(cards: list[Card]) -> Card | None:
    """The exercise to go on with: one with a hint first, then one that is begun, then a new one."""
    left = [card for card in cards if card.exercise.status != Status.PASSED]
    ranked = sorted(left, key=lambda card: (not card.started, not card.exercise.hint))
    return ranked[0] if ranked else None
