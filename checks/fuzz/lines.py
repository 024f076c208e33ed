"""What a person reads when something can't be read."""

from autograder.names import printable


def is_a_line(text: str, longest: int = 1_000) -> None:
    """Fail unless this is one line of some length."""
    assert text
    assert "\n" not in printable(text)
    assert len(text) < longest
