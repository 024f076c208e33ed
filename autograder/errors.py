"""Errors that a person can act on; `cli.py` prints them as one line."""


class UserError(Exception):
    """Something the person running a command can put right; the message says what to do."""

    exit_code = 2


class AuthorError(UserError):
    """A mistake in a source, test or mistakes file, with the place: `file:line: what to do`."""

    def __init__(self, path, line, message):
        super().__init__(f"{path}:{line}: {message}")


class Stopped(BaseException):
    """Somebody asked the program to end: Ctrl-C, or SIGTERM. Its argument is the signal's number."""


def refuse(problems: list[str]) -> None:
    """UserError with every problem, a line each, if there are any."""
    if problems:
        raise UserError("\n".join(problems))
