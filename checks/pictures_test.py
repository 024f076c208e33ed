"""What `make pictures` finds, on the small course."""

import pytest

from autograder.authoring.material import read_material
from autograder.authoring.mistakes import Variant
from autograder.testing.small import NAME, build_small
from checks.pictures import all_rounds, faults, one_round

IN_NUMPY = """
def causal_mask(scores):
    import numpy as np

    return np.where(np.triu(np.ones(np.shape(scores)[-2:], bool), k=1), -np.inf, np.asarray(scores))
"""
WRONG = "def causal_mask(scores):\n    return scores\n"


@pytest.fixture
def course(tmp_path):
    return build_small(tmp_path / "course")


def one(source):
    return {"causal_mask": Variant("causal_mask", "another", source, True)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("picture", "answer", "said"),
    [
        ("    pass", IN_NUMPY, []),
        ("    value.at[0, 0].set(1)", IN_NUMPY, ["mask_picture with causal_mask (another): AttributeError"]),
        ("    import warnings\n    warnings.warn('odd')", IN_NUMPY, ["mask_picture with causal_mask (another):"]),
        ("    pass", WRONG, ["check_causal_mask with causal_mask (another): causal_mask: not yet right", "mask_picture with causal_mask (another): Something to look at", "check_causal_weights: causal_weights: not yet right"]),
    ],
    ids=["survives", "fails", "warns", "isn't right"],
)  # fmt: skip
def test_a_picture_that_an_answer_breaks_is_named(course, picture, answer, said):
    helpers = course.release(NAME) / "helpers.py"
    helpers.write_text(f"def show(value):\n{picture}\n")
    found = faults(course, NAME, one(answer))
    assert len(found) == len(said)
    assert all(fault.startswith(start) for fault, start in zip(found, said)), found


def test_every_accepted_variant_has_its_turn(course):
    material = read_material(course, course.choose("01"))
    accepted = {v.name for vs in material.variants.values() for v in vs if v.accepted}
    rounds = list(all_rounds(material))
    assert {v.name for chosen in rounds for v in chosen.values()} == accepted
    assert one_round(material, "a day").keys() == rounds[0].keys()
    assert one_round(material, "a day") == one_round(material, "a day")
