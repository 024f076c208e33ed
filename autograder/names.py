"""Names from outside, made fit for the places where they go: files, terminals, pages, spreadsheets."""

import base64
import hashlib
import re
import unicodedata
from itertools import groupby, islice

LONGEST_SLUG = 80
DIGEST = 12  # base-32 digits: 60 bits, so that nobody finds a name that takes another's files
LONGEST_NAME = 255  # letters; file systems and LMSs take no more
LONGEST_LINE = 1_000  # letters of a sentence in which something of a student's is repeated
MARKS = 4  # accents on top of each other in one place; more is a prank

# A slug that is the name itself: lower case, as some file systems hold Anna and anna for one.
PLAIN = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_-])?")
DIGESTED = re.compile(rf".*-[a-z2-7]{{{DIGEST}}}", re.DOTALL)
WINDOWS_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.DOTALL)

ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, cursor
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # window title, links
    r"|\x1b[@-Z\\-_]"
)
TO_ASCII = str.maketrans(
    dict(zip("øØłŁđĐðıßæÆœŒþÞ", "o O l L d D d i ss ae AE oe OE th Th".split()))
)
JOINERS = "\u200c\u200d"  # Persian, Hindi and emoji need them


def slug(student: str) -> str:
    """A readable file name for a student: at most 80 of [A-Za-z0-9._-], no two students the same.

    It is the name itself where that can be; else a digest of the name follows.
    """
    if (
        PLAIN.fullmatch(student)
        and len(student) <= LONGEST_SLUG
        and not DIGESTED.fullmatch(student)
        and not WINDOWS_DEVICE.fullmatch(student)
    ):
        return student
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).digest()
    suffix = base64.b32encode(digest)[:DIGEST].decode().lower()
    return f"{readable(student)[: LONGEST_SLUG - DIGEST - 1].strip('.-') or 'student'}-{suffix}"


def folder_name(student: str) -> str:
    """A readable folder name of at most 80 of [A-Za-z0-9._-]; two students may get the same."""
    name = readable(student)[:LONGEST_SLUG].strip(".-")
    return name if name and not WINDOWS_DEVICE.fullmatch(name.lower()) else slug(student)


def readable(text: str) -> str:
    """The text in [A-Za-z0-9._-], letters without their accents; "" when nothing is left."""
    # Ordering accents is quadratic: nobody's name has more of them than a file's can have letters.
    plain = unicodedata.normalize("NFKD", text[:LONGEST_NAME].translate(TO_ASCII))
    return re.sub(r"[^A-Za-z0-9._]+", "-", plain.encode("ascii", "ignore").decode()).strip(".-")


def printable(text: str) -> str:
    """The text as one line that can't do anything where it is shown.

    Escape sequences, control characters and what turns the reading direction go; line ends and
    tabs become spaces; what has no character becomes U+FFFD.
    """
    if not text.isprintable():
        text = "".join(map(_visible, ESCAPE_SEQUENCE.sub("", text)))
    if text.isascii():
        return text
    runs = groupby(text, lambda character: unicodedata.combining(character) > 0)
    return "".join("".join(islice(run, MARKS) if marks else run) for marks, run in runs)


def short(text: str, most: int = 60) -> str:
    """The text as one harmless line of at most so many characters; … stands for what is cut.

    Whatever of a student's is repeated to anybody, an identifier, a name, a reason, comes through
    here; a short text comes out as it went in.
    """
    if len(text) <= most:
        return printable(text)
    return f"{printable(text[: most - 2])} …"


def _visible(character):
    if character.isprintable() or character in JOINERS:
        return character
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) in ("Cc", "Cf") else "\ufffd"


def in_order(name: str) -> tuple:
    """Sort key for names: case doesn't matter, student_2 comes before student_10."""
    parts = re.split(r"([0-9]+)", name)
    return [part.zfill(12) if part.isdecimal() else part.casefold() for part in parts], name
