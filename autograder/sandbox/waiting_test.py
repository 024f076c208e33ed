"""What a child is credited with: what it waited for others, and no more than they used."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.waiting import KERNEL_SECONDS, Waiting, processors


@pytest.fixture
def waiting():
    made = Waiting()
    made.look(0, 0, 0, 0, busy=100)
    made._seconds = 0.0
    return made


def test_a_thread_that_waits_for_others_is_credited(waiting):
    waiting.look(waited=2, own=1, kernel=0, memory=0, busy=100 + 1 + 2 * processors())
    assert waiting.seconds == 2


def test_threads_that_wait_for_each_other_are_not(waiting):
    waiting.look(waited=30, own=2 * processors(), kernel=0, memory=0, busy=100 + 2 * processors())
    assert waiting.seconds == 0


def test_what_others_used_while_nobody_waited_is_not_saved_for_later(waiting):
    waiting.look(waited=0, own=0, kernel=0, memory=0, busy=200)
    waiting.look(waited=50, own=50, kernel=0, memory=0, busy=250)
    assert waiting.seconds == 0


def test_the_kernels_time_is_for_memory_alone(waiting):
    waiting.look(waited=0, own=9, kernel=9, memory=1e6, busy=109)
    assert waiting.seconds <= KERNEL_SECONDS * 1e6 / 1e9
    waiting.look(waited=0, own=9, kernel=9, memory=1e9, busy=109)
    assert waiting.seconds == KERNEL_SECONDS


def test_where_processors_have_no_clock_what_was_waited_counts(waiting):
    waiting.look(waited=3, own=1, kernel=0, memory=0, busy=0.0)
    assert waiting.seconds == 3


looks = st.lists(st.tuples(*[st.floats(0, 100)] * 3), max_size=8)


@given(looks)
def test_credit_never_falls_and_never_exceeds_what_others_used(looks):
    waiting = Waiting()
    waiting.look(0, 0, 0, 0, busy=1.0)
    waiting._seconds = before = 0.0
    waited = own = others = 0.0
    for more_waited, more_own, more_others in looks:
        waited, own, others = waited + more_waited, own + more_own, others + more_others
        waiting.look(waited, own, 0, 0, busy=1.0 + own + others)
        assert before <= waiting.seconds <= min(waited, others / processors()) + 1e-6
        before = waiting.seconds
