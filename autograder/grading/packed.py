"""A course as bytes, to be sent to where its submissions are graded, and kept there by its digest."""

import hashlib
import io
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path

from autograder import cache
from autograder.course import Course

SAME_DAY = (1980, 1, 1, 0, 0, 0)  # the same bytes from the same files
KEPT_SECONDS = 30 * 24 * 3600  # that a course which nobody uses stays


def pack_course(course: Course, practicals: Iterable[str]) -> bytes:
    """A zip of what grading these practicals needs, answers among it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(practicals):
            archive.writestr(zipfile.ZipInfo(f"source/{name}/", SAME_DAY), b"")
            for file in course.graded_with(name):
                entry = zipfile.ZipInfo(str(file.relative_to(course.root)), SAME_DAY)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.read_bytes())
    return buffer.getvalue()


def digest_of(packed: bytes) -> str:
    """The name under which a packed course is kept."""
    return hashlib.sha256(packed).hexdigest()


def kept_course(digest: str) -> Course | None:
    """The course of this digest, if it is kept here."""
    place = _folder() / digest
    if not place.is_dir():
        return None
    os.utime(place)  # in use: it stays
    return Course(place)


def keep_course(digest: str, packed: bytes) -> None:
    """Keep a course here, whole or not at all; remove those that nobody used for a month."""
    if digest_of(packed) != digest:
        raise ValueError("a course didn't arrive whole")
    if kept_course(digest):
        return
    with tempfile.TemporaryDirectory(dir=_folder(), prefix=".") as partial:
        new = Path(partial) / "course"
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            archive.extractall(new)
        try:
            new.rename(_folder() / digest)
        except OSError:  # another worker of this machine was first
            if not kept_course(digest):
                raise
    for place in _folder().iterdir():
        if place.stat().st_mtime < time.time() - KEPT_SECONDS:
            shutil.rmtree(place, ignore_errors=True)


def _folder() -> Path:
    """The courses of this user, which nobody else may read: there are answers in them."""
    place = cache.folder() / "courses"
    place.mkdir(mode=0o700, exist_ok=True)
    return place
