"""Which practical something is of: told by folders, by names of files, by what a notebook says."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from autograder.errors import UserError
from autograder.inbox.reading import Notebook
from autograder.inbox.submission import Submission
from autograder.names import short

SEARCHED = 5_000_000  # bytes of a notebook that are searched for names


def outermost(folders: Sequence[str], practicals: Collection[str]) -> str:
    """The practical that the first of these folders is named after; "" when it isn't."""
    return folders[0] if folders and folders[0] in practicals else ""


def of_folders(folders: Sequence[str], practicals: Collection[str]) -> tuple[str, str]:
    """The practical and the student that the folders above a file say; "" for what they don't.

    They are nbgrader's student/practical, or practical/student, practical or student alone. What
    lies further in may be of a student's making, and says nothing.
    """
    if practical := outermost(folders, practicals):
        return practical, "".join(folders[1:2])
    return outermost(folders[1:], practicals), "".join(folders[:1])


def named_in(file_name: str, practicals: Iterable[str]) -> str:
    """The first practical whose name is a part of a file's; "" when there is none."""
    return next((name for name in practicals if name in file_name), "")


def is_called(file: str, practical: str) -> bool:
    """Whether a notebook's file has the practical's own name."""
    return PurePosixPath(file).stem == practical


def names_itself(data: bytes, practical: str) -> bool:
    """Whether the bytes of a notebook have the practical's name in them, as released ones do."""
    return practical.encode() in data


def guess(
    submission: Submission,
    exercises: Mapping[str, Collection[str]],
    read: Callable[[], bytes],
) -> str:
    """Which practical a submission is of: by folder, by file name, by what it says, else the first.

    Args:
        exercises: of each practical there is, the names of its exercises.
        read: gives the notebook's bytes; asked only where no name says it.
    """
    if submission.folder in exercises:
        return submission.folder
    if len(exercises) == 1:
        return next(iter(exercises))
    if named := named_in(submission.path.name, exercises):
        return named
    try:
        text = read()[:SEARCHED].decode("utf-8", "replace")
    except UserError:
        return next(iter(exercises))
    hits = {
        practical: text.count(f'"{practical}"') + sum(name in text for name in names)
        for practical, names in exercises.items()
    }
    return max(hits, key=lambda practical: hits[practical])


def is_of_another_language(notebook: Notebook) -> bool:
    """Whether a notebook says that its kernel speaks something else than Python."""
    return bool(notebook.language) and "python" not in notebook.language.lower()


def what_else(notebook: Notebook, practical: str) -> str:
    """What a notebook is in which no cell is this practical's, for its student."""
    if is_of_another_language(notebook):
        return f"the notebook is written in {short(notebook.language, 30)}, not in Python"
    if notebook.named and notebook.named != practical:
        return f"this is the notebook of {short(notebook.named)!r}, not of {practical!r}"
    return f"no cell of the notebook belongs to {practical!r}"
