"""A workbook's folders, and what every part of the package must know of them: each list once."""

from dataclasses import dataclass
from pathlib import Path

import workbook

from autograder.errors import UserError

KEY_FORMAT = 2  # of the answer keys that this version writes and reads

WORKBOOK = Path(workbook.__file__).parent  # the package that every student folder gets
LEFT_BEHIND = frozenset({"__pycache__", ".ipynb_checkpoints", ".OTTER_LOG"})  # by running things


def workbook_files() -> list[Path]:
    """The files of that package."""
    return sorted(WORKBOOK.rglob("*.py"))


def is_meant(practical: str, wanted: str) -> bool:
    """Whether a practical is the one that a number (`02`) or a name means."""
    return wanted in (practical, practical.partition("_")[0])


@dataclass(frozen=True)
class Course:
    """The folders of a workbook."""

    root: Path

    def source(self, name: str) -> Path:
        return self.root / "source" / name

    def release(self, name: str) -> Path:
        return self.root / "release" / name

    def solutions(self, name: str) -> Path:
        return self.root / "solutions" / name

    def tests(self, name: str) -> Path:
        return self.root / "tests" / name

    def graded_with(self, name: str) -> list[Path]:
        """The files of a practical that grading needs, answers among them; it also needs `source(name)`."""
        folders = (self.tests(name), self.release(name), self.solutions(name))
        inside = [file for folder in folders for file in sorted(folder.rglob("*"))]
        wanted = [f for f in inside if f.is_file() and not LEFT_BEHIND & set(f.parts)]
        return [self.root / "source" / f"{name}.py", *wanted]

    @property
    def practicals(self) -> list[Path]:
        """The source files, in order."""
        return sorted((self.root / "source").glob("[0-9][0-9]_*.py"))

    def named(self, practical: str) -> Path | None:
        """The source file of the practical of exactly this name; None when there is none."""
        return next((path for path in self.practicals if path.stem == practical), None)

    def choose(self, wanted: str) -> Path:
        """The source file that a number (`02`) or name means; UserError when there is none."""
        for path in self.practicals:
            if is_meant(path.stem, wanted):
                return path
        names = ", ".join(path.stem for path in self.practicals) or "none"
        raise UserError(
            f"there is no practical {wanted!r} in {self.root / 'source'}; there are: {names}"
        )

    def chosen(self, wanted: str | None) -> list[Path]:
        """The source file of one practical, or of all where none is named; UserError where there is none."""
        if found := [self.choose(wanted)] if wanted else self.practicals:
            return found
        raise UserError(
            f"there is no source/NN_name.py in {self.root.resolve()}: run this in a workbook's folder"
        )


def course_at(folder: Path) -> Course:
    """The workbook that a folder lies in."""
    for place in (folder, *folder.parents):
        if (place / "source").is_dir() and (place / "tests").is_dir():
            return Course(place)
    raise UserError("this isn't a workbook's folder: change to the one that has source/ and tests/")
