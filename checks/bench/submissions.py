"""The submissions of a benchmark: known answers, and answers that nobody has seen."""

from dataclasses import replace

from autograder.authoring.percent import read_practical
from autograder.course import Course
from autograder.sample import Student, draw_class
from checks.bench.unseen import rewrite_submission

# Everyone here finishes, so that all three engines do.
KNOWN = ("right", "mistakes", "accepted", "partial", "mistakes", "blank")
# What is rewritten, so that nobody has seen it: every second submission.
UNSEEN = ("accepted", "mistakes", "accepted", "mistakes", "partial", "mistakes")
SEED = 7


def make_submissions(course: Course, practical: str, count: int) -> list[Student]:
    """Half of them from the lists of right answers and mistakes, half rewritten from those."""
    known, unseen = (count + 1) // 2, count // 2
    exercises = read_practical(course.choose(practical)).exercises
    coded = [name for name, exercise in exercises.items() if not exercise.quiz]
    made = []
    for student in _draw(course, practical, KNOWN, known, SEED):
        made.append(replace(student, name=student.name.replace("student", "known")))
    for student in _draw(course, practical, UNSEEN, unseen, SEED + 1):
        data = rewrite_submission(student.data, coded, f"{SEED} {student.name}")
        name = student.name.replace("student", "unseen")
        made.append(replace(student, name=name, data=data))
    return made


def _draw(course, practical, kinds, count, seed):
    return draw_class(course, practical, [kinds[n % len(kinds)] for n in range(count)], seed)
