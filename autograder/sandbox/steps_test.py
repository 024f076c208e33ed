"""The one clock of a submission, which the test moves."""

import pytest

from autograder.sandbox.steps import PATIENCE, Allowance


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def test_what_one_run_uses_the_next_one_lacks(clock):
    allowance = Allowance(10)
    clock[0] += 7
    assert allowance.left == pytest.approx(3)
    clock[0] += 7
    assert allowance.left == 0


def test_what_was_waited_is_given_back_to_a_bound(clock):
    allowance = Allowance(10)
    allowance.keep(2)
    allowance.credit(3)
    assert allowance.left == 15
    allowance.credit(10**6)
    assert allowance.left == PATIENCE * 10
    assert allowance.latest == clock[0] + PATIENCE * 10


def test_a_sandbox_that_starts_takes_none_of_it(clock):
    allowance = Allowance(10)
    clock[0] += 60
    allowance.lend(60)
    assert allowance.left == 10


def test_nothing_is_left_once_it_is_used_up(clock):
    allowance = Allowance(10)
    allowance.use_up()
    allowance.credit(5)
    assert allowance.left == 0
