"""The executed solution notebook: run again only when code that runs in it changed."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat

from autograder.authoring.notebook import KERNEL
from autograder.authoring.release import IGNORED
from autograder.compiling import XLA_FLAGS
from autograder.course import Course
from autograder.errors import UserError

SECONDS = 180  # that a cell may take
DATA = (".py", ".npz", ".csv", ".txt", ".json", ".png")


def kernel_environment() -> dict[str, str]:
    """The environment of a student's kernel: without what only makes a build quicker."""
    ours = " ".join(XLA_FLAGS)
    return {k: v for k, v in os.environ.items() if (k, v) != ("XLA_FLAGS", ours)}


class SolutionNotebook:
    """The solution notebook of a draft, and the executed one that is stored."""

    def __init__(self, course: Course, draft: Course, name: str):
        self._path = draft.solutions(name) / f"{name}.ipynb"
        self._release = draft.release(name)
        self._source = course.root / "source" / f"{name}.py"
        self.content = nbformat.read(self._path, 4)
        self._stored = _read(course.solutions(name) / f"{name}.ipynb")
        self._runs = _digest(self.content, self._release)

    @property
    def is_executed(self) -> bool:
        """Whether the stored outputs are those of this code, these files and these packages."""
        facts = self._stored.metadata.get("workbook", {}) if self._stored else {}
        return facts.get("executed") == self._runs

    def keep(self) -> None:
        """Take the stored outputs into the draft, for cells that are the same."""
        if self._stored is None:
            return
        outputs = {(c.id, c.source): c.outputs for c in _code(self._stored)}
        for cell in _code(self.content):
            cell.outputs = outputs.get((cell.id, cell.source), [])
        self.content.metadata["workbook"] = dict(self._stored.metadata.get("workbook", {}))
        nbformat.write(self.content, self._path)

    def execute(self) -> None:
        """Run it beside the release's files; UserError names the cell that fails."""
        with tempfile.TemporaryDirectory() as folder:
            desk = shutil.copytree(self._release, Path(folder) / "desk", ignore=IGNORED)
            self._run(desk)
        for cell in _code(self.content):
            cell.execution_count = None
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = None
        self.content.metadata["workbook"]["executed"] = self._runs
        self.content.metadata["kernelspec"] = KERNEL
        self.content.metadata["language_info"] = {"name": "python"}
        nbformat.write(self.content, self._path)

    def _run(self, desk):
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, CellTimeoutError

        resources = {"metadata": {"path": str(desk)}}
        client = NotebookClient(
            self.content, timeout=SECONDS, kernel_name="python3", resources=resources
        )
        client.record_timing = False
        try:
            log = subprocess.DEVNULL  # the kernel's own, not the cells'
            client.execute(stderr=log, env=kernel_environment())
        except (CellExecutionError, CellTimeoutError) as error:
            lines = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip().splitlines()
            raise UserError(f"{self._source}: the solution notebook fails: {lines[-1]}") from None


def _read(path):
    return nbformat.read(path, 4) if path.exists() else None


def _code(notebook) -> Iterator[nbformat.NotebookNode]:
    return (cell for cell in notebook.cells if cell.cell_type == "code")


def _digest(notebook, release: Path) -> str:
    """What the outputs depend on: code cells, the files that they may read, the packages' pins."""
    digest = hashlib.sha256(str([cell.source for cell in _code(notebook)]).encode())
    for file in sorted(release.rglob("*")):
        inside = file.relative_to(release)
        if file.suffix in DATA and inside.parts[0] != "tests":
            digest.update(f"{inside}\0".encode() + file.read_bytes())
    return digest.hexdigest()
