"""Targets: files that lie on the instructor's disk, from an LMS, from a build or from ourselves."""

import contextlib
import csv
import io
import json
import re
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from workbook.assess import assess
from workbook.values import CaseOutcome

from autograder.course import KEY_FORMAT
from autograder.errors import UserError
from autograder.grading.attempts import Attempts, Key
from autograder.grading.key_file import read_key
from autograder.grading.result import Result, load_results
from autograder.inbox.find import find_submissions
from autograder.inbox.submission import Submission
from autograder.inbox.whose import GRADESCOPE_FOLDER, read_people
from autograder.inbox.zips import read_bytes
from autograder.lms import TAKING_BACK
from autograder.lms.entries import read_results
from autograder.lms.roster import read_table
from autograder.report.pages import write_class_pages
from autograder.testing.pages import Page
from checks.fuzz.lines import is_a_line

PRACTICAL = "01_mini"
STUDENTS = ("ann_101", "Lee, Ann_7", "bob")


def people(data: bytes) -> None:
    """Gradescope's list of who handed in what."""
    try:
        found = read_people(data, "list.yml")
    except UserError as refusal:
        is_a_line(str(refusal))
        return
    for folder, origins in found.items():
        assert GRADESCOPE_FOLDER.fullmatch(folder)
        assert all(isinstance(origin.student, str) and origin.student for origin in origins)


def download(data: bytes) -> None:
    """What an LMS made of a class, up to each student's bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "class.zip")
        path.write_bytes(data)
        submissions = find_submissions(path, [PRACTICAL])
        assert submissions
        assert len({s.student for s in submissions}) == len(submissions)
        for submission in submissions:
            try:
                read_bytes(submission, PRACTICAL)
            except UserError as refusal:
                is_a_line(str(refusal))


def table(data: bytes) -> None:
    """A class list that an LMS gave out, filled in for each LMS that takes one back."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "list.csv")
        path.write_bytes(data)
        for lms in TAKING_BACK.values():
            try:
                read = read_table(path)
                width = len(read.header)
                assert all(len(row) == width for row in read.rows)
                text, notes = lms.grades({PRACTICAL: _results()}, read, None, False)
            except UserError as refusal:
                is_a_line(str(refusal), 100_000)  # it names the columns that there are
                continue
            text.encode(lms.encoding, "replace")
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=read.separator))
            assert {len(row) for row in rows} == {len(read.header)}
            for note in notes:
                assert note
                assert not re.search(r"[\x00-\x1f\x7f\u202e]", note)


@cache
def _results():
    case = {"name": "c", "title": "c", "hidden": True, "status": "passed", "points": 2, "max_points": 2}  # fmt: skip
    exercise = case | {"name": "causal_mask", "cases": [case]}
    del exercise["hidden"]
    facts = {"practical": PRACTICAL, "file": "x.ipynb", "status": "graded", "schema": 1}
    facts |= {"points": 2, "max_points": 2, "exercises": [exercise]}
    return [Result.unpack(json.dumps(facts | {"student": name}).encode()) for name in STUDENTS]


def answer_key(data: bytes) -> None:
    """An answer key's file, and what it judges."""
    with tempfile.NamedTemporaryFile(suffix=".safetensors") as file:
        file.write(data)
        file.flush()
        try:
            read = read_key(Path(file.name), PRACTICAL)
        except UserError as refusal:
            is_a_line(str(refusal))
            return
    if read.header.get("format") != KEY_FORMAT:  # then it has to be built again
        return
    for name, exercise in read.exercises.items():
        seen = {case: CaseOutcome(read.observed(name, case)) for case in exercise["cases"]}
        assess(read, name, seen)


def result(data: bytes) -> None:
    """A stored result: in a class's pages and tables, and as one of several attempts."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        kept = folder / PRACTICAL / "attempts" / "ann"
        kept.mkdir(parents=True)
        digest = "d" * 64
        (folder / PRACTICAL / "ann.json").write_bytes(data)
        (kept / f"{digest[:32]}.json").write_bytes(data)
        _attempt_again(folder, digest)
        (folder / PRACTICAL / "ann.json").write_bytes(data)
        try:
            loaded = load_results(folder / PRACTICAL)
        except UserError as refusal:
            is_a_line(str(refusal))
            return
        for lms in TAKING_BACK.values():
            with contextlib.suppress(UserError):  # of none that has a number there
                lms.grades(read_results(folder, None), None, None, True)
        assert all(Path(each.practical).name == each.practical for each in loaded)
        write_class_pages(loaded, folder, "A title")
        for page in folder.rglob("*.html"):
            shown = Page(page.read_text(encoding="utf-8"))
            assert not any("owned" in script for script in shown.scripts)
            assert page.resolve().is_relative_to(folder.resolve() / PRACTICAL)


def _attempt_again(folder, digest):
    attempts, old, new = Attempts(folder, best=True), Key("rules", digest), Key("rules", "e" * 64)
    here = Submission("ann", folder / "ann.ipynb")
    attempts.arrived(PRACTICAL, here, old, b"old")
    attempts.arrived(PRACTICAL, here, new, b"new")
    past = Submission("ann", folder / "ann.ipynb", past=True)
    attempts.arrived(PRACTICAL, past, Key("rules", "f" * 64), b"older")
    attempts.find(PRACTICAL, "ann", old)
    attempts.not_graded({PRACTICAL: "rules"})
    graded = Result(PRACTICAL, "ann", "ann.ipynb", "graded", key=str(new))
    counting = attempts.keep(graded, new)
    assert Result.load(attempts.path(PRACTICAL, "ann")).points == counting.points


STORED: dict[str, Callable[[bytes], None]] = {
    "people": people,
    "download": download,
    "table": table,
    "key": answer_key,
    "result": result,
}
