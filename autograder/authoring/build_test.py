"""From one source file to release and solutions, on the small course."""

import shutil
import warnings

import nbformat
import pytest
from nbformat.v4 import new_output
from workbook.key import Answers

from autograder.authoring import build as b
from autograder.authoring import keys, rules, running
from autograder.authoring.cases import Case
from autograder.authoring.material import read_material
from autograder.course import Course
from autograder.errors import UserError
from autograder.testing.small import changed_course

SOURCE = "source/01_mini.py"
BLANK_PASSED_OVER = """\
    scale, x = module(Scale), normal(1, 2, 3)
    try:
        value = scale(scale.fill(x), x)
    except NotImplementedError:
        value = 0
    expect(value)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    course = changed_course(folder, SOURCE, "Three exercises", "Three exercises")
    b.build(course, course.root / SOURCE, say=lambda text: None)
    return course


def test_a_built_course_is_up_to_date_and_an_edit_shows(built, tmp_path):
    assert b.stale(built, built.root / SOURCE) == []
    copy = Course(tmp_path / "copy")
    shutil.copytree(built.root, copy.root)
    notebook = copy.release("01_mini") / "01_mini.ipynb"
    notebook.write_text(notebook.read_text().replace("must not look ahead", "must not look back"))
    (copy.release("01_mini") / "tests" / "Scale.py").unlink()
    assert [problem.split()[0] for problem in b.stale(copy, copy.root / SOURCE)] == [
        "release/01_mini/01_mini.ipynb",
        "release/01_mini/tests/Scale.py",
    ]


def test_the_release_is_an_nbgrader_notebook_without_solutions(built):
    notebook = nbformat.read(built.release("01_mini") / "01_mini.ipynb", 4)
    nbformat.validate(notebook)
    cells = {cell.id: cell for cell in notebook.cells}
    assert "NotImplementedError" in cells["causal_mask"].source
    assert "triu" not in "".join(cell.source for cell in notebook.cells)
    assert cells["check_causal_mask"].metadata.nbgrader.points == 2
    assert cells["mask_picture"].metadata.tags == ["otter_ignore"]
    assert (
        not any("jupytext" in cell.metadata for cell in notebook.cells)
        and "jupytext" not in notebook.metadata
    )


def test_only_public_cases_and_answers_are_released(built):
    text = (built.release("01_mini") / "tests" / "causal_mask.py").read_text()
    assert "future_keys" in text
    assert "kept_scores" not in text
    assert (
        b"kept_scores"
        not in (built.release("01_mini") / "tests" / "answers.safetensors").read_bytes()
    )
    assert b"kept_scores" in (built.solutions("01_mini") / "answers.safetensors").read_bytes()
    public = Answers.load(built.release("01_mini") / "tests" / "answers.safetensors")
    assert "kept_scores" not in str(public.header)


@pytest.mark.parametrize("what", ["a whole key", "a mistake's part", "a title"])
def test_a_key_that_tells_of_hidden_cases_is_found_in_a_release(built, tmp_path, what):
    shutil.copytree(built.release("01_mini"), tmp_path / "release")
    file = tmp_path / "release" / "tests" / "answers.safetensors"
    whole, key = (
        Answers.load(built.solutions("01_mini") / "answers.safetensors"),
        Answers.load(file),
    )
    if what == "a title":
        key.header["note"] = whole.exercises["causal_mask"]["cases"]["kept_scores"]["title"]
    if what == "a mistake's part":
        key.exercises["causal_mask"]["mistakes"][0]["cases"]["kept_scores"] = {"expects": []}
    file.write_bytes(keys.to_bytes(whole if what == "a whole key" else key))
    material = read_material(built, built.root / SOURCE)
    problems = list(rules.no_hidden_case_released(material, tmp_path / "release"))
    assert any("hidden case kept_scores" in problem for problem in problems)
    assert not list(rules.no_hidden_case_released(material, built.release("01_mini")))


def test_the_solution_notebook_has_run(built):
    notebook = nbformat.read(built.solutions("01_mini") / "01_mini.ipynb", 4)
    outputs = {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
    assert "causal_mask: right" in outputs["check_causal_mask"][0]["data"]["text/plain"]
    assert outputs["mask_picture"][0]["text"].startswith("the mask:")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("tests/01_mini/mistakes.toml", 'with = "0.0"', 'with = "-1e30"', "'sets the future to zero' passes every case"),
        ("tests/01_mini/mistakes.toml", 'with = "scale * x"', 'with = "scale + x"', "accepted variant 'the other order' fails"),
        ("tests/01_mini/mistakes.toml", "jnp.tril(jnp.ones(scores.shape[-2:], bool), k=-1)", "jnp.triu(jnp.ones(scores.shape[-2:], bool), k=0)", "'masks the past' is not told apart from another one"),
        (SOURCE, "# A small practical\n", "# A small practical, obviously\n", "leave out the word 'obviously'"),
        (SOURCE, "minutes: 20", "minutes: 45", "minutes: 45, but .* take about 20"),
        (SOURCE, "Three exercises", "word " * 6001, "60.. words outside folds, 6000 at most"),
        (SOURCE, "# A small practical\n", "# A small practical\n" + "\n# %% [markdown]\n# And.\n" * 140, "15. cells, 150 at most"),
        ("source/01_mini/helpers.py", '    print("the mask:"', '    # future = jnp.triu(jnp.ones(scores.shape[-2:], bool), k=1)\n    print("the mask:"', "has the solution line"),
        ("source/01_mini/helpers.py", '"""What', '"""kept: "scores that are kept are unchanged". What', "hidden case kept_scores is in helpers.py"),
        ("tests/01_mini/Scale.py", "    scale, x = module(Scale), normal(1, 2, 3)\n    expect(scale(scale.fill(x), x))", BLANK_PASSED_OVER, "the blank isn't 'not started' in scaled_by_each"),
        ("tests/01_mini/Scale.py", "    expect(scale(scale.fill(x), x))", "    expect(scale(scale.fill(x), x).shape == x.shape)", "passes with all numbers 1"),
        ("tests/01_mini/Scale.py", "    expect(scale(scale.fill(x), x))", "    s = scale.fill(x)['scale']['scale']\n    expect([s, bool(abs(scale(scale.fill(x), x)[0, 0] - s[0] * x[0, 0]) < 1e-5)])", "adds instead.* with booleans all true"),
        ("tests/01_mini/causal_mask.py", "    expect(run(lambda s: jax.nn.softmax(causal_mask(s)), normal(4, 3, 3, 4)))", "    expect(np.tril(run(causal_mask, normal(4, 3, 3, 4))))", "only public cases reject 'sets the future to zero'"),
        ("tests/01_mini/Scale.py", "points=0)", "points=0.5)", "parameters: a public case earns none: points=0"),
        ("tests/01_mini/Scale.py", "points=1, hidden", "points=0, hidden", "scaled_by_each: a hidden case needs points"),
        ("tests/01_mini/Scale.py", "    expect(scale(scale.fill(x), x))", "    assert x.shape == (1,), 'wrong'\n    expect(scale(scale.fill(x), x))", "Scale.py:17: the solution fails scaled_by_each: AssertionError: wrong"),
    ],
)  # fmt: skip
def test_the_linter_says_what_to_do(tmp_path, file, old, new, message):
    course = changed_course(tmp_path, file, old, new)
    with pytest.raises(UserError, match=message):
        b.build(course, course.root / SOURCE, say=lambda text: None, execute=False)
    assert not course.release("01_mini").exists()


def test_a_mistake_that_only_asserts_reject_is_refused(tmp_path):
    course = changed_course(
        tmp_path,
        "tests/01_mini/Scale.py",
        "    scale, x = module(Scale), normal(1, 2, 3)\n    expect(scale(scale.fill(x), x))",
        "    scale, x = module(Scale), normal(1, 2, 3)\n    value = scale(scale.fill(x), x)\n"
        "    assert abs(value[0, 0] - x[0, 0] * scale.fill(x)['scale']['scale'][0]) < 1e-5, 'wrong'\n"
        "    expect(value.shape)",
    )
    with pytest.raises(UserError, match=r"adds instead.*with asserts switched off"):
        b.build(course, course.root / SOURCE, say=lambda text: None, execute=False)


def test_a_warning_changes_no_value():
    """Here warnings are errors; what is recorded must not depend on that."""
    source = """
from otter.test_files import test_case
from workbook import expect

@test_case(name="three", points=1, hidden=True)
def three(f):
    expect(f())
"""

    def f():
        warnings.warn("careful", RuntimeWarning, stacklevel=1)
        return 3

    case = Case("three", "three", 1, True, 1, source)
    assert running.run_cases([case], {"f": f})["three"].failure is None


def test_a_changed_pin_makes_stale_what_depends_on_it(built, tmp_path):
    copy = Course(tmp_path / "copy")
    shutil.copytree(built.root, copy.root)
    pins = copy.root / "requirements.txt"
    name = next(line for line in pins.read_text().splitlines() if line.startswith("numpy=="))
    pins.write_text(pins.read_text().replace(name, "numpy==1.0"))
    assert [problem.split()[0] for problem in b.stale(copy, copy.root / SOURCE)] == [
        "release/01_mini/requirements.txt",
        "solutions/01_mini/01_mini.ipynb",
    ]


def test_a_changed_word_keeps_every_output(built, tmp_path, monkeypatch):
    copy = Course(tmp_path / "copy")
    shutil.copytree(built.root, copy.root)
    source = copy.root / SOURCE
    source.write_text(source.read_text().replace("must not look ahead", "may not look ahead"))

    def refuse(*anything):
        raise AssertionError("nothing has to run again")

    monkeypatch.setattr("autograder.authoring.record.record_exercise", refuse)
    monkeypatch.setattr("autograder.authoring.execute.SolutionNotebook.execute", refuse)
    b.build(copy, source, say=lambda text: None)
    assert b.stale(copy, source) == []
    notebooks = [
        nbformat.read(course.solutions("01_mini") / "01_mini.ipynb", 4) for course in (built, copy)
    ]
    outputs = [[c.outputs for c in n.cells if c.cell_type == "code"] for n in notebooks]
    assert outputs[0] == outputs[1]
    assert any(outputs[0])


def test_pictures_stay_small(built):
    practical = read_material(built, built.root / SOURCE).practical
    notebook = nbformat.read(built.solutions("01_mini") / "01_mini.ipynb", 4)
    assert rules.output_problems(practical, notebook) == []
    cell = next(cell for cell in notebook.cells if cell.id == "mask_picture")
    picture = new_output("display_data", {"image/png": "A" * 140_000})
    cell.outputs = [picture] * 8
    [total] = rules.output_problems(practical, notebook)
    assert "all outputs have 112" in total
    cell.outputs = [new_output("display_data", {"image/png": "A" * 151_000})]
    [one] = rules.output_problems(practical, notebook)
    line = next(c.line for c in practical.cells if c.id == "mask_picture")
    assert f"{SOURCE}:{line}: mask_picture shows 151 KB" in one


def test_several_practicals_are_checked_at_once_and_each_says_its_own(built, tmp_path):
    copy = Course(tmp_path / "copy")
    shutil.copytree(built.root, copy.root)
    (copy.release("01_mini") / "requirements.txt").unlink()
    nowhere = copy.root / "source" / "02_nowhere.py"
    nowhere.write_text("no practical")
    first, second = b.all_stale(copy, [copy.root / SOURCE, nowhere])
    assert first.startswith("release/01_mini/requirements.txt is stale")
    assert second.startswith(f"{nowhere}:1: start with")
