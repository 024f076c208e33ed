"""A damaged answer key is one line that says what to do, whatever of it is damaged."""

import copy

import pytest
from safetensors.numpy import save
from workbook.key import Answers
from workbook.packing import pack

from autograder.errors import UserError
from autograder.grading.key_file import read_key
from autograder.testing.small import NAME


@pytest.fixture
def key(mini):
    return mini.solutions(NAME) / "answers.safetensors"


def test_a_whole_key_is_read(key):
    assert read_key(key, NAME).header == Answers.load(key).header


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b'"workbook"', b'"workbrok"'),
        lambda data: b"\xff" * 8 + data[8:],
        lambda data: data[:-300] + bytes(300),
    ],
)
def test_damaged_bytes_are_a_line(key, tmp_path, damage):
    _refused(tmp_path, damage(key.read_bytes()))


@pytest.mark.parametrize(
    "change",
    [
        lambda exercise: exercise.pop("cases"),
        lambda exercise: exercise.update(mistakes=[{"cases": {}}]),
        lambda exercise: exercise["cases"].clear() or exercise.update(title=None),
        lambda exercise: next(iter(exercise["cases"].values())).update(hidden="no"),
        lambda exercise: next(iter(exercise["cases"].values())).update(points=float("nan")),
        lambda exercise: next(iter(exercise["cases"].values()))["expects"][0].update(rtol="x"),
        lambda exercise: next(iter(exercise["cases"].values()))["expects"][0].update(tree={}),
        lambda exercise: next(iter(exercise["cases"].values()))["expects"][0].update(
            tree={"array": 99}
        ),
    ],
)
def test_facts_of_another_kind_are_a_line(key, tmp_path, change):
    whole = Answers.load(key)
    header = copy.deepcopy(whole.header)
    for exercise in header["exercises"].values():
        exercise["mistakes"] = []
        change(exercise)
    references = {n: t for n, t in whole.tensors.items() if "/mistake" not in n}
    tensors, metadata = pack(header, references)
    _refused(tmp_path, save(dict(tensors), metadata))


def _refused(folder, data):
    path = folder / "answers.safetensors"
    path.write_bytes(data)
    with pytest.raises(UserError) as refusal:
        read_key(path, NAME)
    assert "\n" not in str(refusal.value)
    assert str(refusal.value).endswith("run autograder build 01")
