"""`autograder package`: otter's zip gives our points, students' messages, and refuses in one line."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.authoring import running
from autograder.authoring.material import read_material
from autograder.authoring.quiz_test import SOURCE as QUIZ
from autograder.course import Course
from autograder.doors.gradescope import results_test as gradescope_test
from autograder.doors.otter.package import package
from autograder.errors import UserError
from autograder.testing.programs import quick_environment
from autograder.testing.small import build_small, open_classroom

BIN = Path(sys.executable).parent
FUTURE = "future = jnp.triu(jnp.ones(scores.shape[-2:], bool), k=1)\n    return jnp.where(future, -jnp.inf, scores)"  # fmt: skip


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The small course with a quiz, built."""
    return build_small(tmp_path_factory.mktemp("package") / "course", QUIZ)


@pytest.fixture
def copy(course, tmp_path):
    """A copy of the course, to be spoiled."""
    shutil.copytree(course.root, tmp_path / "course")
    return Course(tmp_path / "course")


@pytest.fixture(scope="module")
def ours(course):
    """Our own grader of it."""
    with open_classroom(course) as opened:
        yield opened


@pytest.fixture(scope="module")
def made(course, tmp_path_factory):
    """Otter's zip."""
    path = tmp_path_factory.mktemp("zip") / "01-autograder.zip"
    package(course, "01", path, sandbox=False)
    return path


# ---------------------------------------------------------------- what is in the zips


def test_otters_zip_has_all_tests_the_answers_and_the_students_files(made):
    names = set(zipfile.ZipFile(made).namelist())
    assert {f"tests/{n}.py" for n in ("Scale", "causal_mask", "causal_weights", "quiz")} <= names
    assert {
        f"files/{n}" for n in ("helpers.py", "workbook/__init__.py", "answers.safetensors")
    } <= names
    assert {"setup.sh", "run_autograder", "environment.yml"} <= names


def test_otter_shows_public_cases_at_once_and_points_when_they_are_published(made):
    with zipfile.ZipFile(made) as archive:
        settings = json.loads(archive.read("otter_config.json"))
        assert b"hidden=True" in archive.read("tests/quiz.py")
    assert settings["show_hidden"] is True
    assert settings["show_stdout"] is False


def test_the_sandboxs_zip_has_no_test_of_ours_and_is_the_same_each_time(course, tmp_path):
    for name in ("one.zip", "two.zip"):
        package(course, "01", tmp_path / name, sandbox=True)
    names = zipfile.ZipFile(tmp_path / "one.zip").namelist()
    assert not [n for n in names if n.startswith("autograder/") and "_test" in n]
    assert "course/solutions/01_mini/answers.safetensors" in names
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


# ---------------------------------------------------------------- the same points

SUBMISSIONS = {
    "right": {},
    "wrong in three ways, one of which ends Python": {
        "causal_mask": f"def causal_mask(scores):\n    {FUTURE}".replace("k=1", "k=0"),
        "Scale": "import sys\nclass Scale(hk.Module):\n    def __call__(self, x):\n        sys.exit(1)",
        "quiz": "quiz_1 = ...\nquiz_2 = 7\nquiz_3 = [3, 2]",
    },
    "a cell that fails, a name that isn't there, one that swallows errors": {
        "causal_mask": "def causal_mask(scores):\n    return undefined_name",
        "causal_weights": "1 / 0",
        "Scale": "class Scale(hk.Module):\n    def __call__(self, x):\n        return 'a text'",
        "quiz": 'quiz_1 = "B "\nquiz_2 = 12.0\nquiz_3 = (3, 2)',
    },
    "blank": dict.fromkeys(("causal_mask", "causal_weights", "Scale", "quiz"), ""),
}


def otter_run(made, notebook, folder):
    """What otter's results.json says of a notebook."""
    (folder / "handed_in.ipynb").write_bytes(notebook)
    command = [BIN / "otter", "run", "--no-logo", "-a", made, "-o", folder, "handed_in.ipynb"]
    done = subprocess.run(
        command, cwd=folder, env=quick_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "results.json").read_text())


@pytest.mark.slow
@pytest.mark.parametrize("cells", SUBMISSIONS.values(), ids=SUBMISSIONS)
def test_otter_run_gives_our_points(cells, made, ours, tmp_path):
    found = otter_run(made, ours.notebook(cells), tmp_path)
    assert not gradescope_test.problems(found)
    theirs = {t["name"]: t["score"] for t in found["tests"] if "score" in t}
    result = ours.grade(cells)
    # otter knows no follow-through
    assert theirs == {
        e.name: e.points if e.own_points is None else e.own_points for e in result.exercises
    }
    assert {t["max_score"] for t in found["tests"] if "score" in t} == {1, 2, 3}


# ---------------------------------------------------------------- what students read


@pytest.fixture(scope="module")
def unpacked(made, tmp_path_factory):
    """The zip as otter lays it out: support files, and tests/ below them."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(made) as archive:
        archive.extractall(folder)
    shutil.move(folder / "tests", folder / "files" / "tests")
    return folder / "files"


def said(unpacked, course, exercise, cell=""):
    """(public, all) of what otter says of an exercise's cases, as its results.json has it."""
    from otter.test_files.exception_test import ExceptionTestFile

    path = course.root / "source" / "01_mini.py"
    practical = read_material(course, path).practical
    with running.imports_from(unpacked):
        names = running.reference_names(practical)
        exec(cell, names)
        tests = ExceptionTestFile.from_file(str(unpacked / "tests" / f"{exercise}.py"))
        tests.run(names)
    return tests.summary(public_only=True), tests.summary()


def test_a_known_mistake_gets_its_hint(unpacked, course):
    cell = f"def causal_mask(scores):\n    {FUTURE}".replace("k=1", "k=0")
    public, _ = said(unpacked, course, "causal_mask", cell)
    assert "Hint: May a token attend to itself?" in public


def test_no_hidden_case_shows_its_source_or_the_reference(unpacked, course):
    cell = "def causal_weights(scores):\n    return jnp.full(scores.shape, 0.123)"
    public, everything = said(unpacked, course, "causal_weights", cell)
    hidden = everything.replace(public.strip(), "").partition("large scores stay finite")[2]
    assert "is 0.123, which isn't right" in hidden
    assert "expect(" not in hidden
    assert {float(x) for x in re.findall(r"-?\d+\.\d+", hidden)} == {0.123}


def test_a_blank_says_that_it_is_one(unpacked, course):
    public, _ = said(unpacked, course, "quiz", "quiz_1 = quiz_2 = quiz_3 = ...")
    assert "NotStarted" in public


# ---------------------------------------------------------------- what is refused


def refused(course, output=Path("x.zip"), wanted="01"):
    """The one line that a command says, for either flavour."""
    lines = set()
    for sandbox in (False, True):
        with pytest.raises(UserError) as error:
            package(course, wanted, output, sandbox)
        lines.add(str(error.value))
    [line] = lines
    assert "\n" not in line
    assert not Path("x.zip").exists()
    return line


def test_no_such_practical(course):
    assert "there are: 01_mini" in refused(course, wanted="07")


@pytest.mark.parametrize("missing", ["release", "solutions"])
def test_a_practical_that_is_not_built(copy, missing):
    shutil.rmtree(copy.root / missing)
    assert refused(copy) == "01_mini isn't built: run autograder build 01"


def test_a_damaged_answer_key(copy):
    (copy.solutions("01_mini") / "answers.safetensors").write_bytes(b"\0" * 100)
    assert "can't be read (SafetensorError): run autograder build 01" in refused(copy)


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        ("tests/01_mini/Scale.py", "by its own scale", "by a scale", "the test file of Scale"),
        ("tests/01_mini/Scale.py", "normal(1, 2, 3)", "normal(1, 2, 4)", "tests/Scale.py"),
        ("tests/01_mini/causal_mask.py", "normal(3, 2, 5, 7)", "normal(3, 2, 5, 6)", "kept_scores"),
        ("source/01_mini.py", "future = jnp", "after = future = jnp", "source/01_mini.py"),
        ("source/01_mini/helpers.py", "\n", "\n# new\n", "helpers.py"),
    ],
    ids=["a case's title", "a public case", "a hidden case", "a solution", "a module"],
)
def test_an_old_answer_key(copy, file, old, new, what):
    path = copy.root / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert what in refused(copy)
    assert "changed: run autograder build 01" in refused(copy)


def test_a_built_notebook_that_is_damaged(copy):
    (copy.source("01_mini") / "01_mini.ipynb").write_bytes(b"\xff")
    assert "changed: run autograder build 01" in refused(copy)


def test_settings_of_otter_that_are_not_json(copy, tmp_path):
    (copy.root / "otter_config.json").write_text("{pdf: true}")
    with pytest.raises(UserError, match=r"otter_config\.json isn't JSON"):
        package(copy, "01", tmp_path / "x.zip", sandbox=False)
    assert not (tmp_path / "x.zip").exists()


def test_another_file_is_not_overwritten(course, tmp_path):
    theirs = tmp_path / "class.zip"
    with zipfile.ZipFile(theirs, "w") as archive:
        archive.writestr("anna.ipynb", "{}")
    before = theirs.read_bytes()
    assert "name another file with -o" in refused(course, theirs)
    assert theirs.read_bytes() == before


def test_a_newer_zip_takes_the_older_ones_place(course, made):
    package(course, "01", made, sandbox=True)
    with zipfile.ZipFile(made) as archive:
        assert "requirements.txt" in archive.namelist()
    package(course, "01", made, sandbox=False)


def test_a_folder_that_is_not_there(course, tmp_path):
    assert "there is no folder" in refused(course, tmp_path / "no" / "x.zip")
