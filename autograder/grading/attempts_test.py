"""Several attempts of a student: all are kept, one counts; the latest, or the best."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from autograder.grading.attempts import Attempts, Key
from autograder.grading.classroom import Finished, grade_class
from autograder.grading.result import Result, load_results
from autograder.inbox.submission import Submission
from autograder.report.pages import write_class_pages
from autograder.sandbox.steps import Limits
from autograder.status import Status

RULES = "rules"
FILE = Submission("ann", "ann.ipynb")


def hand_in(attempts, data, points, rules=RULES, submission=FILE):
    """A student's file with these bytes that earned so many points; the result that counts."""
    key = Key(rules, data * 8)
    attempts.arrived("01_mini", submission, key, data.encode())
    result = Result("01_mini", "ann", submission.file, Status.GRADED, points=points, max_points=6)
    result.key = str(key)
    return attempts.keep(result, key)


def earned(result):
    return [(attempt.points, attempt.counts) for attempt in result.attempts]


@pytest.mark.parametrize(("best", "counts"), [(False, [5, 6, 4]), (True, [5, 6, 6])])
def test_the_latest_or_the_best_counts_and_all_are_told(tmp_path, best, counts):
    attempts = Attempts(tmp_path, best)
    handed_in = [hand_in(attempts, data, points) for data, points in (("a", 5), ("b", 6), ("c", 4))]
    assert [result.points for result in handed_in] == counts
    assert earned(handed_in[0]) == []  # nothing to tell of a single one
    assert earned(handed_in[2]) == [(5, False), (6, best), (4, not best)]
    assert load_results(tmp_path / "01_mini") == [handed_in[2]]
    assert attempts.counting(handed_in) == [handed_in[2]]


def test_of_equals_the_later_one_counts(tmp_path):
    attempts = Attempts(tmp_path, best=True)
    hand_in(attempts, "a", 5)
    assert earned(hand_in(attempts, "b", 5)) == [(5, False), (5, True)]


def test_the_same_bytes_are_one_attempt_and_the_last_one_when_they_come_back(tmp_path):
    attempts = Attempts(tmp_path)
    hand_in(attempts, "a", 5)
    before = attempts.path("01_mini", "ann").stat().st_mtime_ns
    assert earned(hand_in(Attempts(tmp_path), "a", 5)) == []
    assert attempts.path("01_mini", "ann").stat().st_mtime_ns == before
    hand_in(attempts, "b", 4)
    assert earned(hand_in(attempts, "a", 5)) == [(4, False), (5, True)]


def test_what_older_rules_gave_is_told_and_does_not_compete(tmp_path):
    hand_in(Attempts(tmp_path), "a", 6, rules="generous")
    attempts = Attempts(tmp_path, best=True)
    assert earned(hand_in(attempts, "b", 3)) == [(6, False), (3, True)]
    [again] = attempts.not_graded({"01_mini": RULES})
    assert (again.student, again.file, again.past) == ("ann", "ann.ipynb", True)
    assert earned(hand_in(attempts, "a", 4, submission=again)) == [(4, True), (3, False)]
    assert attempts.not_graded({"01_mini": RULES}) == []


def test_a_file_that_cannot_be_opened_counts_only_while_nothing_better_may(tmp_path):
    unreadable = Result("01_mini", "ann", "ann.zip", Status.UNREADABLE, "damaged", max_points=6)
    for best, status in ((False, Status.UNREADABLE), (True, Status.GRADED)):
        attempts = Attempts(tmp_path / str(best), best)
        hand_in(attempts, "a", 5)
        assert attempts.keep(unreadable, Key(RULES, "")).status == status
        assert len(attempts.of("01_mini", "ann")) == 1


def test_a_damaged_attempt_is_none(tmp_path):
    attempts = Attempts(tmp_path)
    hand_in(attempts, "a", 5)
    for path in attempts.folder("01_mini", "ann").glob("*.json"):
        path.write_bytes(path.read_bytes()[:40])
    assert earned(hand_in(attempts, "b", 4)) == []
    assert attempts.find("01_mini", "ann", Key(RULES, "a" * 8)) is None


def test_several_threads_may_keep_attempts_of_one_student(tmp_path):
    attempts = Attempts(tmp_path, best=True)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: hand_in(attempts, f"{n:02}", n), range(20)))
    [result] = load_results(tmp_path / "01_mini")
    assert (result.points, len(result.attempts)) == (19, 20)


# ---------------------------------------------------------------- graded

WRONG = {"causal_mask": "def causal_mask(scores):\n    return scores\n"}  # 5 of 6 points


def grade(mini, folder, output, **options):
    events = grade_class(mini, folder, None, output, write_class_pages, 2, **options)
    [finished] = [event for event in events if isinstance(event, Finished)]
    return {result.student: result for result in finished.results}


@pytest.mark.slow
def test_attempts_of_a_folder_are_kept_and_graded_again_when_rules_change(
    mini, classroom, tmp_path
):
    folder, output = tmp_path / "class", tmp_path / "out"
    folder.mkdir()
    file, page = folder / "ann.ipynb", output / "01_mini" / "feedback" / "ann.html"
    file.write_bytes(classroom.notebook())
    assert grade(mini, folder, output)["ann"].points == 6
    file.write_bytes(classroom.notebook(WRONG))
    assert grade(mini, folder, output)["ann"].points == 5
    assert "This is attempt 2 of 2, the one that counts. Attempt 1 earned 6 of 6." in page.read_text()  # fmt: skip
    assert grade(mini, folder, output, best=True)["ann"].points == 6
    assert "This is attempt 1 of 2, the one that counts. Attempt 2 earned 5 of 6." in page.read_text()  # fmt: skip
    assert ',"graded","",6,6,' in (output / "01_mini" / "grades.csv").read_text()
    again = grade(mini, folder, output, best=True, limits=Limits(case_seconds=9))
    assert earned(again["ann"]) == [(6, True), (5, False)]  # from the copy that was kept
    assert len({result.key[:32] for result in Attempts(output).of("01_mini", "ann")}) == 1
    assert earned(grade(mini, folder, output)["ann"]) == [(6, False), (5, True)]


@pytest.mark.slow
def test_all_attempts_of_a_download_are_graded_where_the_best_counts(mini, classroom, tmp_path):
    folder = tmp_path / "class"
    folder.mkdir()
    for number, cells in ((7, {"Scale": ""}), (8, {}), (9, WRONG)):
        path = folder / f"leeann_12_{number}_work.ipynb"
        path.write_bytes(classroom.notebook(cells))
    best = grade(mini, folder, tmp_path / "best", best=True)
    assert earned(best["leeann_12"]) == [(5, False), (6, True), (5, False)]
    assert best["leeann_12"].file.endswith("leeann_12_8_work.ipynb")
    latest = grade(mini, folder, tmp_path / "latest")
    assert (latest["leeann_12"].points, latest["leeann_12"].attempts) == (5, [])
    os.remove(folder / "leeann_12_8_work.ipynb")  # its copy is there
    again = grade(mini, folder, tmp_path / "best", best=True, limits=Limits(case_seconds=9))
    assert earned(again["leeann_12"]) == [(5, False), (6, True), (5, False)]
