"""The author's rules: one function a rule, one message a fault that says what to do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from workbook.key import Answers

from autograder.authoring import record
from autograder.authoring.cases import FOLD
from autograder.authoring.percent import BEGIN, END
from autograder.status import Status

LONGEST_CELL = 50
FEWEST_MISTAKES = 3


def draft_problems(material, key: Answers, release: Path, solutions: Path) -> list[str]:
    """Every broken rule of a practical and its draft build, as `file:line: what to do`."""
    rules = [
        enough_variants(material),
        public_and_hidden_cases(material),
        short_cells(material),
        plain_words(material),
        folded_hints(material),
        stubs_parse_and_fail(material, key, release),
        no_solution_released(material, release),
        no_hidden_case_released(material, key, release),
    ]
    return [problem for rule in rules for problem in rule]


def enough_variants(material) -> Iterator[str]:
    """Three known mistakes and one accepted variant an exercise."""
    path = material.practical.path
    for name, variants in material.variants.items():
        line = material.practical.exercises[name].solution.line
        mistakes = sum(not v.accepted for v in variants)
        if mistakes < FEWEST_MISTAKES:
            yield f"{path}:{line}: {name} has {mistakes} known mistakes: describe at least {FEWEST_MISTAKES} in mistakes.toml"
        if mistakes == len(variants):
            yield f"{path}:{line}: {name} has no accepted variant: add a right answer written another way to mistakes.toml"


def public_and_hidden_cases(material) -> Iterator[str]:
    """Public cases teach, hidden ones decide: both are there."""
    for tests in material.tests.values():
        if {case.hidden for case in tests.cases} != {True, False}:
            yield f"{tests.path}:1: cases are needed on both sides of the line {FOLD!r}"


def short_cells(material) -> Iterator[str]:
    """No code cell that needs scrolling."""
    for cell in material.practical.cells:
        length = len(cell.source.splitlines())
        if cell.kind != "text" and length > LONGEST_CELL:
            yield f"{material.practical.path}:{cell.line}: a cell of {length} lines: move what isn't taught to helpers.py"


def plain_words(material) -> Iterator[str]:
    """Words that make a reader feel slow, and words that break nbgrader, stay out of the text."""
    for cell in material.practical.cells:
        if cell.kind != "text":
            continue
        if found := re.search(r"\b(simply|obviously|trivially)\b", cell.source, re.IGNORECASE):
            yield f"{material.practical.path}:{cell.line}: leave out the word {found[0]!r}"
        if re.search("(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)", cell.source):
            yield f"{material.practical.path}:{cell.line}: nbgrader's marker words can't stand in a text"


def folded_hints(material) -> Iterator[str]:
    """Every exercise has folded hints between its heading and the next one's."""
    text, current = {}, None
    for cell in material.practical.cells:
        for name, exercise in material.practical.exercises.items():
            if f"{exercise.title}\n" in cell.source and "### Exercise" in cell.source:
                current = name
        text[current] = text.get(current, "") + cell.source
    for name, exercise in material.practical.exercises.items():
        if not exercise.quiz and "<details" not in text.get(name, ""):
            yield f"{material.practical.path}:{exercise.solution.line}: {name} has no folded hint (<details>)"


def stubs_parse_and_fail(material, key: Answers, release: Path) -> Iterator[str]:
    """A blank is Python, and passes no case."""
    names = {"__name__": "__main__"}
    practical = material.practical
    notebook = nbformat.read(release / f"{practical.name}.ipynb", 4)
    student = {cell.id: cell.source for cell in notebook.cells}
    with record.imports_from(release):
        for cell in practical.cells:
            if cell.kind not in ("provided", "solution"):
                continue
            try:
                ast.parse(student[cell.id])
            except SyntaxError as error:
                yield f"{practical.path}:{cell.line}: the blank of {cell.id} isn't Python: {error.msg}"
                return
            record.run_cell(practical, student[cell.id], cell.line, names)
        for name, tests in material.tests.items():
            for case, outcome in record.run_cases(tests.cases, names).items():
                if key.judge(name, case, outcome).status != Status.NOT_STARTED:
                    yield f"{tests.path}:1: the blank isn't 'not started' in {case}: call the student's code before anything else"


def _solution_lines(source):
    """The lines between the markers that would give an answer away."""
    inside = False
    for line in map(str.strip, source.splitlines()):
        if line in (BEGIN, END):
            inside = line == BEGIN
        elif inside and len(line) > 12:
            yield line


def no_solution_released(material, release: Path) -> Iterator[str]:
    """No line of a solution is anywhere in the release."""
    practical = material.practical
    allowed = "\n".join(re.sub(f"(?s){BEGIN}.*?{END}", "", cell.source) for cell in practical.cells)
    allowed = {line.strip() for line in allowed.splitlines()}
    texts = {
        file: file.read_bytes().decode("utf-8", "replace")
        for file in release.rglob("*")
        if file.is_file()
    }
    for cell in (c for c in practical.cells if c.kind in ("solution", "discussion")):
        for line in _solution_lines(cell.source):
            shown = [
                file.name for file, text in texts.items() if line in text or _in_json(line) in text
            ]
            if shown and line not in allowed:
                yield f"{practical.path}:{cell.line}: {shown[0]} in release/ has the solution line {line!r}"


def _in_json(line):
    return line.replace("\\", "\\\\").replace('"', '\\"')


def no_hidden_case_released(material, key: Answers, release: Path) -> Iterator[str]:
    """No hidden case's name or text and no hidden answer is anywhere in the release."""
    public = Answers.load(release / "tests" / "answers.safetensors")
    texts = {file: file.read_bytes() for file in release.rglob("*") if file.is_file()}
    for name, tests in material.tests.items():
        for case in (case for case in tests.cases if case.hidden):
            words = (f"def {case.name}(", f'"{case.title}"')
            for file, text in texts.items():
                if any(word.encode() in text for word in words):
                    yield f"{tests.path}:{case.line}: the hidden case {case.name} is in {file.name} of release/"
            if any(tensor.startswith(f"{name}/{case.name}/") for tensor in public.tensors):
                yield f"{tests.path}:{case.line}: answers of the hidden case {case.name} are in release/"
