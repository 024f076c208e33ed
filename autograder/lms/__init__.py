"""Files that come from Canvas, Moodle, Blackboard and Gradescope, and files that go back."""

from autograder.lms.base import Lms, TakesBack
from autograder.lms.blackboard import Blackboard
from autograder.lms.canvas import Canvas
from autograder.lms.gradescope import Gradescope
from autograder.lms.moodle import Moodle

__all__ = ["ALL", "TAKING_BACK"]

ALL: dict[str, Lms] = {lms.name: lms for lms in (Canvas(), Moodle(), Blackboard(), Gradescope())}
TAKING_BACK: dict[str, TakesBack] = {n: lms for n, lms in ALL.items() if isinstance(lms, TakesBack)}
