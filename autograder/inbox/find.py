"""What students handed in: found in a folder, one submission a file, and read with care."""

import io
import os
import re
import stat
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from autograder.errors import UserError
from autograder.inbox.whose import METADATA, Origin, origins, read_people

LARGEST = 50_000_000  # bytes of a file, and of a notebook in a zip
CLEAR = "clear its outputs"
MOST_NOTEBOOKS = 20  # of a zip, that are looked into
SKIPPED = {".ipynb_checkpoints", "__MACOSX", "__pycache__"}


@dataclass(frozen=True)
class Submission:
    """One handed-in file: whose, where, and its member when it lies in a zip."""

    student: str
    path: Path
    member: str = ""
    folder: str = ""  # the practical, where the folder's or the downloaded file's name says it
    owner: str = ""  # the student without what tells several files of one student apart
    origin: Origin | None = None  # where the file comes from, if an LMS named it
    older: tuple[str, ...] = ()  # earlier attempts, which don't count

    @property
    def file(self) -> str:
        return f"{self.path}!{self.member}" if self.member else str(self.path)


def find_submissions(place: Path, practicals: Iterable[str]) -> list[Submission]:
    """Every submission in a folder (notebooks, zips, nbgrader's tree, an LMS's download) or a file.

    A zip that an LMS made of a whole class is opened when it is named, or when a folder holds
    nothing else. Of several attempts the latest is given.
    """
    if not place.exists():
        raise UserError(f"there is no {place}: name a folder of submissions, a notebook or a zip")
    practicals = set(practicals)
    if place.is_file():
        if place.suffix.lower() not in (".ipynb", ".zip"):
            raise UserError(f"{place} is neither a notebook (.ipynb) nor a .zip")
        found = _downloaded(place, practicals) or _submissions(place.parent, place, practicals)
    else:
        found = _in_folder(place, practicals)
    if not found:
        raise UserError(f"there is no notebook (.ipynb) and no .zip in {place}")
    return _with_own_names(latest(found))


def _in_folder(place, practicals):
    files = list(_files(place))
    opened: list[Submission] = []
    for path in files:
        members = _downloaded(path, practicals)
        if not members:
            break
        opened += members
    else:
        return opened
    listing = place / METADATA
    people = read_people(_read_plain(listing), str(listing)) if listing.is_file() else {}
    return [s for path in files for s in _submissions(place, path, practicals, people)]


def _files(place):
    """Whatever looks handed in, also links and pipes: each gets its row."""
    for folder, subfolders, names in os.walk(place):
        subfolders[:] = sorted(
            name for name in subfolders if name not in SKIPPED and not name.startswith(".")
        )
        links = [name for name in subfolders if Path(folder, name).is_symlink()]
        wanted = [name for name in names if name.lower().endswith((".ipynb", ".zip"))]
        for name in sorted(wanted + links):
            if not re.match(r"\.[^.]", name):  # but "..ann..ipynb" is somebody's
                yield Path(folder, name)


def _submissions(place, path, practicals, people=None):
    """The submission that a file is, or those of a group."""
    parts = path.relative_to(place).parts
    folder = parts[0] if len(parts) >= 2 and parts[0] in practicals else ""
    if whose := origins(parts[1:] if folder else parts, people):
        return _from_lms(path, "", folder, whose, practicals)
    if len(parts) >= 3 and parts[-2] in practicals:  # nbgrader's submitted/student/practical/
        return [Submission(parts[-3], path, folder=parts[-2])]
    if len(parts) >= 2 and not folder:
        return [Submission(parts[0], path)]
    if len(parts) >= 3:  # practical/student/file
        return [Submission(parts[1], path, folder=folder)]
    return [Submission(path.stem, path, folder=folder)]


def _from_lms(path, member, folder, whose, practicals):
    name = PurePosixPath(member or path).name
    folder = folder or next((p for p in sorted(practicals) if p in name), "")
    return [Submission(o.student, path, member, folder, origin=o) for o in whose]


def _downloaded(path, practicals):
    """The submissions in a zip that an LMS made of a class; [] when it is anything else.

    A file that an LMS named is a student's, whatever is in it.
    """
    if path.suffix.lower() != ".zip" or path.is_symlink() or origins([path.name]):
        return []
    try:
        with _opened(path) as file, zipfile.ZipFile(file) as archive:
            members = [info.filename for info in archive.infolist() if _handed_in(info.filename)]
            top, people = _listed(archive, path)
    except Exception:  # a damaged archive raises whatever its decompressor raises
        return []
    found = []
    for member in members:
        parts = PurePosixPath(member).parts[top:]
        whose = origins(parts, people) if parts else []
        if not whose:
            return []
        found += _from_lms(path, member, "", whose, practicals)
    return found


def _listed(archive, path):
    """How deep the folders of a Gradescope export lie in a zip, and who handed in each of them."""
    names = [PurePosixPath(name) for name in archive.namelist()]
    listing = min(
        (n for n in names if n.name == METADATA), key=lambda n: len(n.parts), default=None
    )
    if listing is None or len(listing.parts) > 2:
        return 0, {}
    data = _unzip(archive, archive.getinfo(str(listing)))
    return len(listing.parts) - 1, read_people(data, f"{path}!{listing}")


def _handed_in(name):
    path = PurePosixPath(name)
    return (
        path.suffix.lower() in (".ipynb", ".zip")
        and not SKIPPED & set(path.parts)
        and not path.name.startswith("._")
    )


def latest(found: Iterable[Submission]) -> list[Submission]:
    """The submissions without earlier attempts of the same thing, which the latest one names."""
    found = list(found)
    best: dict[tuple, str] = {}
    older: dict[tuple, list[str]] = {}
    for submission in found:
        key, attempt = _attempt(submission)
        best[key] = max(best.get(key, ""), attempt)
    for submission in found:
        key, attempt = _attempt(submission)
        if attempt < best[key]:
            older.setdefault(key, []).append(submission.file)
    return [
        replace(submission, older=(*submission.older, *older.get(key, ())))
        for submission in found
        for key, attempt in [_attempt(submission)]
        if attempt == best[key]
    ]


def _attempt(submission):
    origin = submission.origin
    if origin and origin.attempt:
        return (origin.lms, origin.series), origin.attempt
    return (submission.student, submission.file), ""


def _with_own_names(found):
    """No two submissions of one practical under one name: later ones get their file's name too.

    A file whose folder doesn't say its practical may be of any.
    """
    taken: dict[str, set[str]] = {}
    result = []
    for submission in sorted(found, key=lambda submission: submission.folder == ""):
        name, number = submission.student, 1
        file = PurePosixPath(submission.member or submission.path).name
        while _meet(taken.get(name, ()), submission.folder):
            number += 1
            extra = f" {number}" if number > 2 else ""
            name = f"{submission.student} ({file}{extra})"
        taken.setdefault(name, set()).add(submission.folder)
        result.append(replace(submission, student=name, owner=submission.student))
    return result


def _meet(folders, folder):
    return folder in folders or "" in folders or (folder == "" and bool(folders))


def read_bytes(submission: Submission, practical: str) -> tuple[bytes, list[str]]:
    """A submission's notebook, and what was odd about the file.

    UserError (for the student) when the file doesn't give a notebook.
    """
    try:
        with _opened(submission.path) as file:
            if submission.member:
                with zipfile.ZipFile(file) as download:
                    data = _unzip(download, download.getinfo(submission.member))
            elif os.fstat(file.fileno()).st_size > LARGEST:
                raise UserError(f"the file is larger than {LARGEST // 10**6} MB: {CLEAR}")
            else:
                data = file.read()
        if not (submission.member or submission.path.name).lower().endswith(".zip"):
            return data, []
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _from_zip(archive, practical)
    except UserError:
        raise
    except Exception as error:  # a damaged archive raises whatever its decompressor raises
        why = str(error)[:200] or "it ends too early"
        raise UserError(f"the file can't be read: {why}") from None


def _opened(path):
    """An open file that is one; a UserError for a link, which may lead to the solution, and the like."""
    if path.is_symlink():
        raise UserError("the file is a link: hand in the notebook itself")
    file = open(path, "rb", opener=_without_waiting)
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise UserError("this isn't a file: hand in the notebook itself")
    return file


def _read_plain(path):
    with _opened(path) as file:
        return file.read(LARGEST)


def _without_waiting(path, flags):
    """Open no pipe that waits for a writer, and follow no link put there a moment ago."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW)


def _from_zip(archive, practical):
    """The one notebook of a zip; of several the practical's own, else the newest of its copies."""
    notebooks = [
        info
        for info in archive.infolist()
        if info.filename.lower().endswith(".ipynb") and not SKIPPED & set(Path(info.filename).parts)
    ]
    named = [info for info in notebooks if Path(info.filename).stem == practical]
    chosen = named if len(named) == 1 else notebooks
    if len(chosen) > 1 and len(chosen) <= MOST_NOTEBOOKS:
        chosen = [info for info in chosen if practical.encode() in _unzip(archive, info)] or chosen
    warnings = []
    if len(chosen) > 1:
        dates = sorted(info.date_time for info in chosen)
        if len(chosen) > MOST_NOTEBOOKS or dates[-1] == dates[-2]:
            raise UserError(f"the zip holds {len(chosen)} notebooks: hand in one")
        newest = max(chosen, key=lambda info: info.date_time)
        names = ", ".join(Path(info.filename).name[:60] for info in chosen)
        warnings.append(
            f"the zip holds several notebooks ({names:.300}); "
            f"{Path(newest.filename).name[:60]}, the newest, was graded"
        )
        chosen = [newest]
    if not chosen:
        inner = any(info.filename.lower().endswith(".zip") for info in archive.infolist())
        more = ", but another zip: hand in the notebook itself" if inner else ""
        raise UserError(f"the zip holds no notebook (.ipynb){more}")
    return _unzip(archive, chosen[0]), warnings


def _unzip(archive, info):
    """A member's bytes, of which no more than allowed are ever unpacked."""
    if info.file_size <= LARGEST:
        with archive.open(info) as file:
            data = file.read(LARGEST + 1)
        if len(data) <= LARGEST:
            return data
    raise UserError(f"the notebook in the zip is larger than {LARGEST // 10**6} MB: {CLEAR}")
