"""`autograder build`: one source file to release/ and solutions/, through nbgrader."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import jax
import nbformat
from workbook.key import Answers, read_judges

from autograder.authoring import record, rules
from autograder.authoring.generate import generate
from autograder.authoring.material import Material, read_material
from autograder.authoring.notebook import KERNEL, to_notebook
from autograder.authoring.percent import Practical, without_markers
from autograder.course import LEFT_BEHIND, WORKBOOK, Course
from autograder.errors import UserError
from autograder.sandbox.cache import Cache
from autograder.sandbox.host import XLA_FLAGS

STUDENT_PACKAGES = (
    "jax jaxlib dm-haiku optax jraph gymnasium numpy matplotlib scikit-learn networkx "
    "jaxtyping safetensors otter-grader jupyterlab ipykernel pygame-ce"
).split()
IGNORED = shutil.ignore_patterns(*LEFT_BEHIND)


def build(
    course: Course, path: Path, say: Callable[[str], None] = print, execute: bool = True
) -> None:
    """Build one practical; UserError with every problem found, before anything is replaced."""
    material = read_material(course, path)
    practical = material.practical
    say(f"{practical.name}: recording the answers")
    key = record_answers(course, material)
    with tempfile.TemporaryDirectory() as folder:
        draft = Course(Path(folder))
        _draft(course, draft, material, key)
        _refuse(
            rules.draft_problems(
                material, key, draft.release(practical.name), draft.solutions(practical.name)
            )
        )
        if execute and not _is_executed(course, draft, practical):
            say(f"{practical.name}: running the solution notebook")
            _execute(draft, practical)
        else:
            _keep_executed(course, draft, practical)
        _keep_same_key(course, draft, practical.name)
        _install(draft, course, practical.name)
    say(f"{practical.name}: built")


def stale(course: Course, path: Path) -> list[str]:
    """What of a practical's built files differs from what a build would write (problems included)."""
    material = read_material(course, path)
    practical = material.practical
    key = record_answers(course, material)
    with tempfile.TemporaryDirectory() as folder:
        draft = Course(Path(folder))
        _draft(course, draft, material, key)
        problems = rules.draft_problems(
            material, key, draft.release(practical.name), draft.solutions(practical.name)
        )
        _keep_same_key(course, draft, practical.name)
        if _is_executed(course, draft, practical):
            _keep_executed(course, draft, practical)
        return problems + [
            f"{file} is stale: run autograder build {practical.name[:2]}"
            for file in _differences(draft, course, practical.name)
        ]


def record_answers(course: Course, material: Material) -> Answers:
    """The answer key of a practical; UserError lists what authors must change."""
    set_up_jax()
    practical = material.practical
    recorder = record.Recorder(practical, read_judges(course.source(practical.name)))
    problems: list[str] = []
    as_students_have_it = jax.numpy_dtype_promotion("standard")
    with record.imports_from(course.source(practical.name)), as_students_have_it:
        names = record.reference_names(practical)
        for exercise, tests in material.tests.items():
            problems += recorder.record(tests, names, material.variants[exercise])
            if not problems:
                problems += record.hint_problems(
                    recorder.key, exercise, recorder.outcomes(exercise)
                )
            jax.clear_caches()  # nobody calls a variant's programs again; they fill gigabytes
    _refuse(problems)
    return recorder.key


def set_up_jax() -> None:
    """Compile as a sandbox does, quickly, and keep programs where graders look for them.

    Most of a build is compiling. Nothing changes if this process has compiled something already.
    """
    os.environ.setdefault("XLA_FLAGS", " ".join(XLA_FLAGS))
    jax.config.update("jax_compilation_cache_dir", str(Cache().folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    jax.config.update("jax_default_matmul_precision", "highest")


def kernel_environment() -> dict[str, str]:
    """The environment of a student's kernel: without what only makes a build quicker."""
    ours = " ".join(XLA_FLAGS)
    return {k: v for k, v in os.environ.items() if (k, v) != ("XLA_FLAGS", ours)}


def _refuse(problems):
    if problems:
        raise UserError("\n".join(problems))


def _draft(course, draft, material, key):
    """Write a whole build of one practical into the empty course `draft`."""
    practical = material.practical
    name = practical.name
    shutil.copytree(course.source(name), draft.source(name), ignore=IGNORED, dirs_exist_ok=True)
    nbformat.write(to_notebook(practical), draft.source(name) / f"{name}.ipynb")
    generate(draft, name)
    solutions = draft.solutions(name)
    complete_release(course, draft.release(name), material, key)
    _edit_cells(solutions / f"{name}.ipynb", _show_rubric)
    (solutions / "answers.safetensors").write_bytes(record.to_bytes(key))


def complete_release(course: Course, release: Path, material: Material, key: Answers) -> None:
    """Add to what nbgrader released all that students need beside it."""
    practical = material.practical
    _edit_cells(release / f"{practical.name}.ipynb", lambda cell: _open_quiz(cell, practical))
    shutil.copytree(WORKBOOK, release / WORKBOOK.name, ignore=IGNORED)
    (release / "requirements.txt").write_text(
        _student_requirements(course.root / "requirements.txt")
    )
    (release / "tests").mkdir()
    for tests in material.tests.values():
        (release / "tests" / tests.path.name).write_text(tests.public_text, encoding="utf-8")
    (release / "tests" / "answers.safetensors").write_bytes(
        record.to_bytes(record.public_part(key))
    )
    for file in release.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)


def _edit_cells(path, edit):
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        edit(cell)
    nbformat.write(notebook, path)


def _open_quiz(cell, practical):
    """A line for each answer, where nbgrader leaves its one stub."""
    exercise = practical.exercises.get(cell.id)
    if exercise and exercise.quiz:
        cell.source = exercise.quiz.blank()


def _show_rubric(cell):
    """The marker words of a rubric would be shown as headings."""
    if cell.cell_type == "markdown":
        cell.source = without_markers(cell.source)


def _student_requirements(pinned: Path) -> str:
    pins = dict(re.findall(r"(?m)^([A-Za-z0-9_.-]+)(==.*)$", pinned.read_text()))
    return "".join(f"{name}{pins[name]}\n" for name in STUDENT_PACKAGES if name in pins)


# ---------------------------------------------------------------- the executed solution notebook


def _sources_hash(draft: Course, practical: Practical) -> str:
    """What the outputs of the solution notebook depend on."""
    notebook = nbformat.read(draft.solutions(practical.name) / f"{practical.name}.ipynb", 4)
    digest = hashlib.sha256(
        str([cell.source for cell in notebook.cells if cell.cell_type == "code"]).encode()
    )
    for file in sorted(draft.release(practical.name).rglob("*")):
        if file.suffix in (".py", ".npz", ".csv") and "tests" not in file.parts:
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _is_executed(course, draft, practical):
    old = course.solutions(practical.name) / f"{practical.name}.ipynb"
    if not old.exists():
        return False
    facts = nbformat.read(old, 4).metadata.get("workbook", {})
    return facts.get("executed") == _sources_hash(draft, practical)


def _keep_executed(course, draft, practical):
    """Take the outputs of the stored solution notebook into the draft, for cells that are the same."""
    old = course.solutions(practical.name) / f"{practical.name}.ipynb"
    if not old.exists():
        return
    stored = nbformat.read(old, 4)
    outputs = {(c.id, c.source): c.outputs for c in stored.cells if c.cell_type == "code"}
    path = draft.solutions(practical.name) / f"{practical.name}.ipynb"
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = outputs.get((cell.id, cell.source), [])
    notebook.metadata["workbook"] = dict(stored.metadata.get("workbook", {}))
    nbformat.write(notebook, path)


def _execute(draft, practical):
    """Run the solution notebook beside the release's files; UserError names the cell that fails."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    path = draft.solutions(practical.name) / f"{practical.name}.ipynb"
    notebook = nbformat.read(path, 4)
    resources = {"metadata": {"path": str(draft.release(practical.name))}}
    client = NotebookClient(notebook, timeout=180, kernel_name="python3", resources=resources)
    client.record_timing = False
    try:
        log = subprocess.DEVNULL  # the kernel's own, not the cells'
        client.execute(stderr=log, env=kernel_environment())
    except (CellExecutionError, CellTimeoutError) as error:
        lines = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip().splitlines()
        raise UserError(f"{practical.path}: the solution notebook fails: {lines[-1]}") from None
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count = None
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = None
    notebook.metadata["workbook"]["executed"] = _sources_hash(draft, practical)
    notebook.metadata["kernelspec"] = KERNEL
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.write(notebook, path)
    for left in (".OTTER_LOG", "__pycache__"):
        _remove(draft.release(practical.name) / left)


# ---------------------------------------------------------------- installing


def _keep_same_key(course, draft, name):
    """Keep a stored answer key whose numbers differ by rounding alone."""
    for place in (Path("solutions") / name, Path("release") / name / "tests"):
        old, new = (root / place / "answers.safetensors" for root in (course.root, draft.root))
        if old.exists() and record.same_key(Answers.load(old), Answers.load(new)):
            shutil.copy(old, new)


def _built_files(course: Course, name: str) -> Iterator[Path]:
    """Relative paths of the files that a build of this practical owns."""
    yield Path("source") / name / f"{name}.ipynb"
    for folder in (course.release(name), course.solutions(name)):
        for file in sorted(folder.rglob("*")):
            if file.is_file() and not LEFT_BEHIND & set(file.parts):
                yield file.relative_to(course.root)


def _differences(draft, course, name):
    new, old = set(_built_files(draft, name)), set(_built_files(course, name))
    changed = {
        f for f in new & old if (draft.root / f).read_bytes() != (course.root / f).read_bytes()
    }
    return sorted(map(str, (new ^ old) | changed))


def _install(draft, course, name):
    for folder in (Path("release") / name, Path("solutions") / name):
        _remove(course.root / folder)
        shutil.copytree(draft.root / folder, course.root / folder)
    notebook = Path("source") / name / f"{name}.ipynb"
    shutil.copy(draft.root / notebook, course.root / notebook)


def _remove(path):
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
