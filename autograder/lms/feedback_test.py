"""Pages go back under the names that Canvas and Moodle know their students by."""

import zipfile

import pytest

from autograder.errors import UserError
from autograder.lms.conftest import made, unpacked
from autograder.lms.feedback import zip_feedback
from autograder.names import slug

FILES = {
    "leeann_123": "in/leeann_LATE_123_456_x.ipynb",
    "leeann_123 (leeann_123_457_x.zip)": "all.zip!leeann_123_457_x.zip",
    "Ann Lee_51": "in/Ann Lee_51_assignsubmission_file_/work/x.ipynb",
    "Ann Lee_51 (y.ipynb)": "in/Ann Lee_51_assignsubmission_file_/y.ipynb",
    "Bob_52": "in/Bob_52_assignsubmission_file_x.ipynb",
    "joe": "in/joe.ipynb",
    "Ann-Lee": "submitted/Ann-Lee/01_mini/01_mini.ipynb",
}


@pytest.fixture
def pack(saved, tmp_path):
    def pack(lms, students, downloads=None):
        grades = saved(*(made(student, FILES[student]) for student in students))
        for student in students:
            unpacked(grades / "01_mini", {f"feedback/{slug(student)}.html": student.encode()})
        output = tmp_path / "out" / "feedback.zip"
        lines = zip_feedback(lms, grades, "01", downloads, output)
        with zipfile.ZipFile(output) as archive:
            return {name: archive.read(name).decode() for name in archive.namelist()}, lines

    return pack


def test_canvas_finds_student_and_file_in_the_names(pack):
    pages, lines = pack("Canvas", [*list(FILES)[:2], "joe"])
    assert pages == {
        "leeann_LATE_123_456_x.html": "leeann_123",
        "leeann_123_457_x.html": "leeann_123 (leeann_123_457_x.zip)",
    }
    assert lines[0] == "joe: in/joe.ipynb doesn't come from Canvas, no page given"
    assert lines[1].endswith("feedback.zip: 2 pages")


def test_moodle_finds_the_student_in_the_folder_or_the_name(pack):
    pages, _ = pack("Moodle", ["Ann Lee_51", "Ann Lee_51 (y.ipynb)", "Bob_52"])
    assert pages == {
        "Ann Lee_51_assignsubmission_file_/feedback.html": "Ann Lee_51",
        "Ann Lee_51_assignsubmission_file_/feedback 2.html": "Ann Lee_51 (y.ipynb)",
        "Bob_52_assignsubmission_file_feedback.html": "Bob_52",
    }


def test_collected_files_find_their_way_back_through_the_downloads(pack, tmp_path):
    place = unpacked(tmp_path / "in", {"Ann Lee_51_assignsubmission_file_/x.ipynb": b"{}"})
    pages, _ = pack("Moodle", ["Ann-Lee"], place)
    assert pages == {"Ann Lee_51_assignsubmission_file_/feedback.html": "Ann-Lee"}


def test_the_same_pages_are_the_same_bytes(pack, tmp_path):
    def packed():
        pack("Canvas", ["leeann_123"])
        return (tmp_path / "out" / "feedback.zip").read_bytes()

    assert packed() == packed()


def test_a_missing_page_is_a_line(saved, tmp_path):
    grades = saved(made("leeann_123", FILES["leeann_123"]))
    with pytest.raises(UserError, match="--downloads"):
        zip_feedback("Canvas", grades, None, None, tmp_path / "f.zip")
    assert not (tmp_path / "f.zip").exists()


def test_pages_that_are_not_of_the_lms_are_one_line(pack):
    with pytest.raises(UserError, match="name what you downloaded with --downloads"):
        pack("Moodle", ["leeann_123", "joe"])


def test_downloads_of_somebody_else_are_one_line(pack, tmp_path):
    place = unpacked(tmp_path / "in", {"Joe Doe_53_assignsubmission_file_/x.ipynb": b"{}"})
    with pytest.raises(UserError, match="holds none of these students' files"):
        pack("Moodle", ["Ann-Lee"], place)
