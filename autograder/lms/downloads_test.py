"""Downloads of each LMS, unpacked or not, end as the right students."""

import io
import zipfile

import pytest

from autograder.errors import UserError
from autograder.inbox.find import find_submissions
from autograder.inbox.zips import read_bytes
from autograder.lms.conftest import unpacked, zipped

STUDENTS = {
    "Canvas": ["foxeve_125", "leezoë_123", "raybob_124"],
    "Moodle": ["Bob Ray_52", "Zoë Lee_51"],
    "Blackboard": ["br2", "zl1"],
    "Gradescope": ["Bob Ray_bob@x.org", "Eve Fox_009", "Zoë Lee_007"],
}


def students(found):
    return sorted(submission.student for submission in found)


@pytest.mark.parametrize(("lms", "names"), STUDENTS.items(), ids=STUDENTS)
def test_a_zip_and_its_unpacked_folder_give_the_same(downloads, tmp_path, lms, names):
    packed = zipped(tmp_path / f"{lms}.zip", downloads[lms])
    folder = unpacked(tmp_path / lms, downloads[lms])
    place = folder / "assignment_5_export" if lms == "Gradescope" else folder
    assert students(find_submissions(packed, ["01_mini"])) == names
    found = find_submissions(place, ["01_mini"])
    assert students(found) == names
    assert {s.origin.lms for s in found} == {lms}


def test_what_is_read_from_a_zip_is_what_is_in_it(downloads, tmp_path):
    packed = zipped(tmp_path / "all.zip", downloads["Canvas"])
    found = {s.student: s for s in find_submissions(packed, ["01_mini"])}
    newest = "leezoë_123_901_01_mini-1.ipynb"
    assert found["leezoë_123"].file == f"{packed}!{newest}"
    assert read_bytes(found["leezoë_123"], "01_mini") == (downloads["Canvas"][newest], [])


def test_the_latest_attempt_counts_and_names_the_others(tmp_path):
    names = [f"HW_zl1_attempt_2026-01-0{day}-09-00-00_{file}.ipynb" for day, file in ((1, "a"), (2, "b"), (2, "c"))]  # fmt: skip
    found = find_submissions(unpacked(tmp_path, dict.fromkeys(names, b"{}")), ["01_mini"])
    assert students(found) == ["zl1", f"zl1 ({names[2]})"]
    assert {tuple(past.file for past in s.older) for s in found} == {(str(tmp_path / names[0]),)}


def test_two_practicals_in_one_folder_are_no_attempts_of_one(tmp_path):
    names = ["ann_1_90_01_mini.ipynb", "ann_1_91_02_more.ipynb", "ann_1_92_notes.ipynb"]
    found = find_submissions(
        unpacked(tmp_path, dict.fromkeys(names, b"{}")), ["01_mini", "02_more"]
    )
    assert {(s.student, s.folder) for s in found} == {
        ("ann_1", "01_mini"),
        ("ann_1", "02_more"),
        ("ann_1 (ann_1_92_notes.ipynb)", ""),
    }
    assert {s.owner for s in found} == {"ann_1"}


def test_names_that_end_alike_are_two_students_of_blackboard(tmp_path):
    names = [f"HW_{user}_attempt_2026-01-0{day}-09-00-00_x.ipynb" for user, day in (("a_b", 1), ("c_b", 2))]  # fmt: skip
    found = find_submissions(unpacked(tmp_path, dict.fromkeys(names, b"{}")), [])
    assert len(found) == 2
    assert not any(s.older for s in found)


# ---------------------------------------------------------------- zips in zips, and pretenders


def packed(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return buffer.getvalue()


def test_a_students_zip_in_a_download_is_opened_once(tmp_path):
    members = {
        "ann_1_90_work.zip": packed(work__ipynb=b"{}"),
        "bob_2_91_work.zip": packed(more__zip=packed(work__ipynb=b"{}")),
        "eve_3_92_work.zip": b"PK no zip",
        "joe_4_93_work.ipynb": b"0" * 50_000_001,
    }
    found = {s.student: s for s in find_submissions(zipped(tmp_path / "all.zip", members), [])}
    assert read_bytes(found["ann_1"], "01_mini") == (b"{}", [])
    with pytest.raises(UserError, match=r"no notebook .* another zip: hand in the notebook"):
        read_bytes(found["bob_2"], "01_mini")
    with pytest.raises(UserError, match="can't be read"):
        read_bytes(found["eve_3"], "01_mini")
    with pytest.raises(UserError, match="larger than 50 MB"):
        read_bytes(found["joe_4"], "01_mini")


PRETENDERS = {
    "in a zip that Canvas named": {"ann_1_90_w.zip": packed(bob_2_91_x__ipynb=b"{}")},
    "in a zip beside others": {"ann.zip": packed(bob_2_91_x__ipynb=b"{}"), "bob.ipynb": b"{}"},
    "in a student's folder": {"ann/bob_2_91_x.ipynb": b"{}"},
    "in nbgrader's tree": {"ann/01_mini/bob_2_91_x.ipynb": b"{}"},
    "as a list of Gradescope": {"ann/submission_metadata.yml": b"x", "ann/submission_1/x.ipynb": b"{}"},
}  # fmt: skip


@pytest.mark.parametrize("files", PRETENDERS.values(), ids=PRETENDERS)
def test_nobody_hands_in_under_anothers_name(tmp_path, files):
    names = students(find_submissions(unpacked(tmp_path, files), ["01_mini"]))
    assert names[0] in ("ann", "ann_1")
    assert not any(name.startswith("bob_") for name in names)


def test_a_damaged_list_in_a_students_zip_stops_nobody(tmp_path):
    bad = packed(submission_metadata__yml=b"[" * 10_000, x__ipynb=b"{}")
    found = find_submissions(unpacked(tmp_path, {"ann.zip": bad, "bob.ipynb": b"{}"}), [])
    assert students(found) == ["ann", "bob"]


def test_a_damaged_list_of_an_export_is_one_line(tmp_path):
    files = {"submission_metadata.yml": b"a: [", "submission_1/x.ipynb": b"{}"}
    with pytest.raises(UserError, match=r"submission_metadata.yml can't be read .*download"):
        find_submissions(unpacked(tmp_path, files), [])


def test_an_export_without_its_list_goes_by_its_folders(tmp_path):
    found = find_submissions(unpacked(tmp_path, {"submission_1/x.ipynb": b"{}"}), [])
    assert students(found) == ["submission_1"]
