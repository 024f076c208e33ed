"""nbgrader's own generate_assignment and generate_solution, in this process and without a gradebook."""

import logging

from nbgrader.converters import GenerateAssignment, GenerateSolution
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.authoring.notebook import STUB
from autograder.authoring.words import Words
from autograder.course import Course


class _Solution(GenerateSolution):
    """Without asking a gradebook for the assignment, whose start alone costs five seconds."""

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        BaseConverter.init_assignment(self, assignment_id, student_id)


def generate(course: Course, name: str, words: Words) -> None:
    """Write release/ and solutions/ of a practical from what lies in source/NN_name/."""
    log = logging.getLogger("autograder.nbgrader")
    log.setLevel(logging.ERROR)
    config = _config(course, name, words)
    for converter in (GenerateAssignment, _Solution):
        run = converter(coursedir=CourseDirectory(config=config), config=config)
        run.log = log
        run.start()


def _config(course, name, words) -> Config:
    config = Config()
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.assignment_id = name
    config.CourseDirectory.solution_directory = "solutions"
    config.ClearSolutions.code_stub = {"python": STUB}
    config.ClearSolutions.text_stub = words.write_here
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    config.GenerateSolution.preprocessors = [
        "nbgrader.preprocessors.IncludeHeaderFooter",
        "nbgrader.preprocessors.LockCells",
        "nbgrader.preprocessors.ClearOutput",
    ]
    return config
