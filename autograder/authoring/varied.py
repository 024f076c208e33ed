"""What is the same in every hidden case of an exercise, so that an answer may have it written in."""

from collections.abc import Iterable, Iterator, Mapping

from autograder.authoring.altered import Edit, noting
from autograder.authoring.cases import TestFile
from autograder.authoring.running import run_cases

FEWEST = 2  # calls, of which something can be the same


SAYING = 'or say why under [{exercise}.same] in mistakes.toml: "{key}" = "…"'


def same_problems(
    tests: TestFile, names: Mapping, solution: str, excused: Mapping[str, str]
) -> list[str]:
    """What an answer may have written in, and nobody would know; and excuses for what isn't so."""
    found = unvaried(tests, names, solution)
    problems = [
        f"{tests.path}:1: `{key}` is {value} in every hidden case: vary it, "
        + SAYING.format(exercise=tests.exercise, key=key)
        for key, value in found.items()
        if key not in excused
    ]
    arguments = {argument for argument in excused if " axis " not in argument}
    for key in excused.keys() - found.keys() - arguments:
        problems.append(f"{tests.path}:1: `{key}` isn't the same in all hidden cases: let it be")
    return problems


def default_problems(
    tests: TestFile, unnoticed: Iterable[Edit], excused: Mapping[str, str]
) -> list[str]:
    """Arguments of which no hidden case notices that an answer leaves them at their default."""
    return [
        f"{tests.path}:1: no hidden case notices an answer in which `{edit.default}` is always its "
        f"default: vary it, " + SAYING.format(exercise=tests.exercise, key=edit.default)
        for edit in unnoticed
        if edit.default and edit.default not in excused
    ]


def unvaried(tests: TestFile, names: Mapping, solution: str) -> dict[str, str]:
    """{"x axis 1": "4"} for each size or plain argument that all hidden cases share.

    Keys are "argument" (a number, truth value or text) or "argument axis n" (of an array).
    """
    calls: list[dict] = []
    changed = dict(names) | {"_note_call": calls.append}
    for source in noting(tests.exercise, solution):
        exec(compile(source, "<noting>", "exec"), changed)
    run_cases([case for case in tests.cases if case.hidden], changed)
    found = {}
    for key, values in sorted(_by_key(calls).items()):
        if len(values) >= FEWEST and len(set(values)) == 1:
            found[key] = repr(values[0])
    return found


def _by_key(calls: Iterable[Mapping]) -> dict[str, list]:
    values: dict[str, list] = {}
    for call in calls:
        for argument, value in call.items():
            if argument == "name":  # a module's
                continue
            for key, part in _parts(argument, value):
                values.setdefault(key, []).append(part)
    return values


def _parts(argument, value) -> Iterator[tuple[str, object]]:
    if isinstance(value, bool | int | float | str):
        yield argument, value
    shape = getattr(value, "shape", None)
    for axis, size in enumerate(shape if isinstance(shape, tuple) else ()):
        yield f"{argument} axis {axis}", size
