"""Inputs for the targets of stored.py: what an LMS, a build or we ourselves write, and its damage."""

import copy
import csv
import io
import json
import warnings
import zipfile

import numpy as np
import yaml
from hypothesis import strategies as st
from safetensors.numpy import save
from workbook.packing import pack

from autograder.inbox.whose import METADATA
from checks.fuzz import targets
from checks.fuzz.damage import damaged, json_values, texts

ODD = ["=1+1", "@x", "\t", "a\nb", '"', "'", "\ud7ff", "\u202e", "٣", "²", "1e999", "nan", "-1", "x" * 2_000]  # fmt: skip
words = (
    st.sampled_from([*ODD, "x" * 200_000, "Ann Lee", "Lee, Ann", "ann", "101", "7", "bob", ""])
    | texts
)


def _nodes(value, found=None):
    """Every list and object inside a value, with itself."""
    found = [] if found is None else found
    if isinstance(value, dict | list):
        found.append(value)
        for inner in value.values() if isinstance(value, dict) else value:
            _nodes(inner, found)
    return found


@st.composite
def changed(draw, whole):
    """A value of JSON with a few places taken out, doubled, or of another kind."""
    whole = copy.deepcopy(whole)
    for _ in range(draw(st.integers(0, 3))):
        nodes = [node for node in _nodes(whole) if node]
        if not nodes:
            break
        node = draw(st.sampled_from(nodes))
        places = list(node) if isinstance(node, dict) else list(range(len(node)))
        place = draw(st.sampled_from(places))
        change = draw(st.sampled_from(["other", "drop", "odd", "add"]))
        if change == "drop":
            del node[place]
        elif change == "add" and isinstance(node, dict):
            node[draw(texts)] = copy.deepcopy(node[place])
        elif change == "add":
            node.insert(place, copy.deepcopy(node[place]))
        else:
            node[place] = draw(json_values if change == "other" else st.sampled_from(ODD))
    return whole


# ---------------------------------------------------------------- of an LMS


@st.composite
def _people(draw):
    person = {":name": draw(words), ":sid": draw(words), ":email": draw(words)}
    facts = {":submitters": [person, dict(person)], ":created_at": "x", ":score": 1.0}
    whole = {"submission_1": facts, "submission_22": facts, draw(words): facts}
    return yaml.safe_dump(draw(changed(whole)), allow_unicode=draw(st.booleans())).encode(
        "utf-8", "replace"
    )


def people() -> st.SearchStrategy[bytes]:
    """Gradescope's lists, whole and damaged, and other YAML."""
    odd = [
        b"&a [*a]",
        b"*x",
        b"!!python/object/apply:os.system [x]",
        b"[" * 5000,
        b"a: &x\n  b: *x",
    ]
    odd += [b"? {}\n: 1", b"%YAML 9.9\n---\n", b"\xff\xfe\x00", b"--- a\n--- b", b"{:submitters: }"]
    return st.one_of(_people(), damaged(_people()), st.sampled_from(odd), st.binary(max_size=60))


FILES = [
    *("leeann_LATE_1_2_01_mini.ipynb", "leeann_1_3_01_mini-1.ipynb", "anon_aB_4_x.zip"),
    *("Ann Lee_4_assignsubmission_file_/a.ipynb", "Ann_5_assignsubmission_file_b.ipynb"),
    *("HW_al1_attempt_2026-01-31-23-59-59_x.ipynb", "submission_1/a.ipynb", "submission_22/b.zip"),
    *("top/submission_1/a.ipynb", "__MACOSX/x.ipynb", "../a_1_2_x.ipynb", "/a_1_2_x.ipynb", "01_mini/ann.ipynb"),
]  # fmt: skip


@st.composite
def _download(draw):
    buffer = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(buffer, "w") as file:
        for name in draw(st.lists(st.sampled_from(FILES) | texts, min_size=1, max_size=6)):
            shown = name.encode("utf-8", "replace").decode()
            file.writestr(zipfile.ZipInfo(shown or "_"), draw(st.binary(max_size=20)))
        if draw(st.booleans()):
            inside = draw(st.sampled_from(["", "top/", "a/b/"]))
            file.writestr(f"{inside}{METADATA}", draw(people()))
    return buffer.getvalue()


def downloads() -> st.SearchStrategy[bytes]:
    """Zips of a class with names as an LMS gives them, whole and damaged."""
    return st.one_of(_download(), damaged(_download()), st.binary(max_size=60))


TITLES = [
    "Student,ID,SIS User ID,SIS Login ID,Section,01 mini (12),mini,Current Score".split(","),
    "LastName,FirstName,ID,SIS Login ID,Section,Mini (1)".split(","),
    "Identifier,Full name,Email address,Grade,Maximum Grade,Grade can be changed,Last modified (grade)".split(
        ","
    ),
    "Identifier,ID number,Grade,Last modified (grade)".split(","),
]


@st.composite
def _table(draw):
    titles = list(draw(st.sampled_from(TITLES)))
    for _ in range(draw(st.integers(0, 2))):
        titles.insert(draw(st.integers(0, len(titles))), draw(words))
    rows = [titles]
    if draw(st.booleans()):
        rows.append(["    Points Possible", *(draw(words) for _ in titles[1:])])
    for _ in range(draw(st.integers(0, 4))):
        rows.append([draw(words) for _ in titles])
    text, separator = io.StringIO(newline=""), draw(st.sampled_from(",;\t"))
    csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(rows)
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]))
    return text.getvalue().encode(encoding, "replace")


def tables() -> st.SearchStrategy[bytes]:
    """Class lists of Canvas and Moodle, whole and damaged."""
    return st.one_of(_table(), damaged(_table()), st.binary(max_size=60))


# ---------------------------------------------------------------- of ours


@st.composite
def _key(draw):
    """A key whose header says other things, packed as it should be."""
    key = targets.key()
    header = draw(changed(key.header))
    metadata = draw(st.sampled_from([{"workbook": "{}"}, {"workbook": "[]"}, {"workbook": "1"}, {}, None]) | st.none())  # fmt: skip
    try:
        tensors, right = pack(header, dict(key.tensors))
    except Exception:  # it can't be packed, so no build writes it
        tensors, right = {"header": np.zeros(3, np.uint8), "mistakes": np.zeros(3, np.uint8)}, {}
    for name in draw(st.lists(st.sampled_from(sorted(tensors)), max_size=2)):
        tensors.pop(name, None)
    return save(dict(tensors), right if draw(st.integers(0, 4)) else metadata)


def _file():
    path = targets.course().solutions(targets.PRACTICAL) / "answers.safetensors"
    return st.just(path.read_bytes())


def keys() -> st.SearchStrategy[bytes]:
    """Answer keys, whole, damaged, and of other contents."""
    return st.one_of(_key(), damaged(_key()), damaged(_file()), st.binary(max_size=60))


CASE = {"name": "c", "title": "c", "hidden": False, "status": "failed", "points": 0.0, "max_points": 1.0, "message": "m"}  # fmt: skip
EXERCISE = {"name": "causal_mask", "title": "t", "status": "failed", "points": 0.0, "max_points": 1.0, "cases": [CASE], "mistake": "", "hint": "h", "note": "n", "own_points": None, "seconds": 1.0, "further": False}  # fmt: skip
ATTEMPT = {"seen": "2026-01-31T10:00:00.000000+00:00", "file": "a.ipynb", "status": "graded", "points": 1.0, "max_points": 2.0, "counts": True}  # fmt: skip
RESULT = {
    **{"practical": targets.PRACTICAL, "student": "ann", "file": "ann_1_2_x.ipynb", "schema": 1},
    **{"status": "graded", "reason": "", "warnings": ["w"], "points": 1.0, "max_points": 2.0},
    **{"exercises": [EXERCISE, EXERCISE | {"status": "passed", "further": True}]},
    **{"isolation": "bubblewrap", "key": f"rules-{'d' * 64}", "seconds": 1.0, "cpu_seconds": 1.0},
    **{"seen": ATTEMPT["seen"], "attempts": [ATTEMPT, ATTEMPT | {"counts": False}]},
}


def results() -> st.SearchStrategy[bytes]:
    """Stored results, whole and damaged."""
    moments = st.sampled_from(
        ["", "x", "0001-01-01T00:00:00+00:00", "9999-12-31", "2026-01-31T10:00:00"]
    )
    names = st.sampled_from(
        ["..", ".", "a/b", "/etc/x", "", "a\0b", "<script>owned</script>", "x" * 300]
    )
    whole = changed(RESULT) | st.builds(
        lambda seen, practical, student: RESULT | {"seen": seen, "practical": practical, "student": student},
        moments, names | st.just(targets.PRACTICAL), names,
    )  # fmt: skip
    written = whole.map(lambda value: json.dumps(value).encode())
    return st.one_of(written, damaged(written), st.binary(max_size=60))


STORED_INPUTS = {
    "people": people,
    "download": downloads,
    "table": tables,
    "key": keys,
    "result": results,
}
