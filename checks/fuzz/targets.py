"""What is fuzzed: functions of bytes that return nothing, and raise only where there is a bug."""

import re
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from workbook.assess import assess
from workbook.key import Answers
from workbook.values import CaseOutcome, Failure, Observed

from autograder.authoring.material import read_material
from autograder.course import Course
from autograder.doors.nbgrader.shown import shown_markdown
from autograder.errors import UserError
from autograder.grading.plan import WrongPractical, plan
from autograder.inbox.reading import Unreadable, read_notebook
from autograder.inbox.submission import Submission
from autograder.inbox.zips import read_bytes
from autograder.sandbox.inside.protocol import Frames, ProtocolError, parse_reply
from autograder.status import Status
from autograder.testing.pages import Page
from autograder.testing.small import build_small
from checks.fuzz.lines import is_a_line
from checks.fuzz.stored import STORED

PRACTICAL = "01_mini"
STEP = "s"  # the token of the question that is answered
VERDICTS = (Status.PASSED, Status.FAILED, Status.ERROR, Status.NOT_STARTED)


@cache
def course() -> Course:
    """The small course, built once a process."""
    return build_small(Path(tempfile.mkdtemp(prefix="fuzz-")) / "course")


@cache
def key() -> Answers:
    """Its answer key."""
    return Answers.load(course().solutions(PRACTICAL) / "answers.safetensors")


@cache
def _practical():
    return read_material(course(), course().root / "source" / f"{PRACTICAL}.py").practical


def reply(data: bytes) -> None:
    """What a hostile process answers, judged as the answer to every case."""
    frames = Frames()
    try:
        whole = frames.feed(data)
        if whole is None:
            return
        failure, seen = parse_reply(*whole, STEP)
    except ProtocolError:
        return
    outcome = CaseOutcome([Observed(*each) for each in seen], failure and Failure(**failure))
    for name, exercise in key().exercises.items():
        found = assess(key(), name, dict.fromkeys(exercise["cases"], outcome))
        for verdict in found.verdicts.values():
            assert verdict.status in VERDICTS
            assert len(verdict.message.encode()) < 20_000


def notebook(data: bytes) -> None:
    """What is handed in as a notebook, up to the steps that would run."""
    try:
        read = read_notebook(data)
        planned = plan(read, _practical())
    except (Unreadable, WrongPractical) as refusal:
        is_a_line(str(refusal))
        return
    for step in planned.steps:
        step.source.encode()
        assert step.kind in ("provided", "solution", "extra", "cases")
    assert {s.id for s in planned.steps if s.kind == "cases"} == set(_practical().exercises)
    for warning in planned.warnings:
        is_a_line(warning)


def archive(data: bytes) -> None:
    """What is handed in as a zip."""
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        file.write(data)
        file.flush()
        try:
            read_bytes(Submission("student", Path(file.name)), PRACTICAL)
        except UserError as refusal:
            is_a_line(str(refusal))


def words(data: bytes) -> None:
    """A text cell with pictures, as a page for whoever marks it."""
    source, _, pasted = data.decode("utf-8", "replace").partition("\0\0")
    attachments = {"p": {"image/png": pasted}, "q q.png": {"image/gif": pasted}}
    text, pictures = shown_markdown(source, attachments)
    html = MarkdownWithMath(IPythonRenderer(escape=False, attachments=pictures)).render(text)
    page = Page(html)
    assert page.active == set()
    assert len(page.pictures) <= len(pictures)
    assert not any(re.fullmatch(r"[\w-]+", name, re.ASCII) for name in page.ids)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "reply": reply,
    "notebook": notebook,
    "archive": archive,
    "words": words,
    **STORED,
}
