"""Each step with its outcome; what students read comes from code that saw no hidden case."""

from types import SimpleNamespace

import pytest
from workbook.values import Failure, Observed, encode

from autograder.grading.plan import Step
from autograder.grading.runs import has_words, planned, run_safely
from autograder.sandbox.steps import StepResult
from autograder.status import Status

TESTS = {
    "f": SimpleNamespace(
        cases=[
            SimpleNamespace(name="seen", source="", hidden=False),
            SimpleNamespace(name="decides", source="", hidden=True),
        ]
    )
}
STEPS = [Step("solution", "f", "1"), Step("cases", "f"), Step("solution", "g", "2")]


class Told:
    """A sandbox whose every step ends as OK with a number of its own; it keeps what was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, asked):
        self.asked.append([getattr(each, "case", None) or each.name for each in asked])
        return [StepResult(Status.OK, seconds=len(self.asked)) for _ in asked]


def test_each_run_has_its_step_and_its_end():
    told = Told()
    done = run_safely(planned(STEPS, TESTS), told, lambda run: False)
    assert told.asked == [["f", "seen", "decides", "g"]]
    assert [(run.step.id, run.hidden, run.outcome.seconds) for run in done] == [
        ("f", False, 1), ("f", False, 1), ("f", True, 1), ("g", False, 1)
    ]  # fmt: skip


def test_what_is_read_after_a_hidden_case_runs_again_without_it():
    told = Told()
    done = run_safely(planned(STEPS, TESTS), told, lambda run: run.step.id == "g")
    assert told.asked == [["f", "seen", "decides", "g"], ["f", "g"]]
    assert [run.outcome.seconds for run in done] == [2, 1, 1, 2]


def test_of_an_exercise_that_is_read_of_its_public_cases_run_again():
    told, steps = Told(), [*STEPS, Step("cases", "f")]
    done = run_safely(planned(steps, TESTS), told, lambda run: run.case == "seen")
    assert told.asked[1] == ["f", "seen", "g", "seen"]
    assert [run.outcome.seconds for run in done] == [2, 2, 1, 2, 2, 1]


def test_what_ran_before_every_hidden_case_is_said_as_it_is():
    told = Told()
    run_safely(planned(STEPS, TESTS), told, lambda run: run.step.id == "f")
    assert len(told.asked) == 1


@pytest.mark.parametrize(
    ("value", "words"),
    [(1, False), ([1.0], True), ("a", True), (None, False), ({"a": 1}, True)],
    ids=str,
)
def test_what_can_say_more_than_a_number(value, words):
    assert has_words(StepResult(Status.OK, None, [Observed(*encode(value))])) == words


def test_an_error_says_more_than_a_number():
    assert has_words(StepResult(Status.ERROR, Failure("ValueError", "x")))
