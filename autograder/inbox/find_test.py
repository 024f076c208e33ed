"""Whatever lies in a folder is its owner's row: the outermost name says whose, and no link is followed."""

import io
import os
import socket
import zipfile
from collections import Counter

import pytest

from autograder.errors import UserError
from autograder.inbox import zips
from autograder.inbox.find import DEEPEST, find_submissions, unopened
from autograder.inbox.settling import QUIET_IF_BROKEN, Settling
from autograder.inbox.submission import MOST_FILES, Submission
from autograder.inbox.whose import MOST_WORDS, origins, read_people
from autograder.inbox.zips import MOST_MEMBERS, read_bytes

PRACTICAL = "01_mini"


def put(folder, *names, data=b"{}"):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def packed(*names, data=b"{}"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, data)
    return buffer.getvalue()


def rows(place, **how):
    """Of each student why the file can't be read, or ""."""
    found = {}
    for submission in find_submissions(place, [PRACTICAL], **how):
        try:
            read_bytes(submission, PRACTICAL)
            found[submission.student] = ""
        except UserError as error:
            found[submission.student] = str(error)
    return found


# ---------------------------------------------------------------- whose


def test_a_zip_in_a_folder_is_its_owners_whatever_is_in_it(tmp_path):
    put(tmp_path, "mallory.zip", data=packed("ann_1_90_x.ipynb", "bob_2_91_x.ipynb"))
    found = find_submissions(tmp_path, [PRACTICAL])
    assert [s.student for s in found] == ["mallory"]
    assert unopened(found) == [tmp_path / "mallory.zip"]  # so that an instructor is told


NESTED = {
    "in nbgrader's tree": "mallory/01_mini/ann/01_mini/01_mini.ipynb",
    "in a student's folder": "mallory/ann/01_mini/01_mini.ipynb",
    "in a practical's": "01_mini/mallory/ann/01_mini/x.ipynb",
    "as a download": "mallory/Ann_4_assignsubmission_file_/x.ipynb",
    "in a download": "mallory_4_assignsubmission_file_/ann/01_mini/x.ipynb",
}


@pytest.mark.parametrize("name", NESTED.values(), ids=NESTED)
def test_folders_further_in_make_nobody_of_it(tmp_path, name):
    [found] = find_submissions(put(tmp_path, name), [PRACTICAL])
    assert found.student in ("mallory", "mallory_4")


def test_a_named_zip_and_a_folder_said_to_hold_them_are_downloads(tmp_path):
    put(tmp_path, "all.zip", data=packed("ann_1_90_x.ipynb"))
    put(tmp_path, "more.zip", data=packed("bob_2_91_x.ipynb"))
    assert rows(tmp_path / "all.zip") == {"ann_1": ""}
    assert rows(tmp_path, downloads=True) == {"ann_1": "", "bob_2": ""}
    put(tmp_path, "eve.ipynb")  # then they aren't
    assert rows(tmp_path, downloads=True).keys() == {"all", "more", "eve"}


def test_names_longer_than_any_are_nobodys_download():
    assert origins(["ann_1_2_" + "x" * 200])
    for long in ("ann_1_2_" + "-1" * 30_000, "a" * 300 + "_1_2_x.ipynb", "\u0301\u0316" * 10**6):
        assert origins([long]) == []


def test_copies_are_counted_off_at_the_end_alone():
    names = {"x-1.ipynb": "x.ipynb", "x (2)(3).ipynb": "x.ipynb", "x-1-2": "x-1-2", "02-1.ipynb": "02.ipynb", "-1.a": ".a", "a-1.b-1": "a-1.b-1"}  # fmt: skip
    for name, bare in names.items():
        [origin] = origins([f"ann_1_2_{name}"])
        assert origin.series == f"ann_1/{bare}"


def test_a_list_that_never_ends_is_one_line():
    with pytest.raises(UserError, match=r"holds more than any class's"):
        read_people(b"[" + b"a," * MOST_WORDS + b"a]", "list.yml")
    [[origin]] = read_people(
        b"submission_1:\n  :submitters:\n  - :sid: 7\n    :name: " + b"x" * 10**6, "list.yml"
    ).values()
    assert len(origin.name) < 300


def test_a_student_with_more_files_than_anybody_reads_is_one_row(tmp_path):
    names = [f"mallory/{n}.ipynb" for n in range(MOST_FILES + 1)]
    put(tmp_path, *names, *(f"ann/{n}.ipynb" for n in range(MOST_FILES)))
    found = rows(tmp_path)
    assert Counter(name[:3] for name in found) == {"mal": 1, "ann": MOST_FILES}
    assert found["mallory"] == f"there are {MOST_FILES + 1} files: hand in one"


# ---------------------------------------------------------------- links, pipes, folders


@pytest.fixture
def secret(tmp_path):
    return put(tmp_path / "solutions", "x/01_mini/01_mini.ipynb", "01_mini.ipynb", data=b"secret")


def link(to, at):
    at.parent.mkdir(parents=True, exist_ok=True)
    at.symlink_to(to)


LINKS = {
    "a notebook": ("ann.ipynb", "01_mini.ipynb"),
    "a notebook in a folder": ("ann/01_mini/01_mini.ipynb", "01_mini.ipynb"),
    "a folder": ("ann/01_mini", "x/01_mini"),
    "a student": ("ann", "x"),
    "a download's folder": ("ann_4_assignsubmission_file_", "x"),
    "a practical's student": ("01_mini/ann", "x"),
    "nowhere": ("ann", "none"),
    "itself": ("ann/01_mini", "../class/ann/01_mini"),
}


@pytest.mark.parametrize(("at", "to"), LINKS.values(), ids=LINKS)
def test_a_link_is_its_students_row(tmp_path, secret, at, to):
    folder = put(tmp_path / "class", "bob.ipynb")
    link(secret / to, folder / at)
    found = rows(folder)
    assert found.pop("bob") == ""
    [(student, why)] = found.items()
    assert student in ("ann", "ann_4")
    assert "link" in why


@pytest.mark.parametrize("at", ["class/ann", "class/ann/01_mini"])
def test_a_folder_that_became_a_link_meanwhile_is_not_followed(tmp_path, secret, at):
    folder = put(tmp_path / "class", "ann/01_mini/01_mini.ipynb")
    [found] = find_submissions(folder, [PRACTICAL])
    (tmp_path / at).rename(tmp_path / "away")
    link(secret / "x" if at == "class/ann" else secret / "x/01_mini", tmp_path / at)
    with pytest.raises(UserError, match="behind a link"):
        read_bytes(found, PRACTICAL)


def test_what_an_instructor_links_is_read(tmp_path, secret):
    link(put(tmp_path / "elsewhere", "ann/x.ipynb"), tmp_path / "class")
    assert rows(tmp_path / "class") == {"ann": ""}
    assert read_bytes(Submission("ann", tmp_path / "class/ann/x.ipynb"), PRACTICAL)


def test_pipes_sockets_and_folders_are_rows_and_nobody_waits(tmp_path):
    put(tmp_path, "bob.ipynb", "folder.ipynb/inside.ipynb")
    os.mkfifo(tmp_path / "pipe.ipynb")
    with socket.socket(socket.AF_UNIX) as plug:
        where = os.getcwd()
        os.chdir(tmp_path)
        plug.bind("plug.ipynb")
        os.chdir(where)
    found = rows(tmp_path)
    assert found.pop("bob") == ""
    assert found.keys() == {"pipe", "plug", "folder"}
    assert {*found.values()} == {"this isn't a file: hand in the notebook itself"}


def test_a_folder_that_cannot_be_read_is_its_students_row(tmp_path, monkeypatch):
    """As root reads everything, what looking into it raises is played."""
    put(tmp_path, "ann/01_mini/x.ipynb", "bob/01_mini/x.ipynb", "eve/x.ipynb")
    scandir, inner = os.scandir, zips._inner
    closed = {str(tmp_path / "ann"), str(tmp_path / "bob" / "01_mini")}

    def refused(path):
        if os.fspath(path) in closed:
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scandir(path)

    def not_entered(name, folder):
        if name == "eve":
            raise PermissionError(13, "Permission denied", name)
        return inner(name, folder)

    monkeypatch.setattr(os, "scandir", refused)
    monkeypatch.setattr(zips, "_inner", not_entered)
    found = rows(tmp_path)
    assert found.keys() == {"ann", "bob", "eve"}
    assert found["eve"] == "the file can't be read: Permission denied"  # and no path of ours
    settling = Settling(tmp_path)
    settling.look(0)
    assert len(settling.look(QUIET_IF_BROKEN)) == 3
    closed.add(str(tmp_path))
    with pytest.raises(UserError, match="make it readable"):
        find_submissions(tmp_path, [PRACTICAL])


def test_folders_without_end_are_one_row(tmp_path):
    put(tmp_path, "bob.ipynb", "/".join(["deep"] * 2 * DEEPEST) + "/x.ipynb")
    assert rows(tmp_path) == {"bob": "", "deep": "this isn't a file: hand in the notebook itself"}


# ---------------------------------------------------------------- zips


def test_a_zip_of_more_files_than_are_soon_listed_is_one_line(tmp_path):
    put(tmp_path, "ann.zip", data=b"PK\1\2" * (MOST_MEMBERS + 1) + packed("x.ipynb"))
    assert "holds more than" in rows(tmp_path)["ann"]


def test_several_notebooks_are_not_unpacked_beyond_the_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(zips, "LARGEST", 1_000)
    unpacked = []
    monkeypatch.setattr(zips, "unzip", lambda archive, info: unpacked.append(info) or b"")
    data = packed(*(f"{n}.ipynb" for n in range(3)), data=b"x" * 400)
    with zipfile.ZipFile(io.BytesIO(data)) as archive, pytest.raises(UserError, match="together"):
        zips._from_zip(archive, PRACTICAL)
    assert not unpacked
