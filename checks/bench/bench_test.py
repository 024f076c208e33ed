"""The whole benchmark on the small course: scores are equal, figures are there; no time is judged."""

import io

import pytest
from rich.console import Console

from autograder.course import Course
from autograder.testing.small import NAME, SOURCE
from checks.bench.__main__ import one_submission
from checks.bench.compare import Row, agreement, compare, differences
from checks.bench.engines import PLAIN, Nbgrader
from checks.bench.profile import profile, show
from checks.bench.single import Check, first_checks, solution
from checks.bench.submissions import make_submissions


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=120)


@pytest.mark.slow
def test_engines_give_the_same_scores_and_the_table_has_their_figures(mini, tmp_path, console):
    students = make_submissions(mini, NAME, 3)
    rows = compare(mini, NAME, students, 1, [Nbgrader], tmp_path / "bench", console, switches=False)
    ours, theirs = rows
    assert len(ours.scores) == 9  # three exercises of three students
    assert ours.scores == theirs.scores
    assert len(set(ours.scores.values())) > 1
    for row in rows:
        assert min(row.least(of) for of in ("wall", "cpu", "memory", "worker")) > 0
        assert row.name in console.file.getvalue()
    assert "nbgrader autograde: the same points in 9 scores (3 students" in console.file.getvalue()
    assert "unseen answers in a worker" in console.file.getvalue()


@pytest.mark.slow
def test_what_one_submission_costs_is_printed(mini, console):
    one_submission(console, mini, NAME, demos=False)
    said = console.file.getvalue()
    assert "CPU a case beyond the fork" in said
    assert "grader.check the first time, in a fresh kernel: median" in said
    assert said.count("of 3 within 0.3 s") == 2


@pytest.mark.slow
def test_a_check_that_is_not_right_is_told_not_raised(mini, tmp_path):
    changed = Course(tmp_path / "course")
    (changed.root / "source").mkdir(parents=True)
    for part in ("tests", "release", "solutions"):
        (changed.root / part).symlink_to(mini.root / part)
    text = (mini.root / SOURCE).read_text().replace("k=1)", "k=0)")
    # one that ends its process
    text = text.replace("return x * scale", "import os\n        os.abort()")
    (changed.root / SOURCE).write_text(text)
    found = first_checks(changed, NAME)
    assert found["causal_mask"].status == "not yet right"
    assert found["causal_mask"].second is not None
    assert found["Scale"] == Check("no answer in 180 s, or it crashed")


@pytest.mark.slow
def test_a_profile_has_seconds_for_cells_cases_and_modules(mini):
    made = profile(mini, NAME, solution(mini, NAME))
    assert made.number_of_cases == 9
    assert made.cases > 0 < made.fork
    assert sum(seconds for seconds, _ in made.parts.values()) > 0
    assert {"encoding", "calling cases"} <= made.functions.keys()
    table = Console(file=io.StringIO(), width=120)
    table.print(show(made, NAME))
    assert "tracing" in table.file.getvalue()


def test_differences_are_of_other_points_and_of_missing_ones():
    ours = {("a", "x"): 1.0, ("a", "y"): 2.0, ("b", "x"): 0.0}
    theirs = {("a", "x"): 1.0, ("a", "y"): 1.0}
    assert list(differences(ours, theirs)) == [
        "a y: 2.0 here, 1.0 there",
        "b x: 0.0 here, None there",
    ]
    rows = [Row(None, "ours", PLAIN, [], ours), Row(None, "theirs", PLAIN, [], theirs)]
    assert (
        next(agreement(rows)) == "theirs: 2 differences in 3 scores (2 students, quizzes included)"
    )
