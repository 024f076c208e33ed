"""Whose a downloaded file is: the names that Canvas, Moodle, Blackboard and Gradescope give.

Only names are read here. What a student may choose, the name of the file as handed in, comes
last in each of them and is never searched for a name or a number.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import yaml

from autograder.errors import UserError
from autograder.names import LONGEST_NAME

CANVAS, MOODLE, BLACKBOARD, GRADESCOPE = "Canvas", "Moodle", "Blackboard", "Gradescope"
METADATA = "submission_metadata.yml"

# leeann_LATE_123_456_02.ipynb or, graded blind, anon_aB3dE_456_02.ipynb
CANVAS_FILE = re.compile(
    r"(?P<name>[^\s/.,;()\-]+?)(?:_LATE)?_"
    r"(?P<number>[1-9][0-9]*)_(?P<file>[1-9][0-9]*)_(?P<original>.+)",
    re.DOTALL,
)
CANVAS_BLIND = re.compile(
    r"(?:LATE_)?anon_(?P<number>[A-Za-z0-9]+)_(?P<file>[1-9][0-9]*)_(?P<original>.+)", re.DOTALL
)
# a folder "Ann Lee_456_assignsubmission_file_" (since Moodle 4.1 without the last _), or the
# beginning of a file's name; a group without a number is Moodle's default group
MOODLE_NAME = re.compile(
    r"(?P<name>[^_/]+)(?:_(?P<number>[0-9]+))?_assignsubmission_file(?:_(?P<original>.*))?",
    re.DOTALL,
)
# Homework 2_al123_attempt_2026-01-31-23-59-59_02.ipynb
BLACKBOARD_FILE = re.compile(
    r"(?P<series>.*?_(?P<number>[^_]+))_attempt_(?P<when>\d{4}(?:-\d\d){5})_(?P<original>.+)",
    re.DOTALL,
)
GRADESCOPE_FOLDER = re.compile(r"submission_[0-9]+")
DEEPEST = 50
AGAIN = re.compile(r"(?:\d+-|\)\d+\( ?)+")  # of notebook-1 and notebook (2), read backwards
MOST_WORDS = 1_000_000  # and brackets of a list, ten megabytes of Gradescope's; two seconds


@dataclass(frozen=True)
class Origin:
    """What the name of a downloaded file says: whose it is, and under what name it was handed in.

    Of files with one `series` only those of the greatest `attempt` count; without an attempt all
    do. `feedback` is the name under which the LMS takes a page for this student back, "" if none.
    """

    lms: str
    name: str
    number: str
    original: str
    series: str = ""
    attempt: str = ""
    feedback: str = ""

    @property
    def student(self) -> str:
        """The student as the LMS writes it: name and number."""
        return "_".join(part for part in (self.name, self.number) if part)


def gradescope(parts: Sequence[str], people: Mapping[str, list[Origin]]) -> list[Origin] | None:
    """submission_123/…, for whom the list beside it names."""
    return people.get(parts[0]) if len(parts) > 1 else None


def moodle(parts: Sequence[str], people: Mapping[str, list[Origin]]) -> list[Origin] | None:
    """Ann Lee_456_assignsubmission_file_/…"""
    first, rest = parts[0], "/".join(parts[1:])
    said = MOODLE_NAME.fullmatch(first)
    if not said:
        return None
    name, number, original = said["name"], said["number"] or "", said["original"] or ""
    if bool(original) == bool(rest):  # a file's name is in one of the two
        return []
    prefix = first + "/" if rest else first[: said.start("original")]
    return [Origin(MOODLE, name, number, rest or original, feedback=f"{prefix}feedback.html")]


def canvas(parts: Sequence[str], people: Mapping[str, list[Origin]]) -> list[Origin] | None:
    """leeann_123_456_…"""
    file = parts[0]
    said = CANVAS_BLIND.fullmatch(file) or CANVAS_FILE.fullmatch(file)
    if not said or len(parts) > 1:
        return None
    name = said.groupdict().get("name", "anon")
    original, number = said["original"], said["number"]
    return [
        Origin(
            CANVAS,
            name,
            number,
            original,
            series=f"{name}_{number}/{_without_copies(original)}",
            attempt=said["file"].zfill(30),
            feedback=f"{file.rpartition('.')[0] or file}.html",
        )
    ]


def _without_copies(original):
    """A file's name without the numbers that browsers and Canvas give to copies."""
    stem, dot, ending = original.rpartition(".")
    copies = AGAIN.match(stem[::-1]) if ending.replace("_", "a").isalnum() else None
    return stem[: len(stem) - copies.end()] + dot + ending if copies else original


def blackboard(parts: Sequence[str], people: Mapping[str, list[Origin]]) -> list[Origin] | None:
    """Homework 2_al123_attempt_2026-01-31-23-59-59_…"""
    said = BLACKBOARD_FILE.fullmatch(parts[0])
    if not said or len(parts) > 1:
        return None
    facts = (said["number"], said["original"], said["series"], said["when"])
    return [Origin(BLACKBOARD, "", *facts)]


# Each gives None where a name isn't one that this LMS makes.
READERS = (gradescope, moodle, canvas, blackboard)


def origins(parts: Sequence[str], people: Mapping[str, list[Origin]] | None = None) -> list[Origin]:
    """Whose the file at this path inside a download is; more than one for a group, [] if unsaid.

    `people` are those of Gradescope's list, by folder. Of names longer than any LMS gives nothing
    is read.
    """
    if any(len(part) > LONGEST_NAME for part in parts):
        return []
    answers = (read(parts, people or {}) for read in READERS)
    return next((answer for answer in answers if answer is not None), [])


def origin_of(student: str, file: str) -> Origin | None:
    """The origin that a result's file shows, if it is this student's.

    A student may call a file like another one's download, so the name must fit the student that
    the whole path gave when it was found.
    """
    parts = [part for piece in file.split("!") for part in PurePosixPath(piece).parts]
    for start in range(len(parts)):
        for origin in origins(parts[start:]):
            if student == origin.student or student.startswith(f"{origin.student} ("):
                return origin
    return None


# ---------------------------------------------------------------- Gradescope's list


def read_people(text: bytes, list_name: str) -> dict[str, list[Origin]]:
    """Who handed in each folder of a Gradescope export; UserError when the list can't be read.

    Nothing in it is made into an object: only the text of names, numbers and addresses is taken.
    """
    people: dict[tuple[str, int], dict[str, str]] = {}
    try:
        for folder, number, key, value in _submitters(text):
            people.setdefault((folder, number), {})[key] = value[:LONGEST_NAME]
    except (yaml.YAMLError, ValueError) as error:
        line = " ".join(str(error).split())[:200]
        raise UserError(f"{list_name} can't be read ({line}): download the export again") from None
    by_folder: dict[str, list[Origin]] = {}
    for (folder, _), facts in people.items():
        number = facts.get(":sid") or facts.get(":email") or ""
        origin = Origin(GRADESCOPE, facts.get(":name", ""), number, "")
        if origin.student and GRADESCOPE_FOLDER.fullmatch(folder):
            by_folder.setdefault(folder, []).append(origin)
    return by_folder


def _submitters(text):
    """Folder, place, key and value of every text about a submitter.

    From the parser's events, as building what a hostile file nests ends Python.
    """
    open_: list[list] = []  # of each collection that we are in: the key or place where we are
    events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for number, event in enumerate(events):
        if number > MOST_WORDS:
            raise ValueError("it holds more than any class's")
        if isinstance(event, yaml.CollectionStartEvent):
            open_.append([None if isinstance(event, yaml.MappingStartEvent) else 0])
            if len(open_) > DEEPEST:
                raise ValueError("it is nested too deeply")
            continue
        if isinstance(event, yaml.CollectionEndEvent):
            open_.pop()
            value = ""
        elif isinstance(event, yaml.ScalarEvent):
            value = event.value
        elif isinstance(event, yaml.AliasEvent):
            value = ""
        else:
            continue
        if not open_:
            continue
        where = [key for (key,) in open_] if len(open_) == 4 else []
        if where and where[0] and where[1] == ":submitters" and where[3] and value:
            yield where[0], where[2], where[3], value
        [last] = open_[-1]
        open_[-1][0] = last + 1 if isinstance(last, int) else value if last is None else None
