"""Attacks that are files rather than cells: archives, links, names, and notebooks of odd bytes."""

import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable

from autograder.status import Status
from checks.attacks.hostile import Attack

ATTACKS: list[Attack] = []


def attack(name: str, tries: str, family: str = "escape", **expected) -> Callable:
    """Register a function that turns the right notebook's bytes into the file to hand in."""

    def register(make):
        expected.setdefault("points", 0.0)
        expected.setdefault("status", Status.UNREADABLE)
        ATTACKS.append(Attack(family, name, tries, make=make, **expected))
        return make

    return register


def zipped(*members, method=zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of (name or ZipInfo, bytes)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for member, data in members:
            archive.writestr(member, data)
    return buffer.getvalue()


# ---------------------------------------------------------------- archives


@attack("zip slip", "a member whose name climbs out", suffix=".zip", status=Status.GRADED, points=6)
def zip_slip(notebook):
    return zipped(("../../../../tmp/escaped.ipynb", notebook), ("../../escaped.py", b"x"))


@attack(
    "absolute names", "members with absolute names", suffix=".zip", status=Status.GRADED, points=6
)
def absolute_names(notebook):
    return zipped(("/tmp/escaped.ipynb", notebook), ("/etc/cron.d/escaped", b"x"))


@attack(
    "a device's name",
    "a member called like a device",
    suffix=".zip",
    status=Status.GRADED,
    points=6,
)
def device_name(notebook):
    return zipped(("CON/aux.ipynb", notebook), ("NUL", b"x"), ("/dev/sda", b"x"))


@attack("a link in a zip", "a member that is a link to the solution", suffix=".zip")
def link_in_zip(notebook):
    link = zipfile.ZipInfo("work.ipynb")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return zipped((link, b"../../solutions/01_mini/01_mini.ipynb"))


@attack("a zip bomb", "ten gigabytes of zeros in a few megabytes", suffix=".zip", reason="larger")
def zip_bomb(notebook):
    return zipped(("work.ipynb", bytes(300 << 20)))


@attack("a bomb that lies", "a member that says it is small", suffix=".zip", reason="read")
def lying_bomb(notebook):
    data = bytearray(zipped(("work.ipynb", bytes(100 << 20))))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.rindex(mark) + place
        data[at : at + 4] = struct.pack("<I", 1000)
    return bytes(data)


@attack("a zip of zips", "an archive in an archive in an archive", suffix=".zip")
def zip_of_zips(notebook):
    data = zipped(("work.ipynb", notebook))
    for _ in range(5):
        data = zipped(("inner.zip", data))
    return data


@attack(
    "many members",
    "a zip of a hundred thousand files",
    suffix=".zip",
    status=Status.GRADED,
    points=6,
)
def many_members(notebook):
    members = ((f"{n}.txt", b"") for n in range(100_000))
    return zipped(("work.ipynb", notebook), *members, method=zipfile.ZIP_STORED)


@attack("an encrypted zip", "a member with a password", suffix=".zip")
def encrypted(notebook):
    data = bytearray(zipped(("work.ipynb", notebook)))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rindex(mark) + place] |= 1
    return bytes(data)


@attack("a member's long name", "a member name of 300 characters with quotes and newlines", suffix=".zip", status=Status.GRADED, points=6)  # fmt: skip
def long_name(notebook):
    return zipped(("a'\"\n;rm -rf $(x)" * 20 + ".ipynb", notebook))


@attack("not a zip", "a program with the ending .zip", suffix=".zip")
def not_a_zip(notebook):
    return b"\x7fELF" + bytes(1000)


@attack("a cut zip", "the first half of a zip", suffix=".zip")
def cut_zip(notebook):
    data = zipped(("work.ipynb", notebook))
    return data[: len(data) // 2]


@attack(
    "a million members", "a zip that takes long to list", family="exhaust", suffix=".zip", reason="more than"
)  # fmt: skip
def endless_members(notebook):
    return b"PK\1\2" * 10**6 + zipped(("work.ipynb", notebook))


@attack("twenty large notebooks", "a zip of two gigabytes to choose from", family="exhaust", suffix=".zip", reason="together")  # fmt: skip
def large_notebooks(notebook):
    return zipped(*((f"{n}.ipynb", bytes(49 << 20)) for n in range(20)))


@attack("people without end", "a list as Gradescope's of ten million words beside a notebook", family="exhaust", suffix=".zip", status=Status.GRADED, points=6)  # fmt: skip
def endless_list(notebook):
    return zipped(
        ("submission_metadata.yml", b"[" + b"a," * 10**7), ("submission_1/x.ipynb", notebook)
    )


PRETENDING = {
    "Canvas": "annlee_123_456_work.ipynb",
    "Moodle": "Ann Lee_456_assignsubmission_file_/work.ipynb",
    "Blackboard": "Homework_al1_attempt_2026-01-31-23-59-59_work.ipynb",
}
for _lms, _member in PRETENDING.items():
    attack(
        f"a zip as {_lms} makes it",
        "a member that is called like another student's",
        family="forge",
        suffix=".zip",
        status=Status.GRADED,
        points=6,
    )(lambda notebook, member=_member: zipped((member, notebook)))


# ---------------------------------------------------------------- names of files

NAMES = {
    "a newline": "ann\nbob",
    "quotes": "ann'\"`bob",
    "a command": "; rm -rf $HOME & echo $(id) #",
    "an option": "--help",
    "dots": "..ann..",
    "a backslash": "..\\..\\ann",
    "255 bytes": "a" * 249,
    "letters of four bytes": "𝔞" * 60,
    "a byte that is no letter": "ann\udcff",
    "spaces": "  ann  ",
    "a percent": "%s%n%2e%2e",
    "a result's name": "grades.csv",
}
for _what, _student in NAMES.items():
    attack(
        f"a file name with {_what}",
        "a name that a shell, a path or an encoding trips over",
        student=_student,
        status=Status.GRADED,
        points=6.0,
    )(lambda notebook: notebook)


# ---------------------------------------------------------------- notebooks of odd bytes


def changed(notebook, **changes):
    return json.dumps(json.loads(notebook) | changes).encode()


def cells_of(notebook):
    return json.loads(notebook)["cells"]


def text_cell(source, **more):
    return {"cell_type": "markdown", "metadata": {}, "source": source} | more


def code_cell(source, **more):
    return {"cell_type": "code", "metadata": {}, "outputs": [], "source": source} | more


@attack("deep JSON", "lists nested a million deep", family="exhaust", reason="deep")
def deep_json(notebook):
    return b'{"cells": ' + b"[" * 10**6 + b"]" * 10**6 + b"}"


@attack("deep metadata", "cell metadata nested as deep as the parser goes", family="exhaust", status=Status.GRADED, points=6)  # fmt: skip
def deep_metadata(notebook):
    deep = b'{"a":' * 900 + b"1" + b"}" * 900
    return notebook.replace(b'"metadata": {}', b'"metadata": ' + deep, 1)


@attack("a deep source", "a cell's source that is lists in lists", family="exhaust", status=Status.GRADED, points=6)  # fmt: skip
def deep_source(notebook):
    deep = b"[" * 900 + b"1" + b"]" * 900
    cell = b'{"cell_type": "code", "metadata": {}, "outputs": [], "source": [' + deep + b"]}"
    return notebook.replace(b'"cells": [', b'"cells": [' + cell + b", ", 1)


@attack("a million cells", "forty megabytes of empty cells", family="exhaust", reason="more")
def many_cells(notebook):
    return b'{"cells": [' + b",".join([b'{"cell_type": "code"}'] * 10**6) + b"]}"


@attack("a million values", "forty megabytes of brackets", family="exhaust", reason="more")
def many_values(notebook):
    return b'{"cells": [' + b"[]," * 13 * 10**6 + b"0]}"


@attack("ten thousand cells to run", "each prints a line", family="exhaust", reason="cells")
def many_runs(notebook):
    whole = json.loads(notebook)
    return changed(
        notebook, cells=[code_cell(f"print({n})") for n in range(10_000)] + whole["cells"]
    )


@attack("a number of a million digits", "an integer that takes hours to read", family="exhaust")
def huge_number(notebook):
    return b'{"nbformat": ' + b"9" * 10**6 + b', "cells": []}'


@attack("a huge line", "a cell of forty megabytes on one line", family="exhaust", reason="longer")
def huge_line(notebook):
    whole = json.loads(notebook)
    return changed(notebook, cells=[code_cell("# " + "x" * 40_000_000), *whole["cells"]])


PUMPED = {
    "newlines": "\n",
    "spaces before a magic": " \n%",
    "backslashes and quotes": "\\'",
    "accents out of order": "a\u0301\u0316",
    "names that are called": "a(",
    "beginnings of functions": "def a\n",
}
for _what, _pumped in PUMPED.items():
    attack(
        f"nearly a million {_what}",
        "a text in which a pattern would look for hours",
        family="exhaust",
        status=Status.GRADED,
        points=6,
    )(
        lambda notebook, pumped=_pumped: _with_cell(
            notebook, "#" + pumped * (900_000 // len(pumped))
        )
    )


def _with_cell(notebook, source):
    return changed(notebook, cells=[code_cell(source), *json.loads(notebook)["cells"]])


@attack("a picture in a text", "forty megabytes as a text's picture", family="exhaust", status=Status.GRADED, points=6)  # fmt: skip
def huge_picture(notebook):
    text = "![](data:image/png;base64," + "A" * 40_000_000 + ")"
    cell = {"cell_type": "markdown", "metadata": {}, "source": text}
    return changed(notebook, cells=[cell, *json.loads(notebook)["cells"]])


@attack("a file of nothing", "a hundred megabytes of zeros", family="exhaust", reason="larger")
def zeros(notebook):
    return bytes(100 << 20)


@attack("values of other kinds", "numbers, nulls and lists where texts and objects belong", family="exhaust", status=Status.GRADED, points=6)  # fmt: skip
def other_kinds(notebook):
    odd = [
        7,
        None,
        [],
        "x",
        {"cell_type": 5},
        code_cell(7),
        code_cell(None, metadata=None),
        code_cell({"a": 1}, metadata=[], id=[]),
        code_cell([1, None, {}], metadata={"nbgrader": 3, "tags": 5}, id={"a": 1}),
        code_cell("1", metadata={"nbgrader": {"grade_id": ["x"]}, "tags": [None, {}]}),
    ]
    return changed(notebook, cells=odd + json.loads(notebook)["cells"], metadata=[1])


@attack("lone surrogates", "texts that can't be encoded", family="exhaust", status=Status.GRADED, points=6)  # fmt: skip
def surrogates(notebook):
    cells = json.loads(notebook)["cells"]
    return changed(notebook, cells=[code_cell("x = '\ud800'  # \udfff"), *cells])


@attack(
    "null bytes", "a cell with NUL characters", family="exhaust", status=Status.GRADED, points=6
)
def null_bytes(notebook):
    cells = json.loads(notebook)["cells"]
    return changed(notebook, cells=[code_cell("x = 1\x00\x00"), *cells])
