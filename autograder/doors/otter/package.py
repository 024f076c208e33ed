"""`autograder package`: a practical as the zip that Gradescope and `otter run` grade with."""

import contextlib
import hashlib
import json
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

import jax
import nbformat
from workbook.assess import judge_all

from autograder.authoring import running
from autograder.authoring.notebook import to_notebook
from autograder.compiling import set_up_jax
from autograder.course import LEFT_BEHIND, WORKBOOK, Course, workbook_files
from autograder.doors.gradescope import image
from autograder.errors import UserError
from autograder.files import write_file
from autograder.grading.built import Loaded, built_before, load
from autograder.status import Status

# What students see of otter's results: public cases at once, points and hidden ones when published.
OTTER_SETTINGS = {
    "show_hidden": True,
    "show_stdout": False,
    "pdf": False,
    "logo": False,
    "zips": False,
}
# Each case is asked of the answer key; otter shows the line of the file that raises, so it is here.
JUDGED = """

# --- added by autograder package: the answer key judges, the same as in autograder grade ---
def _let_the_key_judge():
    from inside_otter import Exercise

    cases = {v.test_func.__name__: v for v in globals().values() if isinstance(v, test_case)}
    exercise = Exercise(name, {case: made.test_func for case, made in cases.items()})

    def judged(case):
        def ask(env):
            if complaint := exercise.complaint(case, env):
                raise complaint

        return ask

    for case, made in cases.items():
        made.test_func = judged(case)


_let_the_key_judge()
"""
NEVER_SHIPPED = {"tests", "requirements.txt", *LEFT_BEHIND}


def package(course: Course, wanted: str, output: Path | None, sandbox: bool) -> list[str]:
    """Write a practical's autograder zip (`sandbox`: with our own engine); what to tell of it.

    Raises UserError, before anything is written, when the practical isn't there, isn't built or was
    built from something else than what lies there now, or when `output` is some other file.
    """
    loaded = _load(course, course.choose(wanted))
    output = output or Path(f"{loaded.name[:2]}-autograder.zip")
    _refuse_other_file(output)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "autograder.zip"
        if sandbox:
            image.write_zip(course, loaded, made)
        else:
            _otter_generate(course, loaded, Path(folder), made)
        write_file(output, made.read_bytes())
    return list(_what_was_made(loaded, output, sandbox))


def _what_was_made(loaded, output, sandbox):
    exercises = loaded.material.practical.exercises.values()
    total, further = (
        sum(e.points for e in exercises),
        sum(e.points for e in exercises if e.further),
    )
    yield f"{output}: {loaded.name}, {total:g} points" + (
        f", {further:g} of them beyond the core" if further else ""
    )
    if sandbox:
        yield "it grades in a sandbox; hidden answers stay unreadable for what students hand in"
    else:
        yield (
            "otter's trust level: what students hand in can read the hidden tests and the answers "
            "while it is graded; --sandbox makes a zip where it can't"
        )


# ---------------------------------------------------------------- what is refused


def _load(course, path) -> Loaded:
    loaded = load(course, path)
    if what := _out_of_date(course, loaded) or _not_as_recorded(course, loaded):
        raise UserError(built_before(loaded.name, what))
    return loaded


def _out_of_date(course, loaded) -> str:
    """What else of a practical's files has changed; what hidden cases do doesn't show here."""
    name, header = loaded.name, loaded.answers.header
    source, release = course.source(name), course.release(name)
    judges = source / "judges.py"
    if header.get("judges") != (_digest(judges) if judges.exists() else None):
        return "judges.py"
    if _sources(source / f"{name}.ipynb") != [
        cell.source for cell in to_notebook(loaded.material.practical).cells
    ]:
        return f"source/{name}.py"
    copies = {f"tests/{t.path.name}": t.public_text for t in loaded.material.tests.values()}
    copies |= {file.name: file.read_text("utf-8") for file in source.glob("*.py")}
    copies |= {
        f"{file.relative_to(WORKBOOK.parent)}": file.read_text("utf-8") for file in workbook_files()
    }
    for file, text in copies.items():
        if not (release / file).exists() or (release / file).read_bytes() != text.encode():
            return f"what students get as {file}"
    return "" if (release / "requirements.txt").exists() else "requirements.txt"


def _not_as_recorded(course, loaded) -> str:
    """Which case the solution doesn't pass with the stored record."""
    set_up_jax()
    tests, key = loaded.material.tests, loaded.answers
    as_students_have_it = jax.numpy_dtype_promotion("standard")
    with running.imports_from(course.source(loaded.name)), as_students_have_it:
        names = running.reference_names(loaded.material.practical)
        for exercise in tests:
            outcomes = running.run_cases(tests[exercise].cases, names)
            for case, verdict in judge_all(key, exercise, outcomes).items():
                if verdict.status != Status.PASSED:
                    return f"{case} of {exercise}"
    return ""


def _digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _sources(path):
    """The cells of a built notebook; None when there is none that can be read."""
    try:
        return [cell.source for cell in nbformat.read(path, 4).cells]
    except Exception:  # nbformat and its schemas have many
        return None


def _refuse_other_file(output):
    """An existing file is replaced only by a newer version of itself."""
    if not output.parent.is_dir():
        raise UserError(
            f"there is no folder {str(output.parent)!r}: make it, or name another file with -o"
        )
    if not output.exists():
        return
    with contextlib.suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(output) as archive:
        if {"setup.sh", "run_autograder"} <= set(archive.namelist()):
            return
    raise UserError(f"{output} is there and isn't an autograder zip: name another file with -o")


# ---------------------------------------------------------------- otter


def _otter_generate(course, loaded, folder, made):
    """`otter generate` on all tests, hidden ones and quizzes included, and all they need."""
    from otter.generate import main as generate

    name, settings = loaded.name, folder / "otter_config.json"
    (folder / "all_tests").mkdir()
    for tests in loaded.material.tests.values():
        (folder / "all_tests" / tests.path.name).write_text(tests.text + JUDGED, encoding="utf-8")
    settings.write_text(json.dumps(OTTER_SETTINGS | _otter_settings(course)))
    files = folder / "files"
    shutil.copytree(course.release(name), files, ignore=_not_shipped(name))
    shutil.copy(Path(__file__).with_name("inside_otter.py"), files)
    shutil.copy(course.solutions(name) / "answers.safetensors", files)
    with contextlib.chdir(files):  # otter names files in its zip as they are seen from here
        generate(
            tests_dir=str(folder / "all_tests"),
            output_path=str(made),
            config=str(settings),
            requirements=str(course.release(name).resolve() / "requirements.txt"),
            no_environment=True,
            files=[str(f.relative_to(files)) for f in sorted(files.rglob("*")) if f.is_file()],
            python_version="{}.{}".format(*sys.version_info),
        )


def _otter_settings(course) -> dict:
    """What the course's otter_config.json says; {} where there is none."""
    path = course.root / "otter_config.json"
    try:
        return dict(json.loads(path.read_bytes())) if path.exists() else {}
    except (ValueError, TypeError) as error:
        raise UserError(f"{path} isn't JSON as otter reads it: {error}") from None


def _not_shipped(name):
    return lambda folder, names: NEVER_SHIPPED & set(names) | {f"{name}.ipynb"} & set(names)
