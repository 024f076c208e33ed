"""Fuzzing with atheris, which looks for inputs that reach new code: python -m checks.fuzz.guided TARGET ..."""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["workbook", "autograder", "zipfile", "json"]):
    from checks.fuzz import targets

from checks.fuzz.inputs import INPUTS


def seeds(name: str, folder: Path, count: int = 60) -> None:
    """Write well-formed inputs to begin with."""
    from hypothesis import HealthCheck, given, settings

    @settings(max_examples=count, database=None, deadline=None, suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(INPUTS[name]())
    def write(data):
        (folder / f"{len(list(folder.iterdir())):04}").write_bytes(data)

    write()


def main() -> None:
    """The first argument is a target, the second a folder; libFuzzer's own options follow."""
    _, name, folder, *options = sys.argv
    seeds(name, Path(folder))
    atheris.Setup([sys.argv[0], *options, folder], targets.TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
