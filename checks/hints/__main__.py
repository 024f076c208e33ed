"""`make hints`: answers from files, how they are judged, and which words they get."""

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table
from workbook.key import Answers

from autograder.authoring.material import read_material
from autograder.course import Course
from checks.hints.answers import STORED, read_answers
from checks.hints.measure import Measured, counted, measure


def main() -> None:
    """Print the figures of each file, and with --all each answer with its word."""
    parser = argparse.ArgumentParser(prog="python -m checks.hints", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="NN.toml; else those stored here")
    parser.add_argument("--only", help="one exercise")
    parser.add_argument("--all", action="store_true", help="each answer and its word, to be read")
    parser.add_argument("--record", action="store_true", help="record the key anew, as sources are")
    asked = parser.parse_args()
    course, console = Course(Path.cwd()), Console(width=160)
    columns = {}
    for path in asked.files or sorted(STORED.glob("*.toml")):
        material = read_material(course, course.choose(path.stem[:2]))
        answers = [a for a in read_answers(path) if asked.only in (None, a.exercise)]
        folder = course.solutions(material.practical.name)
        key = None if asked.record else Answers.load(folder / "answers.safetensors")
        measured = list(measure(course, material, answers, key))
        columns[str(path.name)] = counted(measured)
        for each in measured:
            if asked.all or each.misjudged:
                _show(console, each)
    _table(console, columns)


def _show(console: Console, each: Measured) -> None:
    answer = each.answer
    verdict = "MISJUDGED " if each.misjudged else ""
    noticed = " (public cases pass)" if each.unnoticed else ""
    lines = [f"{verdict}{answer.exercise} · {answer.kind}: {answer.name}{noticed}"]
    if not answer.right:
        lines.append(f"   wants  {answer.wants}")
    if not each.passes:
        lines.append(f"   says   {each.message}")
        lines.append(f"   {each.layer:10} {each.word}")
    console.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)


def _table(console: Console, columns: dict[str, dict[str, int]]) -> None:
    table = Table(title="Answers that nobody listed", box=None)
    table.add_column("")
    for name in columns:
        table.add_column(name, justify="right")
    for row in next(iter(columns.values())) if columns else ():
        table.add_row(row, *(str(counts[row]) for counts in columns.values()))
    console.print(table)


if __name__ == "__main__":
    main()
