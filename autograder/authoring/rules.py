"""The author's rules: one function a rule, one message a fault that says what to do."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import nbformat
from workbook.key import Answers

from autograder.authoring.cases import FOLD
from autograder.authoring.material import Material
from autograder.authoring.notebook import blank
from autograder.authoring.percent import BEGIN, END, Cell, Practical
from autograder.authoring.reading import length

LONGEST_CELL = 50
MOST_CELLS, MOST_WORDS = 150, 6000  # of a notebook; words outside folds
NEAR_MINUTES, NEAR_PER_CENT = 10, 10  # by which the minutes may differ from their count
FEWEST_MISTAKES = 3
MOST_HIDDEN_ONLY = 10  # per cent of a practical's mistakes
FEW_HIDDEN_ONLY = 2  # which a small practical may have
LARGEST_OUTPUT, LARGEST_OUTPUTS = 150_000, 1_050_000  # bytes, of one and of all in a notebook


def draft_problems(material: Material, release: Path) -> list[str]:
    """Every broken rule of a practical and its draft build, as `file:line: what to do`."""
    released = [
        blanks_are_released(material, release),
        no_solution_released(material, release),
        no_hidden_case_released(material, release),
    ]
    whole = [few_cells_and_words(material.practical), honest_minutes(material.practical)]
    return _written(material) + [problem for rule in whole + released for problem in rule]


def exercise_problems(material: Material, exercise: str) -> list[str]:
    """The broken rules of what authors wrote for one exercise."""
    practical = material.practical
    alone = replace(
        practical,
        cells=tuple(_cells_of(practical, exercise)),
        exercises={exercise: practical.exercises[exercise]},
    )
    tests, variants = material.tests[exercise], material.variants[exercise]
    notes = {exercise: material.notes[exercise]}
    return _written(Material(alone, {exercise: tests}, {exercise: variants}, notes))


def output_problems(practical: Practical, notebook: nbformat.NotebookNode) -> list[str]:
    """Outputs of the executed solution notebook that would make the repository grow too fast."""
    places = {cell.id: cell.line for cell in practical.cells if cell.kind != "check"}
    problems, total = [], 0
    for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
        for output in cell.outputs:
            size = len(json.dumps(output))
            total += size
            if size > LARGEST_OUTPUT:
                problems.append(
                    f"{practical.path}:{places.get(cell.id, 1)}: {cell.id} shows {size // 1000} KB: "
                    "use draw.show_photo for a photo, fewer frames or a smaller figure"
                )
    if total > LARGEST_OUTPUTS:
        problems.append(
            f"{practical.path}:1: all outputs have {total // 1000} KB, {LARGEST_OUTPUTS // 1000} at most: "
            "show fewer or smaller pictures"
        )
    return problems


def _written(material) -> list[str]:
    rules = [
        enough_variants(material),
        few_hidden_only(material),
        public_and_hidden_cases(material),
        short_cells(material),
        plain_words(material),
        folded_hints(material),
    ]
    return [problem for rule in rules for problem in rule]


def _cells_of(practical, exercise) -> Iterator[Cell]:
    """From the text before an exercise's blank to the text before the next one's."""
    cells, starts = practical.cells, []
    for other in practical.exercises.values():
        place = cells.index(other.solution)
        while place and cells[place - 1].kind in ("text", "provided"):
            place -= 1
            if "### " in cells[place].source:
                break
        starts.append((place, other.id))
    ends = [place for place, _ in starts[1:]] + [len(cells)]
    for (start, name), end in zip(sorted(starts), ends):
        if name == exercise:
            yield from cells[start:end]


def enough_variants(material: Material) -> Iterator[str]:
    """Three known mistakes and one accepted variant an exercise."""
    path = material.practical.path
    for name, variants in material.variants.items():
        line = material.practical.exercises[name].solution.line
        mistakes = sum(not v.accepted for v in variants)
        if mistakes < FEWEST_MISTAKES:
            yield f"{path}:{line}: {name} has {mistakes} known mistakes: describe at least {FEWEST_MISTAKES} in mistakes.toml"
        if mistakes == len(variants):
            yield f"{path}:{line}: {name} has no accepted variant: add a right answer written another way to mistakes.toml"


def few_hidden_only(material: Material) -> Iterator[str]:
    """Nearly every known mistake is found before handing in."""
    mistakes = [v for vs in material.variants.values() for v in vs if not v.accepted]
    marked = sum(bool(v.hidden_only) for v in mistakes)
    if marked > max(FEW_HIDDEN_ONLY, len(mistakes) * MOST_HIDDEN_ONLY // 100):
        yield (
            f"{material.practical.path}:1: {marked} of {len(mistakes)} mistakes are hidden_only, "
            f"{MOST_HIDDEN_ONLY} in a hundred at most: let public cases reject them"
        )


def public_and_hidden_cases(material: Material) -> Iterator[str]:
    """Public cases teach, hidden ones decide: both are there."""
    for tests in material.tests.values():
        if {case.hidden for case in tests.cases} != {True, False}:
            yield f"{tests.path}:1: cases are needed on both sides of the line {FOLD!r}"


def short_cells(material: Material) -> Iterator[str]:
    """No code cell that needs scrolling."""
    for cell in material.practical.cells:
        length = len(cell.source.splitlines())
        if cell.kind != "text" and length > LONGEST_CELL:
            yield f"{material.practical.path}:{cell.line}: a cell of {length} lines: move what isn't taught to helpers.py"


def few_cells_and_words(practical: Practical) -> Iterator[str]:
    """A notebook that is read to its end."""
    counted = length(practical)
    if counted.cells > MOST_CELLS:
        yield f"{practical.path}:1: {counted.cells} cells, {MOST_CELLS} at most: leave something out"
    if counted.words > MOST_WORDS:
        yield f"{practical.path}:1: {counted.words} words outside folds, {MOST_WORDS} at most: leave something out"


def honest_minutes(practical: Practical) -> Iterator[str]:
    """The core takes as long as it says, reading and pictures included."""
    counted = length(practical).minutes
    if abs(practical.minutes - counted) > max(NEAR_MINUTES, counted * NEAR_PER_CENT / 100):
        yield (
            f"{practical.path}:1: minutes: {practical.minutes}, but the core's words, exercises and "
            f"pictures take about {round(counted, -1):.0f}: write that, or leave something out"
        )


def plain_words(material: Material) -> Iterator[str]:
    """Words that make a reader feel slow, and words that break nbgrader, stay out of the text."""
    for cell in material.practical.cells:
        if cell.kind != "text":
            continue
        if found := re.search(r"\b(simply|obviously|trivially)\b", cell.source, re.IGNORECASE):
            yield f"{material.practical.path}:{cell.line}: leave out the word {found[0]!r}"
        if re.search("(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)", cell.source):
            yield f"{material.practical.path}:{cell.line}: nbgrader's marker words can't stand in a text"


def folded_hints(material: Material) -> Iterator[str]:
    """Every exercise has folded hints between its heading and the next one's."""
    text: dict[str | None, str] = {}
    current = None
    for cell in material.practical.cells:
        for name, exercise in material.practical.exercises.items():
            if exercise.heading in cell.source.splitlines():
                current = name
        text[current] = text.get(current, "") + cell.source
    for name, exercise in material.practical.exercises.items():
        if not exercise.quiz and "<details" not in text.get(name, ""):
            yield f"{material.practical.path}:{exercise.solution.line}: {name} has no folded hint ('::: Hint: where to look')"


def blanks_are_released(material: Material, release: Path) -> Iterator[str]:
    """What students get in place of each solution is Python, and is what was tried on the cases."""
    practical = material.practical
    notebook = nbformat.read(release / f"{practical.name}.ipynb", 4)
    student = {cell.id: cell.source for cell in notebook.cells}
    for name, exercise in practical.exercises.items():
        where = f"{practical.path}:{exercise.solution.line}"
        if student.get(name) != blank(exercise):
            yield f"{where}: the released blank of {name} isn't the solution without its marked lines"
        try:
            ast.parse(blank(exercise))
        except SyntaxError as error:
            yield f"{where}: the blank of {name} isn't Python: {error.msg}"


def _solution_lines(source):
    """The lines between the markers that would give an answer away."""
    inside = False
    for line in map(str.strip, source.splitlines()):
        if line in (BEGIN, END):
            inside = line == BEGIN
        elif inside and len(line) > 12:
            yield line


def no_solution_released(material: Material, release: Path) -> Iterator[str]:
    """No line of a solution is anywhere in the release."""
    practical = material.practical
    allowed = "\n".join(re.sub(f"(?s){BEGIN}.*?{END}", "", cell.source) for cell in practical.cells)
    lines = {line.strip() for line in allowed.splitlines()}
    texts = _texts(release)
    for cell in (c for c in practical.cells if c.kind in ("solution", "discussion")):
        for line in _solution_lines(cell.source):
            shown = [
                file.name for file, text in texts.items() if line in text or _in_json(line) in text
            ]
            if shown and line not in lines:
                yield f"{practical.path}:{cell.line}: {shown[0]} in release/ has the solution line {line!r}"


def _texts(release):
    """What students can read in each file; the header of an answer key is compressed there."""
    files = (file for file in release.rglob("*") if file.is_file())
    texts = {file: file.read_bytes().decode("utf-8", "replace") for file in files}
    for file in (file for file in texts if file.name == "answers.safetensors"):
        texts[file] += json.dumps(Answers.load(file).header, ensure_ascii=False)
    return texts


def _in_json(line):
    return line.replace("\\", "\\\\").replace('"', '\\"')


def no_hidden_case_released(material: Material, release: Path) -> Iterator[str]:
    """No hidden case's name or text and no hidden answer is anywhere in the release.

    What another exercise's public case is called tells nothing of this one.
    """
    said = "\n".join(tests.public_text for tests in material.tests.values())
    public = Answers.load(release / "tests" / "answers.safetensors")
    texts = _texts(release)
    for name, tests in material.tests.items():
        for case in (case for case in tests.cases if case.hidden):
            words = [w for w in (f"def {case.name}(", f'"{case.title}"') if w not in said]
            for file, text in texts.items():
                if any(word in text for word in words):
                    yield f"{tests.path}:{case.line}: the hidden case {case.name} is in {file.name} of release/"
            known = [public.exercises[name], *public.exercises[name]["mistakes"]]
            if any(case.name in part["cases"] for part in known) or any(
                tensor.startswith(f"{name}/{case.name}/") for tensor in public.tensors
            ):
                yield f"{tests.path}:{case.line}: answers of the hidden case {case.name} are in release/"
