"""What nbgrader makes of a class when our engine grades: scores, feedback, and nothing that stops it."""

import csv
import json
import shutil
import sqlite3
from contextlib import closing

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.course import Course
from autograder.doors.conftest import DOT, EDITS, NAME, SECONDS, NbCourse, make_course
from autograder.doors.nbgrader.kept import kept_grader
from autograder.grading.batch import Batch, alone
from autograder.grading.built import load
from autograder.grading.result import load_results
from autograder.inbox.find import find_submissions
from autograder.inbox.submission import Submission
from autograder.names import folder_name
from autograder.sandbox.steps import Limits
from autograder.status import Status
from autograder.testing.pages import Page, gained

STUDENTS = [*EDITS, "blank", "unreadable", "wrong notebook", "with a mark"]

LIMITS = Limits(cell_seconds=SECONDS, case_seconds=SECONDS)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def batch_results(nb_course, tmp_path_factory):
    """The same files through the batch, which has never seen nbgrader's results."""
    course = Course(nb_course.root)
    loaded = {NAME: load(course, nb_course.root / "source" / f"{NAME}.py")}
    batch = Batch(course, loaded, tmp_path_factory.mktemp("grades"), LIMITS)
    try:
        done, tasks = batch.prepare(find_submissions(nb_course.root / "submitted", [NAME]))
        with closing(batch.pool(1)) as pool:
            for results in batch.grade(tasks, pool):
                done += results
    finally:
        batch.close()
    return {result.student: result for result in done}


@pytest.fixture(scope="module")
def scores(nb_course):
    """By student, the automatic score of each graded cell."""
    with Gradebook(f"sqlite:///{nb_course.root}/gradebook.db") as gradebook:
        return {
            s.student.id: {
                g.name: (g.auto_score, g.needs_manual_grade) for g in s.notebooks[0].grades
            }
            for s in gradebook.assignment_submissions(NAME)
        }


@pytest.mark.parametrize("student", STUDENTS)
def test_every_check_has_the_batchs_points(student, batch_results, scores):
    result = batch_results[student]
    points = {f"check_{e.name}": e.points for e in result.exercises}
    auto = {n: score for n, (score, _) in scores[student].items() if n.startswith("check_")}
    assert auto == {name: points.get(name, 0.0) for name in auto}
    assert sum(auto.values()) == result.points


def test_the_class_is_as_mixed_as_it_should_be(batch_results):
    statuses = {result.status for result in batch_results.values()}
    assert {Status.GRADED, Status.BLANK, Status.UNREADABLE} <= statuses
    assert len({result.points for result in batch_results.values()}) >= 4
    assert batch_results["warns and prints"].points == batch_results["right"].points


def test_answers_in_words_wait_for_people_unless_there_is_none(scores):
    assert scores["right"]["why_masks"] == (None, True)
    assert scores["answer below"]["why_masks"] == (None, True)
    assert scores["metadata lost"]["why_masks"] == (None, True)
    for student in ("blank", "unreadable"):
        assert scores[student]["why_masks"] == (0, False)


def autograded(nb_course, student):
    return nbformat.read(nb_course.root / "autograded" / student / NAME / f"{NAME}.ipynb", 4)


def test_the_notebook_holds_the_students_work_once(nb_course):
    cells = {cell.id: cell for cell in autograded(nb_course, "metadata lost").cells}
    assert "jax.nn.softmax(causal_mask(scores)" in cells["causal_weights"].source
    ids = [cell.id for cell in autograded(nb_course, "duplicated").cells]
    assert len(ids) == len(set(ids))
    assert cells["check_causal_mask"].source == 'grader.check("causal_mask")'
    below = {cell.id: cell for cell in autograded(nb_course, "answer below").cells}
    assert below["why_masks"].source == "Because of the future."


def test_who_marks_sees_the_rubric_and_what_was_odd(nb_course):
    text = str(autograded(nb_course, "duplicated").cells)
    assert "2: the future is named." in text
    assert "there more than once" in text
    assert "unreadable" in autograded(nb_course, "unreadable").cells[0].source


@pytest.fixture(scope="module")
def feedback(nb_course):
    """Every student's feedback page, by name."""
    made = nb_course.run("nbgrader", "generate_feedback", "--force", NAME)
    assert made.returncode == 0, made.stderr
    assert "not recognized" not in made.stderr
    pages = nb_course.root.glob(f"feedback/*/{NAME}/{NAME}.html")
    return {page.parts[-3]: page.read_text() for page in pages}


def test_feedback_shows_messages_and_hints_and_nothing_hidden(nb_course, feedback):
    assert set(feedback) == set(STUDENTS)
    assert "Hint:" in feedback["mistake"]
    hidden = [
        line
        for file in (nb_course.root / "tests" / NAME).glob("*.py")
        for line in file.read_text().partition("# --- hidden")[2].splitlines()
        if line.startswith(("    ", "def "))
    ]
    assert len(hidden) > 5
    for page in feedback.values():
        assert "the future is named" not in page
        assert not [line for line in hidden if line.strip() in page]


def test_what_students_write_is_text_on_the_page(feedback):
    page = feedback["markup"]
    assert "alert(" in page
    assert "https://evil.example/pixel.png" in page
    assert list(gained(Page(page), Page(feedback["right"]))) == []


def test_pasted_pictures_are_shown_and_a_lost_one_costs_no_page(feedback):
    pictures = [picture.partition(",")[2] for picture in Page(feedback["picture"]).pictures]
    assert pictures == [DOT]
    assert "(picture lost.png: it isn't in the file)" in " ".join(Page(feedback["picture"]).words)


def test_marks_by_hand_count_and_so_does_a_late_penalty(nb_course, batch_results):
    with Gradebook(f"sqlite:///{nb_course.root}/gradebook.db") as gradebook:
        gradebook.find_grade("why_masks", NAME, NAME, "mistake").manual_score = 3
        gradebook.update_or_create_assignment(NAME, duedate="2030-01-01 12:00:00 UTC")
        gradebook.db.commit()
    for student, day in (("mistake", 1), ("raises", 2)):
        stamp = nb_course.root / "submitted" / student / NAME / "timestamp.txt"
        stamp.write_text(f"2030-01-0{day} 11:00:00 UTC")
        late = "--LateSubmissionPlugin.penalty_method=zero"
        again = nb_course.run("nbgrader", "autograde", "--force", "--student", student, late, NAME)
        assert again.returncode == 0, again.stderr
    assert nb_course.run("nbgrader", "export", "--to", "all.csv").returncode == 0
    lines = (nb_course.root / "all.csv").read_text().splitlines()
    rows = {row["student_id"]: row for row in csv.DictReader(lines)}
    assert float(rows["mistake"]["score"]) == batch_results["mistake"].points + 3
    assert float(rows["right"]["score"]) == batch_results["right"].points
    assert float(rows["raises"]["raw_score"]) == batch_results["raises"].points > 0
    assert float(rows["raises"]["score"]) == 0


def test_a_result_of_the_batch_is_taken_as_it_is(nb_course):
    path = nb_course.root / "grades" / NAME / "right.json"
    stored = json.loads(path.read_text())
    before = path.stat().st_mtime_ns
    again = nb_course.run("nbgrader", "autograde", "--force", "--student", "right", NAME)
    assert again.returncode == 0, again.stderr
    assert path.stat().st_mtime_ns == before
    assert stored["points"] == stored["max_points"]


def test_while_a_batch_writes_its_results_are_read_and_none_is_added(nb_course):
    course, grades = nb_course.root, nb_course.root / "grades"
    stored = {result.student: result for result in load_results(grades / NAME)}
    path = course / "submitted" / "right" / NAME / f"{NAME}.ipynb"
    grader = kept_grader(course, NAME)
    before = sorted(p.name for p in (grades / NAME).iterdir())
    with alone(grades):
        kept = grader.grade(Submission("right", path, folder=NAME), grades, LIMITS, 1)
        new = grader.grade(Submission("somebody new", path, folder=NAME), grades, LIMITS, 1)
    assert kept == stored["right"]
    assert (new.student, new.points) == ("somebody new", kept.points)
    assert sorted(p.name for p in (grades / NAME).iterdir()) == before


# ---------------------------------------------------------------- a batch's results, imported


@pytest.fixture
def copied(nb_course, tmp_path):
    """The course with no gradebook and nothing in submitted/."""
    root = tmp_path / "course"
    ignore = shutil.ignore_patterns("submitted", "autograded", "feedback", "gradebook.db")
    shutil.copytree(nb_course.root, root, ignore=ignore)
    return NbCourse(root)


def test_results_are_imported_with_their_notebooks(nb_course, copied, batch_results):
    missing = copied.run("autograder", "import")
    assert missing.returncode == 2
    assert missing.stderr.strip().endswith(f"run nbgrader generate_assignment --force {NAME}")
    copied.run("nbgrader", "generate_assignment", "--force", NAME)
    (copied.root / "grades" / NAME / "gone.json").write_text(
        json.dumps(
            json.loads((copied.root / "grades" / NAME / "mistake.json").read_text())
            | {"student": "gone", "file": "gone.ipynb"}
        )
    )
    made = copied.run("autograder", "import")
    assert made.returncode == 0, made.stderr
    assert made.stderr == ""
    lines = made.stdout.splitlines()
    assert (
        lines[-1]
        == f"{NAME}: {len(STUDENTS) + 1} of {len(STUDENTS) + 1} results are in the gradebook"
    )
    assert [line for line in lines if line.startswith("gone: points only")]
    with Gradebook(f"sqlite:///{copied.root}/gradebook.db") as gradebook:
        points = {s.student.id: s.score for s in gradebook.assignment_submissions(NAME)}
    expected = {folder_name(n): result.points for n, result in batch_results.items()}
    assert points == expected | {"gone": batch_results["mistake"].points}
    assert (copied.root / "autograded" / "right" / NAME / f"{NAME}.ipynb").exists()


# ---------------------------------------------------------------- what is wrong is one line


def errors(done):
    """What a person reads of a failed command, without nbgrader's progress."""
    return [line for line in done.stderr.splitlines() if "INFO" not in line]


def test_a_locked_gradebook_is_one_line(nb_course):
    with sqlite3.connect(nb_course.root / "gradebook.db") as held:
        held.execute("BEGIN EXCLUSIVE")
        done = nb_course.run("nbgrader", "autograde", "--force", "--student", "right", NAME)
        held.rollback()
    assert done.returncode != 0
    [line] = errors(done)
    assert "the gradebook can't be written (database is locked)" in line
    assert (nb_course.root / "autograded" / "right" / NAME / f"{NAME}.ipynb").exists()


def test_importing_into_a_locked_gradebook_is_one_line(nb_course):
    with sqlite3.connect(nb_course.root / "gradebook.db") as held:
        held.execute("BEGIN EXCLUSIVE")
        done = nb_course.run("autograder", "import")
        held.rollback()
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert "the gradebook can't be written (database is locked)" in line


def test_a_practical_that_is_not_built_is_one_line(nb_course):
    key = nb_course.root / "solutions" / NAME / "answers.safetensors"
    key.rename(key.with_suffix(".away"))
    try:
        done = nb_course.run("nbgrader", "autograde", "--force", "--student", "right", NAME)
    finally:
        key.with_suffix(".away").rename(key)
    assert done.returncode != 0
    [line] = errors(done)
    assert f"{NAME} isn't built: run autograder build 01" in line


def test_an_unknown_student_is_nbgraders_own_line(nb_course):
    done = nb_course.run("nbgrader", "autograde", "--student", "nobody", NAME)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


def test_no_results_is_one_line(tmp_path):
    course = make_course(tmp_path / "course")
    done = course.run("autograder", "import")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip() == "there are no results in grades: run autograder grade first"
