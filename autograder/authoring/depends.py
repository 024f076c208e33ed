"""What an exercise's answers depend on: cells, modules and files, found by the names that code uses."""

import ast
import hashlib
import importlib.metadata
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.authoring.material import Material
from autograder.authoring.percent import Cell
from autograder.course import LEFT_BEHIND, Course, workbook_files
from autograder.packages import DECIDING

# Of the students' package, what only shows things.
SHOWING = {"draw.py", "notebook.py", "report.py"}
RECORDING = (
    "edits",
    "forgery",
    "generated",
    "record",
    "running",
    "varied",
)  # our modules that decide what is recorded


class Dependencies:
    """Knows which cells and files of a practical the answers of each exercise depend on.

    Found by names: too much may be named, never too little, as long as code is called by name.
    """

    def __init__(self, course: Course, material: Material):
        self._material = material
        self._cells = [c for c in material.practical.cells if c.kind in ("provided", "solution")]
        folder = course.source(material.practical.name)
        files = (f for f in folder.rglob("*") if f.is_file() and not LEFT_BEHIND & set(f.parts))
        self._files = [f for f in sorted(files) if f.suffix != ".ipynb"]
        self._modules = {f.stem: f for f in self._files if f.suffix == ".py"}
        self._definitions = {name: c for c in self._solutions() for name in _defined(c.source)}
        self._imports = self._imported(c.source for c in self._cells)
        self._everyones = self._common_digest()

    def cells(self, exercise: str) -> list[Cell]:
        """The provided cells, and the solution cells that the exercise and its tests call, in order."""
        wanted = self._names(exercise)
        called = {id(self._definitions[name]) for name in wanted & self._definitions.keys()}
        own = id(self._material.practical.exercises[exercise].solution)
        return [c for c in self._cells if c.kind == "provided" or id(c) in called | {own}]

    def digest(self, exercise: str) -> str:
        """Changes with whatever the exercise's answers, hints and problems depend on."""
        tests, facts = self._material.tests[exercise], self._material.practical.exercises[exercise]
        digest = hashlib.sha256(self._everyones)
        variants = [
            (v.name, v.source, v.accepted, v.hint, v.more, v.hidden_only)
            for v in self._material.variants[exercise]
        ]
        entry = (facts.title, facts.points, facts.needs, bool(facts.quiz))
        notes = self._material.notes[exercise]
        cells = [(c.kind, c.id, c.source) for c in self.cells(exercise)]
        cases = [(c.name, c.title, c.points, c.hidden, c.source) for c in tests.cases]
        digest.update(repr((exercise, entry, cells, cases, variants, notes)).encode())
        for file in self._used_modules(exercise):
            digest.update(file.name.encode() + file.read_bytes())
        return digest.hexdigest()

    # ------------------------------------------------------------ by names

    def _names(self, exercise) -> set[str]:
        """Every name that the exercise's code uses, directly or through other solutions."""
        tests = self._material.tests[exercise]
        sources = [v.source for v in self._material.variants[exercise]]
        sources += [tests.text, self._material.practical.exercises[exercise].solution.source]
        sources += [c.source for c in self._cells if c.kind == "provided"]
        names: set[str] = set()
        todo = sources
        while todo:
            new = _used(todo.pop()) - names
            names |= new
            todo += [self._definitions[name].source for name in new & self._definitions.keys()]
        return names

    def _used_modules(self, exercise) -> list[Path]:
        """The practical's own modules that this code uses, directly or through others."""
        used: set[str] = set()
        todo = {self._imports[name] for name in self._names(exercise) & self._imports.keys()}
        while todo:
            module = todo.pop()
            used.add(module)
            source = self._modules[module].read_text(encoding="utf-8")
            todo |= set(self._imported([source]).values()) - used
        return [self._modules[name] for name in sorted(used)]

    def _imported(self, sources: Iterable[str]) -> dict[str, str]:
        """{name: module of the practical} for every import of one in these sources."""
        found: dict[str, str | None] = {}
        for source in sources:
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Import):
                    found |= {(a.asname or a.name): a.name for a in node.names}
                elif isinstance(node, ast.ImportFrom):
                    found |= {(a.asname or a.name): node.module for a in node.names}
        return {
            name: module for name, module in found.items() if module and module in self._modules
        }

    def _solutions(self) -> Iterator[Cell]:
        return (cell for cell in self._cells if cell.kind == "solution")

    def _common_digest(self) -> bytes:
        """What every answer depends on: our own code, the packages, data files, judges."""
        here = Path(__file__).parent
        files = [f for f in workbook_files() if f.name not in SHOWING]
        files += [here / f"{name}.py" for name in RECORDING]
        files += [f for f in self._files if f.suffix != ".py" or f.name == "judges.py"]
        digest = hashlib.sha256(self._material.practical.name.encode())
        for file in files:
            digest.update(file.name.encode() + file.read_bytes())
        for package in DECIDING:
            digest.update(f"{package} {importlib.metadata.version(package)}".encode())
        return digest.digest()


def _used(source: str) -> set[str]:
    """The names in some code; every word of it where it isn't Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set(re.findall(r"[^\W\d]\w*", source))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return names | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}


def _defined(source: str) -> set[str]:
    """The names that a cell gives something to, at its top."""
    names: set[str] = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        else:
            names |= {
                n.id
                for n in ast.walk(node)
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
    return names
