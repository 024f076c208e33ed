"""Downloads end in nbgrader's layout, and nothing that was there is lost."""

import pytest

from autograder.errors import UserError
from autograder.grading.built import load_all
from autograder.lms.collect import collect
from autograder.lms.conftest import unpacked, zipped


@pytest.fixture(scope="session")
def loaded(mini):
    return load_all(mini, None)


@pytest.fixture
def run(loaded, tmp_path):
    def run(*places, replace=False):
        return list(collect(places, loaded, tmp_path / "submitted", replace))

    return run


@pytest.fixture
def taken(tmp_path):
    def taken():
        files = (tmp_path / "submitted").rglob("*.ipynb")
        return {p.relative_to(tmp_path / "submitted").as_posix(): p.read_bytes() for p in files}

    return taken


PLACE = "{}/01_mini/01_mini.ipynb"


def test_each_students_notebook_is_where_nbgrader_looks(downloads, tmp_path, run, taken):
    places = [zipped(tmp_path / f"{lms}.zip", files) for lms, files in downloads.items()]
    lines = run(places[0], *places[2:])
    canvas = downloads["Canvas"]
    names = ["leezoe_123", "raybob_124", "foxeve_125", "zl1", "br2"]
    names += ["Zoe-Lee_007", "Bob-Ray_bob-x.org", "Eve-Fox_009"]
    assert sorted(taken()) == sorted(PLACE.format(name) for name in names)
    assert taken()[PLACE.format("leezoe_123")] == canvas["leezoë_123_901_01_mini-1.ipynb"]
    assert lines[-1] == f"{tmp_path / 'submitted'}: 8 new"
    assert any("leezoë_123_900_01_mini.ipynb is an earlier attempt, not taken" in x for x in lines)


def test_moodles_numbers_are_left_out_where_names_are_enough(tmp_path, run, taken):
    names = ["Ann Lee_1", "Ann Lee_2", "Zoë_3"]
    files = {f"{name}_assignsubmission_file_/x.ipynb": name.encode() for name in names}
    lines = run(unpacked(tmp_path / "moodle", files))
    assert sorted(taken()) == [PLACE.format(n) for n in ("Ann-Lee_1", "Ann-Lee_2", "Zoe")]
    assert "2 students would be Ann-Lee: Ann Lee_1 is Ann-Lee_1, Ann Lee_2 is Ann-Lee_2" in lines


def test_names_that_are_one_folder_get_one_each(tmp_path, run, taken):
    run(unpacked(tmp_path / "class", {"Zoé.ipynb": b"1", "zoe.ipynb": b"2", "Zoe.ipynb": b"3"}))
    assert sorted(taken().values()) == [b"1", b"2", b"3"]


@pytest.mark.parametrize("name", ["..", "...", "-", "日本", "con", "a" * 200, "a+b", "a\nb"])
def test_any_name_is_one_safe_folder(tmp_path, run, taken, name):
    run(unpacked(tmp_path / "class", {f"{name}.ipynb": b"1"}))
    [path] = taken()
    folder = path.partition("/")[0]
    assert path == PLACE.format(folder)
    assert folder.strip(".-") == folder
    assert folder.isascii()
    assert "+" not in folder
    assert len(folder) <= 80


def test_another_notebook_stays_until_it_may_be_replaced(tmp_path, run, taken):
    place = unpacked(tmp_path / "canvas", {"ann_1_90_x.ipynb": b"old"})
    assert run(place)[-1].endswith(": 1 new")
    assert run(place)[-1].endswith(": 1 as before")
    unpacked(place, {"ann_1_91_x-1.ipynb": b"new"})
    lines = run(place)
    assert lines[-2].endswith(
        f"is another notebook and stays; --replace takes {place / 'ann_1_91_x-1.ipynb'}"
    )
    assert lines[-1].endswith(": 1 kept")
    assert taken() == {PLACE.format("ann_1"): b"old"}
    lines = run(place, replace=True)
    assert "replaced by" in lines[-2]
    assert taken() == {PLACE.format("ann_1"): b"new"}


def test_of_two_files_the_practicals_own_is_taken_and_the_other_named(tmp_path, run, taken):
    files = {"ann_1_90_work.ipynb": b'{"practical": "01_mini"}', "ann_1_91_notes.ipynb": b"{}"}
    lines = run(unpacked(tmp_path / "canvas", files))
    assert taken() == {PLACE.format("ann_1"): files["ann_1_90_work.ipynb"]}
    assert any("ann_1_91_notes.ipynb not taken" in line for line in lines)


def test_what_cannot_be_read_is_a_line(tmp_path, run, taken):
    place = unpacked(tmp_path / "canvas", {"ann_1_90_x.zip": b"PK", "bob_2_91_x.ipynb": b"{}"})
    (place / "eve_3_92_x.ipynb").symlink_to(place / "bob_2_91_x.ipynb")
    lines = run(place)
    assert list(taken()) == [PLACE.format("bob_2")]
    assert any(line.startswith("ann_1: ") and "can't be read" in line for line in lines)
    assert any(line.startswith("eve_3: ") and "is a link" in line for line in lines)
    assert lines[-1].endswith(": 1 new, 2 unreadable")


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path, run):
    (tmp_path / "submitted").write_text("a file")
    with pytest.raises(UserError, match="can't write"):
        run(unpacked(tmp_path / "canvas", {"ann_1_90_x.ipynb": b"{}"}))


def test_nothing_to_collect_is_one_line(tmp_path, run):
    with pytest.raises(UserError, match="there is no"):
        run(tmp_path / "none")


def test_nothing_is_put_behind_a_link(tmp_path, loaded):
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "submitted").mkdir()
    (tmp_path / "submitted" / "ann").symlink_to(outside)
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "ann.ipynb").write_bytes(b"{}")
    lines = [*collect([tmp_path / "class"], loaded, tmp_path / "submitted", True)]
    assert "behind a link" in lines[0]
    assert [*outside.iterdir()] == []
