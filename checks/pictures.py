"""`make pictures`: does each picture and each later exercise survive every accepted answer?

The solution notebook runs with an accepted variant in the place of each solution, as often as it
takes for every variant to have had its turn.
"""

import argparse
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from autograder.authoring.execute import SECONDS, kernel_environment
from autograder.authoring.material import Material, read_material
from autograder.authoring.mistakes import Variant
from autograder.course import Course

NOT_YET, WAITS = ": not yet right", "Something to look at appears here once"
WARNS = "Warning: "  # Python's; a busy machine's compiler says other things
Round = Mapping[str, Variant]  # by exercise


def all_rounds(material: Material) -> Iterator[Round]:
    """Every accepted variant once, with one of each other exercise that has any left."""
    left = _accepted(material)
    while any(left.values()):
        yield {name: variants.pop() for name, variants in left.items() if variants}


def one_round(material: Material, seed: str) -> Round:
    """An accepted variant of each exercise, chosen by the seed."""
    chance = random.Random(seed)
    return {name: chance.choice(variants) for name, variants in _accepted(material).items()}


def _accepted(material) -> dict[str, list[Variant]]:
    accepted = {
        name: [variant for variant in variants if variant.accepted]
        for name, variants in material.variants.items()
    }
    return {name: variants for name, variants in accepted.items() if variants}


def with_answers(notebook: nbformat.NotebookNode, chosen: Round) -> nbformat.NotebookNode:
    """A copy with these answers in the place of the solutions."""
    edited = nbformat.reads(nbformat.writes(notebook), 4)
    for cell in code_cells(edited):
        if cell.get("id") in chosen:
            cell.source = chosen[cell.id].source
    return edited


def run_notebook(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run a notebook in a folder, to its end whatever fails; its cells have the outputs then."""
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(
        notebook,
        timeout=SECONDS,
        interrupt_on_timeout=True,
        kernel_name="python3",
        allow_errors=True,
        resources=resources,
    )
    client.execute(stderr=subprocess.DEVNULL, env=kernel_environment())


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """The cells that run."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def faults(course: Course, name: str, chosen: Round) -> list[str]:
    """Run a practical's notebook with these answers; what fails, warns, or isn't called right."""
    solved = nbformat.read(course.solutions(name) / f"{name}.ipynb", 4)
    notebook = with_answers(solved, chosen)
    with tempfile.TemporaryDirectory() as folder:
        run_notebook(notebook, shutil.copytree(course.release(name), Path(folder) / "desk"))
    return [fault for cell in code_cells(notebook) for fault in _said_by(cell, chosen)]


def _said_by(cell, chosen) -> Iterator[str]:
    suspects = [f"{name} ({v.name})" for name, v in chosen.items() if name in cell.source]
    with_ = f" with {', '.join(suspects)}" if suspects else ""
    for output in cell.outputs:
        text = output.get("text") or str(output.get("data", {}).get("text/plain", ""))
        if output.output_type == "error":
            yield f"{cell.id}{with_}: {output.ename}: {output.evalue}"
        elif output.get("name") == "stderr" and WARNS in text:
            yield f"{cell.id}{with_}: {text.strip()}"
        elif (NOT_YET in text and cell.id.startswith("check_")) or WAITS in text:
            yield f"{cell.id}{with_}: {text.strip().splitlines()[0]}"


def main() -> None:
    """Run every round of the practicals asked for, and print what fails."""
    parser = argparse.ArgumentParser(prog="python -m checks.pictures", description=__doc__)
    parser.add_argument("practicals", nargs="*", help="01 02 …; all without")
    parser.add_argument("--only", help="variants of one exercise alone")
    asked = parser.parse_args()
    course, wrong = Course(Path.cwd()), 0
    for path in [course.choose(number) for number in asked.practicals] or course.practicals:
        for number, chosen in enumerate(all_rounds(read_material(course, path)), 1):
            kept = {name: v for name, v in chosen.items() if asked.only in (None, name)}
            found = faults(course, path.stem, kept) if kept else []
            wrong += len(found)
            summary = f"{path.stem}, round {number}: {len(kept)} answers, {len(found)} faults"
            print(summary, flush=True)
            print("".join(f"  {fault}\n" for fault in found), end="", flush=True)
    raise SystemExit(wrong > 0)


if __name__ == "__main__":
    main()
