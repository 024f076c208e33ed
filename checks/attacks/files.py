"""Attacks that are files rather than cells: archives, links, names, and notebooks of odd bytes."""

import base64
import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable

from autograder.status import Status
from checks.attacks.hostile import Attack

ATTACKS: list[Attack] = []


def _attack(name: str, tries: str, family: str = "escape", **expected) -> Callable:
    """Register a function that turns the right notebook's bytes into the file to hand in."""

    def register(make):
        expected.setdefault("points", 0.0)
        expected.setdefault("status", Status.UNREADABLE)
        ATTACKS.append(Attack(family, name, tries, make=make, **expected))
        return make

    return register


def _zip(*members, method=zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of (name or ZipInfo, bytes)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for member, data in members:
            archive.writestr(member, data)
    return buffer.getvalue()


# ---------------------------------------------------------------- archives


@_attack(
    "zip slip", "a member whose name climbs out", suffix=".zip", status=Status.GRADED, points=6
)
def zip_slip(notebook):
    return _zip(("../../../../tmp/escaped.ipynb", notebook), ("../../escaped.py", b"x"))


@_attack(
    "absolute names", "members with absolute names", suffix=".zip", status=Status.GRADED, points=6
)
def absolute_names(notebook):
    return _zip(("/tmp/escaped.ipynb", notebook), ("/etc/cron.d/escaped", b"x"))


@_attack(
    "a device's name",
    "a member called like a device",
    suffix=".zip",
    status=Status.GRADED,
    points=6,
)
def device_name(notebook):
    return _zip(("CON/aux.ipynb", notebook), ("NUL", b"x"), ("/dev/sda", b"x"))


@_attack("a link in a zip", "a member that is a link to the solution", suffix=".zip")
def link_in_zip(notebook):
    link = zipfile.ZipInfo("work.ipynb")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return _zip((link, b"../../solutions/01_mini/01_mini.ipynb"))


@_attack("a zip bomb", "ten gigabytes of zeros in a few megabytes", suffix=".zip", reason="larger")
def zip_bomb(notebook):
    return _zip(("work.ipynb", bytes(300 << 20)))


@_attack("a bomb that lies", "a member that says it is small", suffix=".zip", reason="read")
def lying_bomb(notebook):
    data = bytearray(_zip(("work.ipynb", bytes(100 << 20))))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.rindex(mark) + place
        data[at : at + 4] = struct.pack("<I", 1000)
    return bytes(data)


@_attack("a zip of zips", "an archive in an archive in an archive", suffix=".zip")
def zip_of_zips(notebook):
    data = _zip(("work.ipynb", notebook))
    for _ in range(5):
        data = _zip(("inner.zip", data))
    return data


@_attack(
    "many members",
    "a zip of a hundred thousand files",
    suffix=".zip",
    status=Status.GRADED,
    points=6,
)
def many_members(notebook):
    members = ((f"{n}.txt", b"") for n in range(100_000))
    return _zip(("work.ipynb", notebook), *members, method=zipfile.ZIP_STORED)


@_attack("an encrypted zip", "a member with a password", suffix=".zip")
def encrypted(notebook):
    data = bytearray(_zip(("work.ipynb", notebook)))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rindex(mark) + place] |= 1
    return bytes(data)


@_attack("a member's long name", "a member name of 300 characters with quotes and newlines", suffix=".zip", status=Status.GRADED, points=6)  # fmt: skip
def long_name(notebook):
    return _zip(("a'\"\n;rm -rf $(x)" * 20 + ".ipynb", notebook))


@_attack("not a zip", "a program with the ending .zip", suffix=".zip")
def not_a_zip(notebook):
    return b"\x7fELF" + bytes(1000)


@_attack("a cut zip", "the first half of a zip", suffix=".zip")
def cut_zip(notebook):
    data = _zip(("work.ipynb", notebook))
    return data[: len(data) // 2]


@_attack(
    "a million members", "a zip that takes long to list", family="exhaust", suffix=".zip", reason="more than"
)  # fmt: skip
def endless_members(notebook):
    return b"PK\1\2" * 10**6 + _zip(("work.ipynb", notebook))


@_attack("twenty large notebooks", "a zip of two gigabytes to choose from", family="exhaust", suffix=".zip", reason="together")  # fmt: skip
def large_notebooks(notebook):
    return _zip(*((f"{n}.ipynb", bytes(49 << 20)) for n in range(20)))


@_attack("people without end", "a list as Gradescope's of ten million words beside a notebook", family="exhaust", suffix=".zip", status=Status.GRADED, points=6)  # fmt: skip
def endless_list(notebook):
    return _zip(
        ("submission_metadata.yml", b"[" + b"a," * 10**7), ("submission_1/x.ipynb", notebook)
    )


PRETENDING = {
    "Canvas": "annlee_123_456_work.ipynb",
    "Moodle": "Ann Lee_456_assignsubmission_file_/work.ipynb",
    "Blackboard": "Homework_al1_attempt_2026-01-31-23-59-59_work.ipynb",
}
for _lms, _member in PRETENDING.items():
    _attack(
        f"a zip as {_lms} makes it",
        "a member that is called like another student's",
        family="forge",
        suffix=".zip",
        status=Status.GRADED,
        points=6,
    )(lambda notebook, member=_member: _zip((member, notebook)))


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
    _attack(
        f"a file name with {_what}",
        "a name that a shell, a path or an encoding trips over",
        student=_student,
        status=Status.GRADED,
        points=6.0,
    )(lambda notebook: notebook)


# ---------------------------------------------------------------- notebooks of odd bytes


def _with(notebook, **changes):
    return json.dumps(json.loads(notebook) | changes).encode()


def _cells(notebook):
    return json.loads(notebook)["cells"]


def _text(source, **more):
    return {"cell_type": "markdown", "metadata": {}, "source": source} | more


def _code(source, **more):
    return {"cell_type": "code", "metadata": {}, "outputs": [], "source": source} | more


@_attack("deep JSON", "lists nested a million deep", family="exhaust", reason="deep")
def deep_json(notebook):
    return b'{"cells": ' + b"[" * 10**6 + b"]" * 10**6 + b"}"


@_attack("deep metadata", "cell metadata nested as deep as the parser goes", family="exhaust", status=Status.GRADED, points=6)  # fmt: skip
def deep_metadata(notebook):
    deep = b'{"a":' * 900 + b"1" + b"}" * 900
    return notebook.replace(b'"metadata": {}', b'"metadata": ' + deep, 1)


@_attack("a deep source", "a cell's source that is lists in lists", family="exhaust", status=Status.GRADED, points=6)  # fmt: skip
def deep_source(notebook):
    deep = b"[" * 900 + b"1" + b"]" * 900
    cell = b'{"cell_type": "code", "metadata": {}, "outputs": [], "source": [' + deep + b"]}"
    return notebook.replace(b'"cells": [', b'"cells": [' + cell + b", ", 1)


@_attack("a million cells", "forty megabytes of empty cells", family="exhaust", reason="more")
def many_cells(notebook):
    return b'{"cells": [' + b",".join([b'{"cell_type": "code"}'] * 10**6) + b"]}"


@_attack("a million values", "forty megabytes of brackets", family="exhaust", reason="more")
def many_values(notebook):
    return b'{"cells": [' + b"[]," * 13 * 10**6 + b"0]}"


@_attack("ten thousand cells to run", "each prints a line", family="exhaust", reason="cells")
def many_runs(notebook):
    whole = json.loads(notebook)
    return _with(notebook, cells=[_code(f"print({n})") for n in range(10_000)] + whole["cells"])


@_attack("a number of a million digits", "an integer that takes hours to read", family="exhaust")
def huge_number(notebook):
    return b'{"nbformat": ' + b"9" * 10**6 + b', "cells": []}'


@_attack("a huge line", "a cell of forty megabytes on one line", family="exhaust", reason="longer")
def huge_line(notebook):
    whole = json.loads(notebook)
    return _with(notebook, cells=[_code("# " + "x" * 40_000_000), *whole["cells"]])


PUMPED = {
    "newlines": "\n",
    "spaces before a magic": " \n%",
    "backslashes and quotes": "\\'",
    "accents out of order": "a\u0301\u0316",
    "names that are called": "a(",
    "beginnings of functions": "def a\n",
}
for _what, _pumped in PUMPED.items():
    _attack(
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
    return _with(notebook, cells=[_code(source), *json.loads(notebook)["cells"]])


@_attack("a picture in a text", "forty megabytes as a text's picture", family="exhaust", status=Status.GRADED, points=6)  # fmt: skip
def huge_picture(notebook):
    text = "![](data:image/png;base64," + "A" * 40_000_000 + ")"
    cell = {"cell_type": "markdown", "metadata": {}, "source": text}
    return _with(notebook, cells=[cell, *json.loads(notebook)["cells"]])


@_attack("a file of nothing", "a hundred megabytes of zeros", family="exhaust", reason="larger")
def zeros(notebook):
    return bytes(100 << 20)


@_attack("values of other kinds", "numbers, nulls and lists where texts and objects belong", family="exhaust", status=Status.GRADED, points=6)  # fmt: skip
def other_kinds(notebook):
    odd = [
        7,
        None,
        [],
        "x",
        {"cell_type": 5},
        _code(7),
        _code(None, metadata=None),
        _code({"a": 1}, metadata=[], id=[]),
        _code([1, None, {}], metadata={"nbgrader": 3, "tags": 5}, id={"a": 1}),
        _code("1", metadata={"nbgrader": {"grade_id": ["x"]}, "tags": [None, {}]}),
    ]
    return _with(notebook, cells=odd + json.loads(notebook)["cells"], metadata=[1])


@_attack("lone surrogates", "texts that can't be encoded", family="exhaust", status=Status.GRADED, points=6)  # fmt: skip
def surrogates(notebook):
    cells = json.loads(notebook)["cells"]
    return _with(notebook, cells=[_code("x = '\ud800'  # \udfff"), *cells])


@_attack(
    "null bytes", "a cell with NUL characters", family="exhaust", status=Status.GRADED, points=6
)
def null_bytes(notebook):
    cells = json.loads(notebook)["cells"]
    return _with(notebook, cells=[_code("x = 1\x00\x00"), *cells])


@_attack("HTML in the practical's name", "metadata that is shown in the reason", family="pages", status=Status.WRONG_PRACTICAL)  # fmt: skip
def html_practical(notebook):
    named = {"workbook": {"practical": "<script>alert(1)</script>"}}
    return json.dumps({"cells": [_code("1")], "metadata": named}).encode()


@_attack("a formula in the practical's name", "metadata that a spreadsheet runs", family="pages", status=Status.WRONG_PRACTICAL)  # fmt: skip
def formula_practical(notebook):
    named = {"workbook": {"practical": "=cmd|' /C calc'!A0"}}
    return json.dumps({"cells": [_code("1")], "metadata": named}).encode()


@_attack("HTML in the language", "a kernel whose language is a script", family="pages", status=Status.WRONG_PRACTICAL)  # fmt: skip
def html_language(notebook):
    named = {"language_info": {"name": "<img src=x onerror=alert(1)>\x1b[2J"}}
    return json.dumps({"cells": [_code("1")], "metadata": named}).encode()


# ---------------------------------------------------------------- what pages show


def _page_attack(name, tries):
    return _attack(name, tries, family="pages", status=Status.GRADED, points=6)


@_page_attack("words without end", "text that a reader of Markdown takes hours for")
def long_words(notebook):
    cells = [_text("\\begin{a}" * 200)] * 300 + [_text("[" * 10**5), _code("#" * 300_000)]
    return _with(notebook, cells=cells + _cells(notebook))


@_page_attack("outputs that run", "saved outputs and widgets that a browser would run")
def live_outputs(notebook):
    kinds = {
        "text/html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "image/svg+xml": "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
        "text/markdown": "[x](javascript:alert(1))",
        "text/latex": "$\\href{javascript:alert(1)}{x}$",
        "application/javascript": "alert(1)",
        "application/vnd.jupyter.widget-view+json": {"model_id": "</script><script>alert(1)"},
    }
    shown = [
        {"output_type": "display_data", "data": {k: v}, "metadata": {}} for k, v in kinds.items()
    ]
    raw = {
        "cell_type": "raw",
        "metadata": {"raw_mimetype": "text/html"},
        "source": kinds["text/html"],
    }
    state = {"application/vnd.jupyter.widget-state+json": {"state": "</script><script>alert(1)"}}
    cells = [_code("1", outputs=shown), raw, *(c | {"outputs": shown} for c in _cells(notebook))]
    return _with(notebook, cells=cells, metadata={"widgets": state, "title": kinds["text/html"]})


@_page_attack("pictures that are pages", "attachments of other types than they say")
def live_pictures(notebook):
    page = base64.b64encode(b"<svg onload='alert(1)'><script>alert(1)</script></svg>").decode()
    kinds = ["image/svg+xml", "text/html", "image/png", 'image/png;base64,x" onerror="alert(1)']
    attachments = {f"{n}.png": {kind: page} for n, kind in enumerate(kinds)}
    words = " ".join(f"![{n}](attachment:{n}.png)" for n in range(len(kinds)))
    return _with(notebook, cells=[*_cells(notebook), _text(words, attachments=attachments)])


@_page_attack("pictures that are damaged", "cut, empty, huge, and none at all")
def damaged_pictures(notebook):
    head = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
    wide = base64.b64encode(b"GIF89a" + b"\xff" * 2000 + b";").decode()
    texts = [head, wide, "%%%", "A" * 20_000_000, "", None, 7, [head, None], {}]
    attachments = {f"{n}.png": {"image/png": text} for n, text in enumerate(texts)}
    attachments |= {"9.png": None, "10.png": {}, "11.png": []}
    words = " ".join(f"![{n}](attachment:{n}.png)" for n in range(15))
    return _with(notebook, cells=[*_cells(notebook), _text(words, attachments=attachments)])


# ---------------------------------------------------------------- words that are repeated


@_attack("a practical's name without end", "a reason of a million letters", family="pages", status=Status.WRONG_PRACTICAL)  # fmt: skip
def endless_practical(notebook):
    named = {"workbook": {"practical": "<b>" * 10**6}}
    return json.dumps({"cells": [_code("1")], "metadata": named}).encode()


@_attack("a function's name without end", "a remark of a million letters", family="pages", status=Status.GRADED, points=6)  # fmt: skip
def endless_function(notebook):
    name = "a" * 400_000
    cells = json.loads(notebook)["cells"]
    for cell in cells:
        if cell["id"] == "causal_weights":
            cell["source"] += f"\n\ndef unused():\n    return {name}(1)\n"
    return _with(notebook, cells=[*cells, _code(f"def {name}(x):\n    return x\n")])


@_attack("members' names without end", "a remark of a million letters", family="pages", suffix=".zip", status=Status.UNREADABLE)  # fmt: skip
def endless_members_names(notebook):
    return _zip(*((f"{n}{'x' * 60_000}.ipynb", notebook) for n in range(15)))
