"""What the siege counts: an attack that got somewhere is one, whichever way it did."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from autograder.grading.result import ExerciseResult, Result
from autograder.status import Status
from checks.attacks import crowd, hostile, siege, trial
from checks.attacks.evidence import LONGEST, Evidence, problems

ATTACK = next(a for a in hostile.attacks([], [], []) if a.name == "a loop")


def seen(points=4.0, victim=Status.TIMED_OUT, said=b"", **facts):
    exercise = ExerciseResult(hostile.VICTIM, "", victim, 0.0, 2.0)
    result = Result("01_mini", "x", "x", Status.GRADED, "", points=points, max_points=6.0)
    return trial.Seen(replace(result, exercises=[exercise], **facts), said)


def test_an_attack_that_got_what_it_deserves_is_no_problem():
    assert problems(ATTACK, seen()) == []


GAINS = {
    "a point": (seen(points=5.0), "gained 1 points"),
    "a point of the others": (seen(points=3.0), "cost its other exercises 1 points"),
    "something found": (seen(said=b"FOUND 3\n"), "FOUND 3"),
    "another end": (seen(victim=Status.ERROR), "its exercise ended as error with 0 points"),
    "no grade": (seen(status=Status.CRASHED, reason="why"), "ended as crashed: why"),
    "time": (seen(seconds=LONGEST), f"took {LONGEST} s"),
}


@pytest.mark.parametrize(("one", "words"), GAINS.values(), ids=GAINS)
def test_an_attack_that_got_somewhere_is_one(one, words):
    assert problems(ATTACK, one) == [words]


def test_the_table_counts_attacks_students_and_what_was_left(mini, monkeypatch, tmp_path):
    monkeypatch.setattr(siege.hostile, "attacks", lambda *known: [ATTACK])
    honest = {s.name: seen(points=s.points) for s in trial.HONEST}
    honest["right"] = seen(points=5.0)
    held = Evidence({ATTACK.name: seen(points=6.0)}, {}, {}, honest, ("a file",), "", tmp_path)
    assert siege._gains(held, mini, "") == {
        "exhaust": {ATTACK.name: ["gained 2 points"]},
        "honest students": {"right": ["5 of 6 points"]},
        "left behind": {"0": ["a file"]},
    }


@pytest.mark.slow
def test_the_siege_of_one_attack_at_one_level(tmp_path):
    command = [sys.executable, "-m", "checks.attacks.siege", "--level", "process"]
    command += ["--only", "forge: half a message", "--held", str(tmp_path / "found.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "found.json").read_text()) == {}


@pytest.mark.slow
def test_among_the_worst_every_honest_student_gets_their_points(mini, tmp_path):
    alone, among = crowd.compare(mini, tmp_path, 6, trial.LIMITS)
    assert len(alone.points) == 6
    assert among.points == alone.points
