"""A quiz and a discussion: read, shuffled, released without answers, graded with reasons."""

import re
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.authoring.material import read_material
from autograder.authoring.quiz import read_quiz
from autograder.authoring.words import ENGLISH
from autograder.errors import AuthorError
from autograder.status import Status
from autograder.testing.small import build_small, open_classroom

WHY = "Then each key would have one unit to give."
SOURCE = f"""

# %% [markdown] quiz="quiz" points=3 minutes=5 level="beginner"
# ### {{exercise}}: what you know now
# One answer is right.
#
# 1. **Softmax.** Over which axis of $(T_q, T_k)$ does it go?
#    - [x] the keys
#    - [ ] the queries | {WHY}
#    - [ ] both | The whole table would share one unit.
# 2. **Counting.** How many numbers are in a (3, 4) array?
#    - [=] 12
#    - [ ] 7 | That is 3 + 4: rows and columns multiply.
#    - [ ] 3 | Those are its rows.
# 3. **Shape.** What does `zeros((2, 3)).T.shape` give, as a list?
#    - [=] [3, 2]
#    - [ ] [2, 3] | That is the shape before.
#    - [ ] [6] | A transpose keeps two axes.

# %% [markdown] discussion="why_masks" points=4
# **Discussion** (4 points, read by people). Why are there masks?
#
# {{rubric}} 0: nothing.
#
# 2: the future is named.
"""
QUIZ = SOURCE[SOURCE.index("# ###") : SOURCE.index("# %% [markdown] discussion")]
QUIZ = re.sub(r"(?m)^# ?", "", QUIZ)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return build_small(tmp_path_factory.mktemp("quiz") / "course", SOURCE)


@pytest.fixture(scope="module")
def classroom(course):
    with open_classroom(course) as opened:
        yield opened


def letter(wanted):
    """The letter that the notebook gives an option of question 1."""
    shown = read_quiz(Path("x"), 1, "quiz", QUIZ).text()
    return re.search(rf"- \*\*(\w)\*\*: {wanted}", shown)[1]


def cells(folder):
    notebook = nbformat.read(folder / "01_mini.ipynb", 4)
    return {cell.id: cell for cell in notebook.cells}


def test_students_get_a_line_for_each_answer(course):
    blank = cells(course.release("01_mini"))["quiz"].source
    assert blank.splitlines()[1:] == ["quiz_1 = ...", "quiz_2 = ...", "quiz_3 = ..."]


def test_neither_answers_nor_reasons_nor_the_rubric_are_released(course):
    release = course.release("01_mini")
    for file in release.rglob("*"):
        ours = file.is_relative_to(release / "workbook")  # [x] is also an index
        text = file.read_bytes() if file.is_file() and not ours else b""
        for secret in (WHY, "Those are its rows", "future is named", "quiz_1_is_right", "[x]"):
            assert secret.encode() not in text, f"{secret!r} is in {file.name}"


def test_a_discussion_is_marked_by_hand_with_the_rubric_in_the_instructors_copy(course):
    student, teacher = (
        cells(f("01_mini"))["why_masks"] for f in (course.release, course.solutions)
    )
    assert student.cell_type == "markdown"
    assert student.source == ENGLISH.write_here
    facts = student.metadata.nbgrader
    assert (facts.grade, facts.solution, facts.locked, facts.points) == (True, True, False, 4)
    assert teacher.source.startswith("**Rubric.** 0: nothing.")
    assert "SOLUTION" not in teacher.source


def test_points_are_those_of_the_questions_and_none_of_the_discussion(course):
    practical = read_material(course, course.root / "source" / "01_mini.py").practical
    assert practical.points == 6 + 3


def answers(*values):
    return {"quiz": "".join(f"quiz_{n} = {value}\n" for n, value in enumerate(values, 1))}


def quiz_of(result):
    return next(e for e in result.exercises if e.name == "quiz")


def test_right_answers_in_any_spelling_get_all_points(classroom):
    for values in ((f"'{letter('the keys')}'", "12", "[3, 2]"), (f"' {letter('the keys').upper()}'", "12.0", "(3, 2)")):  # fmt: skip
        quiz = quiz_of(classroom.grade(answers(*values)))
        assert (quiz.status, quiz.points) == (Status.PASSED, 3)


def test_every_wrong_answer_gets_its_own_reason(classroom):
    quiz = quiz_of(classroom.grade(answers(f"'{letter('the queries')}'", "7", "[3, 2]")))
    assert [case.message for case in quiz.cases if case.hidden] == [
        WHY,
        "That is 3 + 4: rows and columns multiply.",
        "",
    ]
    assert (quiz.points, quiz.status) == (1, Status.PARTLY)


def test_a_question_without_answer_costs_its_own_point_only(classroom):
    quiz = quiz_of(classroom.grade(answers("...", "12", "[3, 2]")))
    assert [case.status for case in quiz.cases] == [
        Status.FAILED,
        Status.NOT_STARTED,
        Status.PASSED,
        Status.PASSED,
    ]
    assert quiz.points == 2


def test_an_answer_that_nobody_thought_of_is_wrong_without_a_reason(classroom):
    quiz = quiz_of(classroom.grade(answers("'z'", "13", "None")))
    assert quiz.points == 0
    assert quiz.hint == ""
    assert all(case.message for case in quiz.cases)


def test_a_quiz_saved_without_cell_ids_is_found_by_its_names(classroom):
    def forget(notebook):
        for cell in notebook["cells"]:
            del cell["id"]
            cell["metadata"] = {}

    result = classroom.grade(edit=forget)
    assert quiz_of(result).points == 3
    assert result.warnings == [
        "the cells have lost their ids; they were recognised by what they define"
    ]


def test_the_notebook_says_what_is_missing_and_never_what_is_right(course):
    import workbook

    grader = workbook.Notebook(course.release("01_mini") / "tests")
    blank = grader.check("quiz", {"quiz_1": ..., "quiz_2": ..., "quiz_3": ...})
    assert blank.status == "not started"
    partly = grader.check("quiz", {"quiz_1": "A", "quiz_2": "b", "quiz_3": ...})
    assert partly.status == "not yet complete"
    assert "quiz_2, quiz_3" in repr(partly)
    reports = [grader.check("quiz", {"quiz_1": x, "quiz_2": 1, "quiz_3": [3]}) for x in "abc"]
    assert {report.status for report in reports} == {"answered"}
    assert len({repr(report) for report in reports}) == 1
    assert "after you hand in" in repr(reports[0])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1. **Softmax.**", "1. Softmax.", "question 2 should be number 1"),
        ("   - [x] the keys\n", "", "quiz_1: a question is"),
        ("[ ] the queries", "[x] the queries", "quiz_1: a question is"),
        (f" | {WHY}", "", "quiz_1: a question is"),
        ("2. **Counting", "4. **Counting", "question 4 should be number 2"),
        ("[=] 12", "[=] twelve", "'twelve' isn't a Python number or list"),
    ],
)
def test_a_fault_in_a_quiz_is_named(old, new, message):
    assert QUIZ.count(old) == 1
    with pytest.raises(AuthorError, match=message):
        read_quiz(Path("source.py"), 10, "quiz", QUIZ.replace(old, new))


def test_a_typed_answer_is_exact_where_a_wrong_one_is_near():
    near = QUIZ.replace("[=] 12", "[=] 15000500").replace("[ ] 7 |", "[ ] 15000000 |")
    tests = read_quiz(Path("source.py"), 1, "quiz", near).tests()
    assert "expect(answer(quiz_2), rtol=0)" in tests
    assert "expect(answer(quiz_1))" in tests
    assert "rtol" not in read_quiz(Path("source.py"), 1, "quiz", QUIZ).tests()


def test_a_typed_number_may_be_right_within_limits():
    about = QUIZ.replace("[=] 12", "[=] 12 ± 1.5")
    quiz = read_quiz(Path("source.py"), 1, "quiz", about)
    assert "expect(answer(quiz_2), rtol=0, atol=1.5)" in quiz.tests()
    assert "quiz_2 = 12\n" in quiz.solution()


words = st.text("abc xyz$_*`'\"<>&", min_size=1).map(str.strip).filter(bool)


@given(st.lists(st.lists(words, min_size=3, max_size=6, unique=True), min_size=1, max_size=4))
def test_the_letter_in_the_solution_is_the_one_of_the_right_option(questions):
    text = "Intro.\n"
    for number, (right, *wrong) in enumerate(questions, 1):
        text += f"{number}. **Topic.** What?\n- [x] {right}\n"
        text += "".join(f"- [ ] {option} | because\n" for option in wrong)
    quiz = read_quiz(Path("source.py"), 1, "q", text)
    names: dict = {}
    exec(quiz.solution(), names)
    shown = quiz.text().split("**1. Topic.**")[1]
    for number, (right, *_) in enumerate(questions, 1):
        block = shown.split(f"**{number + 1}. Topic.**")[0]
        assert f"- **{names[f'q_{number}']}**: {right}\n" in block + "\n"
        shown = shown[len(block) :]
    assert quiz.tests() == read_quiz(Path("source.py"), 1, "q", text).tests()
