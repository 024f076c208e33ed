"""Honest files that went wrong on the way: what happened, the fair score, and what is said of it.

Each is made from the small course's right solution (6 points). Where only the student can say what
was meant, the fair answer is no score but a line that says what to hand in instead.
"""

from checks.attacks.broken import cells, formats  # noqa: F401 (which add to FILES)
from checks.attacks.broken.kit import FILES, Broken

__all__ = ["FILES", "Broken"]
