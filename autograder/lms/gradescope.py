"""Gradescope: its exports are read; results go there by a door of their own (doors/gradescope)."""

from autograder.inbox import whose
from autograder.lms.base import Lms


class Gradescope(Lms):
    """A list beside the files says who handed in each of them."""

    name = whose.GRADESCOPE
    origins = staticmethod(whose.gradescope)
