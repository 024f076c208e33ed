"""One handed-in file, and which of several of one student is the latest."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from autograder.inbox.whose import Origin

MOST_FILES = 20  # of one student and practical that are looked at


@dataclass(frozen=True)
class Submission:
    """One handed-in file: whose, where, and its member when it lies in a zip."""

    student: str
    path: Path
    member: str = ""
    folder: str = ""  # the practical, where the folder's or the downloaded file's name says it
    owner: str = ""  # the student without what tells several files of one student apart
    origin: Origin | None = None  # where the file comes from, if an LMS named it
    older: "tuple[Submission, ...]" = ()  # earlier attempts, the first one first
    past: bool = False  # an earlier attempt itself, graded because the best one counts
    named: str = ""  # the file as it was handed in, where a kept copy of it is read
    refused: str = ""  # why the file isn't even opened
    top: Path | None = None  # the folder that was named: no link below it is followed

    @property
    def file(self) -> str:
        if self.named:
            return self.named
        return f"{self.path}!{self.member}" if self.member else str(self.path)

    @property
    def file_name(self) -> str:
        """The file's own name, without folders."""
        return PurePosixPath(self.member or self.path).name


def latest(submissions: Iterable[Submission]) -> list[Submission]:
    """The submissions without earlier attempts of the same thing, which the latest one names."""
    submissions = list(submissions)
    best: dict[tuple, str] = {}
    older: dict[tuple, list[Submission]] = {}
    for submission in submissions:
        series, attempt = _attempt(submission)
        best[series] = max(best.get(series, ""), attempt)
    for submission in sorted(submissions, key=lambda submission: _attempt(submission)[1]):
        series, attempt = _attempt(submission)
        if attempt < best[series]:
            older.setdefault(series, []).append(submission)
    return [
        replace(submission, older=(*submission.older, *older.get(series, ())))
        for submission in submissions
        for series, attempt in [_attempt(submission)]
        if attempt == best[series]
    ]


def refuse_many(submissions: Iterable[Submission]) -> list[Submission]:
    """The submissions, of which nobody has more than a few of one practical; else one, refused."""
    by_student: dict[tuple[str, str], list[Submission]] = {}
    for submission in submissions:
        by_student.setdefault((submission.student, submission.folder), []).append(submission)
    for whose, files in by_student.items():
        if len(files) > MOST_FILES:
            why = f"there are {len(files)} files: hand in one"
            by_student[whose] = [replace(files[0], refused=why)]
    return [submission for files in by_student.values() for submission in files]


def _attempt(submission):
    origin = submission.origin
    if origin and origin.attempt:
        return (origin.lms, origin.series), origin.attempt
    return (submission.student, submission.file), ""


def with_own_names(submissions: Iterable[Submission]) -> list[Submission]:
    """No two submissions of one practical under one name: later ones get their file's name too.

    A file whose folder doesn't say its practical may be of any.
    """
    taken: dict[str, set[str]] = {}  # practicals, by student
    numbers: dict[tuple[str, ...], int] = {}  # the last that was taken by files called alike
    renamed = []
    for submission in sorted(submissions, key=lambda submission: submission.folder == ""):
        alike = (submission.student, submission.file_name, submission.folder)
        name, number = submission.student, numbers.get(alike, 1)
        while _meet(taken.get(name, ()), submission.folder):
            number += 1
            extra = f" {number}" if number > 2 else ""
            name = f"{submission.student} ({submission.file_name}{extra})"
        numbers[alike] = number
        taken.setdefault(name, set()).add(submission.folder)
        renamed.append(replace(submission, student=name, owner=submission.student))
    return renamed


def _meet(folders, folder):
    return folder in folders or "" in folders or (folder == "" and bool(folders))
