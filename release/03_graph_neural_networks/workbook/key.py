"""The answer key that judges what cases saw, and knows what mistakes give."""

import builtins
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbook.compare import compare
from workbook.packing import unpack
from workbook.status import Status
from workbook.values import CaseOutcome, Failure, Observed, decode, encode


@dataclass
class Verdict:
    """How one case ended, and one sentence."""

    status: Status
    message: str = ""


class Answers:
    """The answer key of one practical: references, tolerances, points, and what mistakes give."""

    def __init__(
        self,
        header: dict[str, Any],
        tensors: dict[str, Any],
        judges: Mapping[str, Any] | None = None,
    ):
        self.header, self.tensors = header, tensors
        self.exercises: dict[str, Any] = header["exercises"]
        self.judges = judges or {}

    @classmethod
    def load(cls, path: Path | str) -> "Answers":
        """Read an answers.safetensors file."""
        from safetensors import safe_open

        with safe_open(str(path), framework="numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
            header, tensors = unpack(tensors, file.metadata())
        folder = Path(path).parent
        return cls(header, tensors, read_judges(folder) or read_judges(folder.parent))

    def observed(self, exercise: str, case: str, mistake: int | None = None) -> list[Observed]:
        """The expected values of a case, or what a known mistake (by number) gives there."""
        place = self.exercises[exercise]
        expects = place["cases"][case]["expects"]
        prefix = f"{exercise}/{case}" if mistake is None else f"{exercise}/{case}/mistake {mistake}"
        if mistake is not None:
            expects = place["mistakes"][mistake]["cases"][case]["expects"]
        return [
            Observed(
                e["tree"],
                _Tensors(self.tensors, f"{prefix}/{n}"),
                *(e.get(name) for name in ("rtol", "atol", "judge")),
            )
            for n, e in enumerate(expects)
        ]

    def difference(self, seen: Observed, reference: Observed, reveal: bool = True) -> str | None:
        """What differs between a value and the reference's, judged first where a judge decides."""
        return compare(self.judged(seen, reference.judge), reference, reveal)

    def judged(self, seen: Observed, judge: str | None) -> Observed:
        """What a judge makes of a value, which hostile code may have sent; no judge: the value."""
        if judge is None:
            return seen
        try:
            value = self.judges[judge](decode(seen.tree, seen.arrays))
        except Exception:
            value = None
        return Observed(*encode(value), seen.rtol, seen.atol, judge)

    def judge(self, exercise: str, case: str, outcome: CaseOutcome) -> Verdict:
        """The verdict on what a case saw."""
        failure = outcome.failure
        if failure and failure.type == "NotImplementedError":
            return Verdict(Status.NOT_STARTED)
        reveal = not self.exercises[exercise]["cases"][case]["hidden"]
        references = self.observed(exercise, case)
        for seen, reference in zip(outcome.observations, references):
            if message := self.difference(seen, reference, reveal):
                return Verdict(Status.FAILED, self._reason(exercise, case, outcome) or message)
        if failure:
            kept = Status.FAILED if _is_a_cases(failure) else Status.ERROR
            return Verdict(kept, _say(failure, reveal))
        if len(outcome.observations) != len(references):
            return Verdict(Status.FAILED, "the check ended before it had seen every value")
        return Verdict(Status.PASSED)

    def _reason(self, exercise, case, outcome):
        """In a quiz, why the answer that was chosen is wrong."""
        entry = self.exercises[exercise]
        for number, mistake in enumerate(entry["mistakes"] if entry.get("quiz") else ()):
            if case in mistake["cases"] and self.gives(exercise, case, number, outcome):
                return mistake["hint"]
        return None

    def gives(self, exercise: str, case: str, mistake: int, outcome: CaseOutcome) -> bool:
        """Whether a case saw what it sees of a known mistake (by number) that it rejects.

        True where nothing more is known than that it rejects it.
        """
        known = self.exercises[exercise]["mistakes"][mistake]["cases"][case]
        if not known:
            return True
        if failure_text(outcome.failure) != known.get("error"):
            return False
        expected = self.observed(exercise, case, mistake)
        return len(expected) == len(outcome.observations) and not any(
            self.difference(seen, value, False)
            for seen, value in zip(outcome.observations, expected)
        )


def read_judges(folder: Path | str) -> dict[str, Any]:
    """The functions of a folder's judges.py by name, and its digest; {} where there is none."""
    path = Path(folder) / "judges.py"
    if not path.exists():
        return {}
    source = path.read_bytes()
    names: dict[str, Any] = {"__name__": "judges"}
    exec(compile(source, str(path), "exec"), names)
    return names | {"digest": hashlib.sha256(source).hexdigest()}


class _Tensors:
    def __init__(self, tensors, prefix):
        self._tensors, self._prefix = tensors, prefix

    def __getitem__(self, leaf):
        return self._tensors[f"{self._prefix}/{leaf}"]


def failure_text(failure: Failure | None) -> str | None:
    """An error as mistakes are compared by: its type and first line, without addresses.

    What follows in JAX's messages are places, which differ from run to run; of an error that
    the code itself raises, the words are its author's. None for none.
    """
    if failure is None:
        return None
    if failure.own:
        return f"{failure.type}, raised"
    first = failure.message.partition("\n")[0]
    return f"{failure.type}: {re.sub(r'0x[0-9a-f]+', '0x', first)}"


def _is_a_cases(failure):
    """Whether it is an assert of a case, not one of the student's own."""
    return failure.type == "AssertionError" and not failure.own


def _say(failure, reveal):
    builtin = isinstance(getattr(builtins, failure.type, None), type)
    contracts = _is_a_cases(failure)
    if not reveal:  # what the student's code wrote into an error may be our inputs
        if contracts:
            return "the result lacks a property that the contract promises"
        article = "an" if failure.type[:1] in "AEIOU" else "a"
        return f"your code raises {f'{article} {failure.type}' if builtin else 'an error'}"
    if contracts:
        return failure.message or "the result lacks a property that the contract promises"
    return f"{failure.type}: {failure.message}" + (
        f" (your {failure.line})" if failure.line else ""
    )
