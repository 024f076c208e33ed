"""Names of downloaded files: whose they are, whatever students call themselves and their files."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import UserError
from autograder.inbox.whose import Origin, origin_of, origins, read_people

NAMES = {
    "leeann_123_456_02.ipynb": ("Canvas", "leeann_123", "02.ipynb"),
    "leeann_LATE_123_456_02.ipynb": ("Canvas", "leeann_123", "02.ipynb"),
    "léon2_123_456_1_2_3_x.zip": ("Canvas", "léon2_123", "1_2_3_x.zip"),
    "anon_aB3dE_456_02.ipynb": ("Canvas", "anon_aB3dE", "02.ipynb"),
    "LATE_anon_aB3dE_456_02.ipynb": ("Canvas", "anon_aB3dE", "02.ipynb"),
    "Ann Lee_456_assignsubmission_file_/a/02.ipynb": ("Moodle", "Ann Lee_456", "a/02.ipynb"),
    "Ann Lee_456_assignsubmission_file/02.ipynb": ("Moodle", "Ann Lee_456", "02.ipynb"),
    "Ann Lee_456_assignsubmission_file_02.ipynb": ("Moodle", "Ann Lee_456", "02.ipynb"),
    "Participant_9_assignsubmission_file_/02.ipynb": ("Moodle", "Participant_9", "02.ipynb"),
    "Default group_assignsubmission_file/02.ipynb": ("Moodle", "Default group", "02.ipynb"),
    "HW_2_al1_attempt_2026-01-31-23-59-59_02.ipynb": ("Blackboard", "al1", "02.ipynb"),
}
PLAIN = [
    *("ann.ipynb", "ann_1.ipynb", "ann/leebob_77_88_02.ipynb", "01_mini.ipynb", "10_2_x.ipynb"),
    *("ann_007_1_x.ipynb", "Ann Lee_1_2_x.ipynb", "Ann_4_assignsubmission_onlinetext_/x.ipynb"),
    *("ann_attempt_2026_x.ipynb", "submission_12/02.ipynb", "Ann_4_assignsubmission_file_"),
]


@pytest.mark.parametrize(("path", "facts"), NAMES.items(), ids=NAMES)
def test_names_of_each_lms(path, facts):
    [origin] = origins(path.split("/"))
    assert (origin.lms, origin.student, origin.original) == facts


@pytest.mark.parametrize("path", PLAIN)
def test_other_names_say_nothing(path):
    assert origins(path.split("/")) == []


HOSTILE = {
    "annlee_1_2_boblee_77_88_x.ipynb": "annlee_1",
    "Ann_1_assignsubmission_file_Bob_77_assignsubmission_file_x.ipynb": "Ann_1",
    "Ann_1_assignsubmission_file_/boblee_77_88_x.ipynb": "Ann_1",
    "Ann_1_assignsubmission_file_/Bob_77_assignsubmission_file_/x.ipynb": "Ann_1",
    "HW_ann_attempt_2026-01-01-00-00-00_HW_bob_attempt_2026-01-02-00-00-00_x.ipynb": "ann",
}


@pytest.mark.parametrize(("path", "student"), HOSTILE.items(), ids=HOSTILE.values())
def test_a_files_own_name_makes_nobody_of_it(path, student):
    assert [origin.student for origin in origins(path.split("/"))] == [student]


def test_attempts_are_in_order():
    first, second = (
        origins([f"ann_1_{n}_x{again}.ipynb"])[0] for n, again in ((99, ""), (100, "-1"))
    )
    assert first.series == second.series
    assert first.attempt < second.attempt


def test_a_result_has_the_origin_that_fits_its_student():
    path = "class/leeann_1_2_x.ipynb"
    assert origin_of("leeann_1", path).feedback == "leeann_1_2_x.html"
    assert origin_of("leeann_1 (leeann_1_2_x.ipynb)", f"all.zip!{path}").number == "1"
    assert origin_of("class", path) is None  # a student's folder, with a file called so


# ---------------------------------------------------------------- any name at all

anything = st.text(st.characters(exclude_characters="/"), min_size=1, max_size=30)
moodle_name = st.text(st.characters(exclude_characters="/_"), min_size=1, max_size=30)
number = st.integers(1, 10**15)


@given(st.lists(anything, min_size=1, max_size=4))
def test_any_path_is_somebodys_or_nobodys(parts):
    assert all(origin.student for origin in origins(parts))
    origin_of("ann", "/".join(parts))


@given(anything, number, number, anything, st.booleans())
def test_any_name_round_trips_through_canvas(name, user, file, original, late):
    name = re.sub(r"_(\d+)_", r"\1", re.sub(r"\W", "", name)).lower()  # as Canvas does
    if not name or re.search(r"(^|_)[1-9]\d*$", name) or re.match(r"(late_)?anon$", name):
        return  # a number at the end is read as the student's, by Canvas as well
    path = f"{name}{'_LATE' * late}_{user}_{file}_{original}"
    [origin] = origins([path])
    assert (origin.name, origin.number, origin.original) == (name, str(user), original)


@given(moodle_name, number, anything)
def test_any_name_round_trips_through_moodle(name, user, original):
    for path in (
        [f"{name}_{user}_assignsubmission_file_", original],
        [f"{name}_{user}_assignsubmission_file", original],
        [f"{name}_{user}_assignsubmission_file_{original}"],
    ):
        [origin] = origins(path)
        assert (origin.name, origin.number, origin.original) == (name, str(user), original)


# ---------------------------------------------------------------- Gradescope's list


def people(text):
    return {k: [o.student for o in v] for k, v in read_people(text.encode(), "list.yml").items()}


def test_numbers_stay_as_they_are_written():
    text = (
        "submission_1:\n  :submitters:\n  - {':name': Ann, ':sid': 0123}\n  :x: !ruby/object:Y {}\n"
    )
    assert people(text) == {"submission_1": ["Ann_0123"]}


@pytest.mark.parametrize(
    "text", ["", "- a", "submission_1: [1]", "submission_1:\n  :submitters: x\n", "a: *b"]
)
def test_a_list_without_people(text):
    assert people(text) == {}


BAD = {
    "not YAML": b"a: [",
    "not text": b"\xff\xfe\x00",
    "nested deeply": b"[" * 100_000,
    "nested in blocks": b"- " * 100_000,
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_bad_list_is_one_line(text):
    with pytest.raises(UserError, match=r"^list.yml can't be read \([^\n]*$"):
        read_people(text, "list.yml")


@given(st.text(max_size=80))
def test_any_list_is_read_or_refused(text):
    try:
        read_people(text.encode("utf-8", "replace"), "list.yml")
    except UserError:
        pass


def test_an_origin_without_a_number_is_its_name():
    assert Origin("Moodle", "Default group", "", "x").student == "Default group"
