"""Every practical that exists: up to date, kind when blank, right about right and wrong answers."""

import shutil
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from autograder.authoring import build
from autograder.authoring.percent import read_practical
from autograder.course import Course
from autograder.doors.otter.package import package
from autograder.grading.batch import Batch
from autograder.grading.built import load
from autograder.status import Status
from checks.pictures import all_rounds, code_cells, faults, one_round, run_notebook, with_answers
from checks.practicals.sample import DAY, MISTAKES_A_DAY, WHOLE, rounds, sampled

COURSE = Course(Path(__file__).parents[2])
PRACTICALS = COURSE.practicals

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("path", PRACTICALS, ids=lambda p: p.stem)]


def test_it_is_built_from_what_lies_there(path, tmp_path):
    """What is packed for graders says so; `make check` proves the rest by building it again."""
    assert package(COURSE, path.stem, tmp_path / "autograder.zip", sandbox=True)


@pytest.mark.skipif(not WHOLE, reason="make check holds it; make test ALL=1 does too")
def test_it_is_built_and_keeps_the_authors_rules(path):
    """References pass, blanks fail, mistakes are rejected and known, nothing leaks, nothing is stale."""
    assert build.stale(COURSE, path) == []


def test_with_nothing_filled_in_it_runs_to_the_end(path, tmp_path):
    """Alone in a folder: no error but NotImplementedError, which says what is missing."""
    folder = shutil.copytree(COURSE.release(path.stem), tmp_path / "alone")
    notebook = nbformat.read(folder / f"{path.stem}.ipynb", 4)
    run_notebook(notebook, folder)
    errors = [
        (cell.id, o.ename)
        for cell in code_cells(notebook)
        for o in cell.outputs
        if o.output_type == "error"
    ]
    assert [error for error in errors if error[1] != "NotImplementedError"] == []
    practical = read_practical(path)
    shown = {cell.id: str(cell.outputs) for cell in code_cells(notebook)}
    for name in practical.exercises:
        assert f"{name}: not started" in shown[f"check_{name}"]


def test_no_demo_of_the_solution_notebook_fails_or_warns(path):
    notebook = nbformat.read(COURSE.solutions(path.stem) / f"{path.stem}.ipynb", 4)
    for cell in code_cells(notebook):
        bad = [o for o in cell.outputs if o.output_type == "error" or o.get("name") == "stderr"]
        assert not bad, f"{cell.id}: {bad}"


def test_every_picture_survives_accepted_answers(path):
    """One of each exercise, others each day; all of them with ALL=1, as `make pictures` does."""
    material = load(COURSE, path).material
    chosen = list(all_rounds(material)) if WHOLE else [one_round(material, DAY)]
    found = [fault for answers in chosen for fault in faults(COURSE, path.stem, answers)]
    assert found == [], f"make test DAY={DAY} takes the same answers again"


def test_a_sample_has_something_of_every_exercise_and_is_the_same_all_day(path):
    variants = load(COURSE, path).material.variants
    for name, of_it in variants.items():
        chosen = sampled(name, of_it)
        assert [v for v in chosen if v.accepted] == [v for v in of_it if v.accepted]
        assert sum(not v.accepted for v in chosen) >= MISTAKES_A_DAY
        assert chosen == sampled(name, of_it)


def test_the_batch_rejects_every_mistake_with_its_hint_and_accepts_every_variant(path, tmp_path):
    """As students' submissions, in the sandbox."""
    loaded = load(COURSE, path)
    batch = Batch(COURSE, {path.stem: loaded}, tmp_path)
    try:
        batch.prove(lambda text: None)
        notebook = nbformat.read(COURSE.solutions(path.stem) / f"{path.stem}.ipynb", 4)
        grader = batch.grader(path.stem)
        faults = [
            fault
            for chosen in rounds(loaded.material)
            for fault in graded_wrong(grader, notebook, chosen)
        ]
    finally:
        batch.close()
    assert faults == [], f"make test DAY={DAY} takes the same sample again"


def only(grader, names):
    """A grader of these exercises alone: the others' solutions are given, their cases silent."""
    practical = grader.practical
    exercises = {n: replace(practical.exercises[n], needs=()) for n in names}
    cells = tuple(
        replace(cell, kind="provided") if cell.kind == "solution" and cell.id not in names else cell
        for cell in practical.cells
    )
    return replace(grader, practical=replace(practical, cells=cells, exercises=exercises))


def graded_wrong(grader, notebook, chosen):
    """Grade the solution with these variants in it; what is said wrongly of them."""
    edited = with_answers(notebook, chosen)
    result = only(grader, chosen).grade(nbformat.writes(edited).encode(), "student", "file")
    for exercise in result.exercises:
        variant = chosen[exercise.name]
        if variant.accepted:
            if exercise.status != Status.PASSED:
                wrong = [
                    f"{c.name}: {c.message}" for c in exercise.cases if c.status != Status.PASSED
                ]
                yield f"{exercise.name} ({variant.name}) fails: {wrong}"
        elif exercise.points >= exercise.max_points or exercise.hint != variant.hint:
            yield f"{exercise.name} ({variant.name}): {exercise.status}, taken for {exercise.mistake!r}"
