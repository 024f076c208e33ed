"""What students handed in: the files of a folder or of an LMS's download, one submission each."""

import os
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from autograder.errors import UserError
from autograder.inbox.submission import Submission, latest, refuse_many, with_own_names
from autograder.inbox.which_practical import named_in, of_folders, outermost
from autograder.inbox.whose import METADATA, origins, read_people
from autograder.inbox.zips import LARGEST, SKIPPED, open_zip, opened, read_file, unzip

LONGEST_PATH = 4_000  # letters, as file systems have it
DEEPEST = 50  # folders in each other


def find_submissions(
    place: Path, practicals: Iterable[str], downloads: bool = False
) -> list[Submission]:
    """Every submission in a folder (notebooks, zips, nbgrader's tree, an LMS's download) or a file.

    Whose something is says the outermost name below what was named: of a folder the names in it.
    So a zip that an LMS made of a whole class is opened when it is named itself, or when
    `downloads` says that a folder holds such zips and nothing else. Of several attempts the latest
    is given.
    """
    if not place.exists():
        raise UserError(f"there is no {place}: name a folder of submissions, a notebook or a zip")
    practicals = set(practicals)
    if place.is_file():
        if place.suffix.lower() not in (".ipynb", ".zip"):
            raise UserError(f"{place} is neither a notebook (.ipynb) nor a .zip")
        submissions = _downloaded(place, practicals) or _of_file(place.parent, place, practicals)
    else:
        submissions = (downloads and _in_downloads(place, practicals)) or _in_folder(
            place, practicals
        )
    if not submissions:
        raise UserError(f"there is no notebook (.ipynb) and no .zip in {place}")
    return with_own_names(refuse_many(latest(submissions)))


def files_of(place: Path) -> Iterator[Path]:
    """The files that what is found in a place depends on, whether or not they are there."""
    if place.is_dir():
        yield from _files(place)
    yield place / METADATA if place.is_dir() else place


def unopened(submissions: Iterable[Submission]) -> list[Path]:
    """The files of a place that look like an LMS's zips of whole classes, where it holds no others."""
    paths = [s.path for s in submissions if s.origin is None and not s.member]
    return paths if all(_looks_downloaded(path) for path in paths) else []


def _looks_downloaded(path):
    """The same of a file that a student may have made."""
    try:
        with opened(path) as file:
            open_zip(file.read(LARGEST)).close()
    except Exception:  # a damaged archive raises whatever its reader raises
        return False
    return bool(_downloaded(path, ()))


def _in_downloads(top, practicals):
    """The submissions in a folder's zips; [] when any of its files is something else."""
    each = [_downloaded(path, practicals) for path in _files(top)]
    return [submission for members in each for submission in members] if all(each) else []


def _in_folder(top, practicals):
    files = list(_files(top))
    listing = top / METADATA
    people = read_people(read_file(listing), str(listing)) if listing.is_file() else {}
    return [s for path in files for s in _of_file(top, path, practicals, people)]


def _files(top) -> Iterator[Path]:
    """Whatever looks handed in, also links, pipes and folders that can't be read: each gets its row."""
    closed: list[Path] = []
    for folder, subfolders, names in os.walk(
        top, onerror=lambda e: closed.append(Path(e.filename))
    ):
        inside = sorted(n for n in subfolders if n not in SKIPPED and not n.startswith("."))
        ends = [name for name in inside if _is_end(Path(folder, name), top)]
        subfolders[:] = [name for name in inside if name not in ends]
        wanted = [name for name in names if _is_wanted(Path(folder, name))]
        for name in sorted(wanted + ends):
            if not re.match(r"\.[^.]", name):  # but "..ann..ipynb" is somebody's
                yield Path(folder, name)
    if top in closed:
        raise UserError(f"can't read {top}: make it readable")
    yield from sorted(closed)


def _is_wanted(path):
    """Whether a file looks handed in; a link that leads nowhere may have been a folder's."""
    is_lost = not path.suffix and path.is_symlink() and not os.path.exists(path)
    return is_lost or path.suffix.lower() in (".ipynb", ".zip")


def _is_end(folder, top):
    """Whether a folder isn't looked into: a link, one that is called a notebook, one too far in."""
    is_named = folder.suffix.lower() == ".ipynb"
    return is_named or folder.is_symlink() or len(folder.relative_to(top).parts) > DEEPEST


def _of_file(top, path, practicals, people=None) -> list[Submission]:
    """The submission that a file is, or those of a group."""
    parts = path.relative_to(top).parts
    if path.suffix.lower() not in (".ipynb", ".zip"):  # a folder stands for what lies in it
        parts = (*parts, "*")
    outer = outermost(parts[:-1], practicals)
    if whose := origins(parts[1:] if outer else parts, people):
        return _from_lms(path, "", outer, whose, practicals, top)
    practical, student = of_folders(parts[:-1], practicals)
    return [Submission(student or path.stem, path, folder=practical, top=top)]


def _from_lms(path, member, practical, whose, practicals, top) -> list[Submission]:
    name = PurePosixPath(member or path).name
    practical = practical or named_in(name, sorted(practicals))
    return [Submission(o.student, path, member, practical, origin=o, top=top) for o in whose]


def _downloaded(path, practicals) -> list[Submission]:
    """The submissions in a zip that an LMS made of a class; [] when it is anything else.

    A file that an LMS named is a student's, whatever is in it.
    """
    if path.suffix.lower() != ".zip" or path.is_symlink() or origins([path.name]):
        return []
    try:
        with opened(path) as file, zipfile.ZipFile(file) as archive:
            members = [info.filename for info in archive.infolist() if _handed_in(info.filename)]
            depth, people = _listed(archive, path)
    except Exception:  # a damaged archive raises whatever its decompressor raises
        return []
    submissions: list[Submission] = []
    for member in members:
        parts = PurePosixPath(member).parts[depth:] if len(member) <= LONGEST_PATH else ()
        whose = origins(parts, people) if parts else []
        if not whose:
            return []
        submissions += _from_lms(path, member, "", whose, practicals, path.parent)
    return submissions


def _listed(archive, path):
    """How deep the folders of a Gradescope export lie in a zip, and who handed in each of them."""
    names = [PurePosixPath(name) for name in archive.namelist()]
    listing = min(
        (n for n in names if n.name == METADATA), key=lambda n: len(n.parts), default=None
    )
    if listing is None or len(listing.parts) > 2:
        return 0, {}
    data = unzip(archive, archive.getinfo(str(listing)))
    return len(listing.parts) - 1, read_people(data, f"{path}!{listing}")


def _handed_in(name):
    path = PurePosixPath(name)
    return (
        path.suffix.lower() in (".ipynb", ".zip")
        and not SKIPPED & set(path.parts)
        and not path.name.startswith("._")
    )
