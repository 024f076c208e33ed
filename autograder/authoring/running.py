"""Running an author's cells and cases in this process."""

import ast
import contextlib
import io
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from workbook.cases import run_case
from workbook.values import CaseOutcome

from autograder.authoring.cases import Case
from autograder.authoring.percent import Cell, Practical
from autograder.errors import AuthorError


@contextlib.contextmanager
def imports_from(folder: Path) -> Iterator[None]:
    """Import `helpers` and the like from this folder, and forget them afterwards."""
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
                del sys.modules[name]


def reference_names(practical: Practical, cells: Iterable[Cell] | None = None) -> dict:
    """The globals after the provided and solution cells, or after some of them."""
    names = {"__name__": "__main__"}
    for cell in practical.cells if cells is None else cells:
        if cell.kind in ("provided", "solution"):
            run_cell(practical, cell.source, cell.line, names)
    return names


def run_cell(practical: Practical, source: str, line: int, names: dict[str, Any]) -> None:
    """Run a cell's source in these globals; AuthorError when it fails."""
    try:
        exec(compile(source, str(practical.path), "exec"), names)
    except Exception as error:
        raise AuthorError(
            practical.path, line, f"the cell fails: {type(error).__name__}: {error}"
        ) from error


def run_cases(cases: Iterable[Case], names: dict, asserts: bool = True) -> dict[str, CaseOutcome]:
    """What each case sees of these globals, with or without the cases' own asserts.

    Warnings change nothing, whatever this process does with them: a key is the same everywhere.
    """
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"):
        return {case.name: run_case(_function(case, asserts), names) for case in cases}


def _function(case, asserts):
    tree = ast.parse(case.source)
    if not asserts:
        tree = ast.fix_missing_locations(_WithoutAsserts().visit(tree))
    scope: dict = {}
    exec(compile(tree, f"<{case.name}>", "exec"), scope)
    return scope[case.name].test_func


class _WithoutAsserts(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()
