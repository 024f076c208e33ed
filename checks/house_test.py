"""The rules of the house that no linter has: sizes, annotations, and that what our pages name is there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST_MODULE, LONGEST_FUNCTION = 400, 50
# Practicals as text, source/NN_name.py, are as long as what they teach; the build limits their cells.
CODE = sorted(
    path
    for top in ("autograder", "checks", "source")
    for path in (ROOT / top).rglob("*.py")
    if path.parent != ROOT / "source"
)
# Students read these as one piece, and are shown what they printed.
AS_LESSONS_NEED = {"source/05_reinforcement_learning/ppo.py", "source/05_reinforcement_learning/qlearning.py"}  # fmt: skip
ANNOTATED = [
    path
    for path in CODE
    if path.is_relative_to(ROOT / "autograder") or path.is_relative_to(ROOT / "source/workbook")
    if not path.name.endswith("_test.py")
    if path.name != "conftest.py" and not {"testing", "starter"} & set(path.parts)
]
PAGES = [p for p in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")) if p.name != "authoring.md"]
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def name(path):
    return str(path.relative_to(ROOT))


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def test_no_module_is_long():
    lengths = {name(path): len(path.read_text("utf-8").splitlines()) for path in CODE}
    assert [f"{n}: {count} lines" for n, count in lengths.items() if count > LONGEST_MODULE] == []


def test_no_function_is_long():
    assert [
        f"{name(path)}:{node.lineno}: {node.name}: {lines} lines"
        for path in CODE
        if name(path) not in AS_LESSONS_NEED
        for node in ast.walk(tree(path))
        if isinstance(node, FUNCTION)
        if (lines := node.end_lineno - node.lineno + 1) > LONGEST_FUNCTION
    ] == []


def public(node, inside="") -> Iterator[tuple[str, FUNCTION]]:
    """Functions and methods that others may call, with their dotted names."""
    for child in node.body:
        if isinstance(child, ast.ClassDef) and not child.name.startswith("_"):
            yield from public(child, f"{inside}{child.name}.")
        elif isinstance(child, FUNCTION) and not child.name.startswith("_"):
            yield inside + child.name, child


def unannotated(function) -> list[str]:
    """The arguments of a function that have no annotation, and "return"."""
    of = function.args
    every = [*of.posonlyargs, *of.args, *of.kwonlyargs, of.vararg, of.kwarg]
    missing = [a.arg for a in every if a and not a.annotation and a.arg not in ("self", "cls")]
    return missing + ["return"] * (function.returns is None)


def test_public_functions_are_annotated():
    assert [
        f"{name(path)}:{function.lineno}: {dotted}: {', '.join(missing)}"
        for path in ANNOTATED
        for dotted, function in public(tree(path))
        if (missing := unannotated(function))
    ] == []


def test_the_look_finds_what_is_not_annotated():
    code = ast.parse("def f(a, *, b: int): pass\nclass A:\n    def g(self) -> None: pass")
    found = {dotted: unannotated(function) for dotted, function in public(code)}
    assert found == {"f": ["a", "return"], "A.g": []}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_each_file_that_a_page_names_is_there(page):
    text = page.read_text(encoding="utf-8")
    named = re.findall(
        r"`((?:autograder|checks|docs|source|tests|release|solutions)/[\w./-]*)`", text
    )
    named += re.findall(r"\]\(([\w./-]+)\)", text)
    assert [
        path
        for path in sorted({*named})
        if "NN" not in path and not {*ROOT.glob(path), *page.parent.glob(path)}
    ] == []
