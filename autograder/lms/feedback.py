"""Students' pages in a zip that Canvas or Moodle gives back to them."""

import io
import zipfile
from pathlib import Path, PurePosixPath

from autograder.errors import UserError
from autograder.files import read_file, write_file
from autograder.inbox.find import find_submissions
from autograder.inbox.whose import Origin, origin_of
from autograder.lms.collect import nbgrader_names
from autograder.lms.entries import one_practical, read_results
from autograder.names import in_order, printable, slug

WHEN = (2020, 1, 1, 0, 0, 0)  # the same pages, the same bytes


def zip_feedback(
    lms: str, grades: Path, wanted: str | None, downloads: Path | None, output: Path
) -> list[str]:
    """Zip one practical's pages under the names that the LMS knows its students by.

    What was downloaded is needed where results are of files that `autograder collect` renamed.
    Returns a line on each page that isn't in the zip, and one on the zip.

    Raises UserError when no page can be given back, or the zip can't be written.
    """
    practical, results = one_practical(read_results(grades, wanted), lms)
    pages = grades / practical / "feedback"
    pages = pages if pages.is_dir() else grades / "feedback"
    found = find_submissions(downloads, [practical], downloads=True) if downloads else []
    collected = _collected(found, lms)
    entries: dict[str, bytes] = {}
    notes = []
    for result in sorted(results, key=lambda result: in_order(result.student)):
        student = printable(result.student)
        origin = origin_of(result.student, result.file) or collected.get(result.student)
        page = pages / f"{slug(result.student)}.html"
        if origin is None or origin.lms != lms:
            notes.append(
                f"{student}: {printable(result.file)} doesn't come from {lms}, no page given"
            )
        elif not page.is_file():
            notes.append(f"{student}: there is no page {page}: run autograder grade again")
        else:
            entries[_free(entries, origin.feedback)] = read_file(page)
    if not entries:
        advice = (
            f"{downloads} holds none of these students' files: name the download that was graded"
            if downloads
            else "name what you downloaded with --downloads"
        )
        raise UserError(f"no page in {pages} is of a file from {lms}: {advice}")
    _write(entries, output)
    return [*notes, f"{output}: {len(entries)} pages"]


def _collected(downloads, lms) -> dict[str, Origin]:
    """Where the students of nbgrader's layout come from, by the names that they have there."""
    submissions = [s for s in downloads if s.origin and s.origin.lms == lms]
    names = nbgrader_names(submissions)
    return {names[s.owner]: s.origin for s in reversed(submissions)}


def _free(entries, name):
    """The name, numbered when it is taken."""
    path, number = PurePosixPath(name), 1
    while name in entries:
        number += 1
        name = str(path.with_name(f"{path.stem} {number}{path.suffix}"))
    return name


def _write(entries, output):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, page in entries.items():
            info = zipfile.ZipInfo(name, WHEN)
            info.external_attr = 0o644 << 16
            archive.writestr(info, page, zipfile.ZIP_DEFLATED)
    write_file(output, packed.getvalue())
