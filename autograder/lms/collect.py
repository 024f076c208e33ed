"""What was downloaded from an LMS, put where nbgrader looks for it: submitted/student/practical/."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.errors import UserError
from autograder.files import read_file, write_file
from autograder.grading.built import Loaded, practical_of
from autograder.inbox.find import find_submissions
from autograder.inbox.submission import Submission, latest
from autograder.inbox.which_practical import names_itself
from autograder.inbox.zips import read_bytes
from autograder.lms import ALL
from autograder.names import folder_name, printable, slug


def collect(
    places: Iterable[Path], loaded: dict[str, Loaded], output: Path, replace: bool
) -> Iterator[str]:
    """Copy each student's notebook to <output>/<student>/<practical>/<practical>.ipynb.

    Yields a line on whatever wasn't taken or was there already, and at the end one on how many
    were. A notebook that differs from the one that is there is taken only with `replace`.

    Raises UserError when a place holds nothing, or the output can't be written.
    """
    submissions = latest(s for place in places for s in find_submissions(place, loaded))
    by_practical: dict[str, list[Submission]] = {}
    for submission in submissions:
        by_practical.setdefault(practical_of(submission, loaded), []).append(submission)
    counts: Counter[str] = Counter()
    for practical, its_submissions in sorted(by_practical.items()):
        names = nbgrader_names(its_submissions)
        yield from _sharing_a_name(its_submissions, names)
        by_owner: dict[str, list[Submission]] = {}
        for submission in its_submissions:
            by_owner.setdefault(submission.owner, []).append(submission)
        for owner, name in names.items():
            target = output / name / practical / f"{practical}.ipynb"
            how, lines = _take(owner, by_owner[owner], practical, target, replace)
            counts[how] += 1
            yield from map(printable, lines)
    done = ", ".join(f"{number} {how}" for how, number in sorted(counts.items()))
    yield f"{output}: {done}"


def nbgrader_names(submissions: Iterable[Submission]) -> dict[str, str]:
    """The folder name of each student of one practical; no two the same, whatever the case.

    Numbers that change from one assignment to the next, as Moodle's do, are left out where names
    are enough, so that a student keeps one name in nbgrader's gradebook.
    """
    short = {s.owner: _short(s) for s in submissions}
    for longer in (folder_name, slug):
        taken = Counter(name.casefold() for name in short.values())
        for owner, name in short.items():
            if taken[name.casefold()] > 1:
                short[owner] = longer(owner)
    return short


def _short(submission):
    origin = submission.origin
    stays = origin is None or ALL[origin.lms].numbers_stay
    return folder_name(submission.owner if stays else origin.name)


def _sharing_a_name(submissions, names):
    sharing: dict[str, set[str]] = {}
    for submission in submissions:
        sharing.setdefault(_short(submission), set()).add(submission.owner)
    for name, owners in sharing.items():
        if len(owners) > 1:
            each = [f"{printable(o)} is {names[o]}" for o in sorted(owners)]
            more = f" and {len(each) - 5} more" if len(each) > 5 else ""
            yield f"{len(each)} students would be {name}: {', '.join(each[:5])}{more}"


def _take(owner, files, practical, target, replace):
    """What became of a student's files: how, and lines about it."""
    readable, lines = [], []
    for submission in files:
        lines += [
            f"{owner}: {past.file} is an earlier attempt, not taken" for past in submission.older
        ]
        try:
            readable.append((submission, read_bytes(submission, practical)[0]))
        except UserError as error:
            lines.append(f"{owner}: {submission.file} not taken: {error}")
    if not readable:
        return "unreadable", lines
    best, data = max(readable, key=lambda each: _likely(*each, practical))
    others = [s.file for s, other in readable if s is not best and other != data]
    lines += [f"{owner}: {file} not taken; {best.file} was" for file in others]
    if any(folder.is_symlink() for folder in (target.parent, target.parent.parent)):
        return "kept", [*lines, f"{owner}: {target.parent} is behind a link, nothing was put there"]
    if target.exists() and not target.is_symlink():
        if read_file(target) == data:
            return "as before", lines
        if not replace:
            line = f"{owner}: {target} is another notebook and stays; --replace takes {best.file}"
            return "kept", [*lines, line]
    how = "replaced" if target.exists() else "new"
    write_file(target, data)
    return how, [
        *lines,
        f"{owner}: {target} replaced by {best.file}",
    ] if how == "replaced" else lines


def _likely(submission, data, practical):
    """How likely a file is the one that counts: by its name, by what it says, by its age."""
    attempt = submission.origin.attempt if submission.origin else ""
    return (
        submission.folder == practical,
        names_itself(data, practical),
        attempt,
        os.path.basename(submission.file),
    )
