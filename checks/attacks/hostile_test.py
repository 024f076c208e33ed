"""What must be impossible, over all attacks: no point, no answer, nothing left, nobody else touched."""

import csv
import io
import json
import re
from dataclasses import asdict

import pytest

from autograder.names import slug
from autograder.report.grades_csv import FORMULA
from autograder.status import Status
from autograder.testing.pages import Page
from checks.attacks import hostile, trial
from checks.attacks.evidence import marks, problems

pytestmark = pytest.mark.slow
ATTACKS = hostile.attacks([], [], [])
SMALL = [a for a in ATTACKS if a.family in ("read", "forge", "pages")]
# What code of hidden cases and of the reference looks like; no page for students has it.
SECRET_WORDS = ("kept_scores", "large_scores", "five_queries", "normal(", "jnp.triu", "hidden=True")


def by_name(attack):
    return f"{attack.family}: {attack.name}"


def test_the_collection_is_large_and_every_name_its_own():
    assert len(ATTACKS) >= 60
    assert (
        len({(a.family, a.name) for a in ATTACKS}) == len({a.name for a in ATTACKS}) == len(ATTACKS)
    )
    assert all(a.tries for a in ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=by_name)
def test_an_attack_gets_what_it_deserves(great_trial, attack):
    assert problems(attack, great_trial.hostile[attack.name]) == []


@pytest.mark.parametrize("attack", SMALL, ids=by_name)
def test_without_bubblewrap_too_no_answer_is_seen_and_no_point_gained(small_trial, attack):
    seen = small_trial.hostile[attack.name]
    assert seen.result.isolation in ("process", "")
    assert problems(attack, seen) == []


@pytest.mark.parametrize("student", trial.HONEST, ids=lambda s: s.name)
def test_an_honest_student_among_attackers_gets_the_same_as_alone(great_trial, classroom, mini, student):  # fmt: skip
    among = great_trial.honest[student.name]
    data = next(data for other, data in trial.honest_files(mini) if other is student)
    alone = classroom.grader.grade(data, among.result.student, among.result.file)
    assert (among.result.points, among.result.status) == (student.points, Status.GRADED)
    assert marks(among) == []
    assert _facts(among.result) == _facts(alone)


def _facts(result):
    data = json.loads(json.dumps(result, default=asdict))
    for timed in (data, *data["exercises"]):
        for field in ("seconds", "cpu_seconds", "key", "seen"):
            timed.pop(field, None)
    return data


@pytest.mark.parametrize("student", trial.HONEST, ids=lambda s: s.name)
def test_an_honest_student_without_bubblewrap(small_trial, student):
    among = small_trial.honest[student.name]
    assert (among.result.points, marks(among)) == (student.points, [])


@pytest.mark.parametrize("attack", [a.name for a in ATTACKS if a.family == "persist"])
def test_who_comes_next_finds_nothing(great_trial, attack):
    seen = great_trial.after[attack]
    assert (seen.result.points, seen.result.status, marks(seen)) == (6, Status.GRADED, [])


def test_looking_around_finds_what_is_there(classroom):
    """A look that can't find anything would prove nothing."""
    from autograder.sandbox.steps import Cell

    leave = "import builtins, os\nbuiltins.left_behind = 1\nopen('/tmp/left_behind', 'w')\n"
    if classroom.grader.sandbox.level == "process":
        leave = "import builtins\nbuiltins.left_behind = 1\n"
    cells = [Cell("leave", leave), Cell("look", trial.LOOK_AROUND)]
    said = classroom.grader.sandbox.run(cells, trial.PRACTICAL)[1].output
    assert "TOUCHED" in said
    assert "builtins" in said


def test_a_search_finds_what_is_there(classroom, mini):
    """The same of look() and scan_memory()."""
    from autograder.sandbox.steps import Cell

    needles = trial.needles(mini)
    [attack] = [a for a in hostile.attacks(needles, [], []) if a.name == "its own memory"]
    tools = attack.cells[hostile.VICTIM].partition("scan_memory()\n_early")[0]
    plant = f"import numpy\nkept = numpy.frombuffer({needles[0]!r}, numpy.uint8).copy()\n"
    cells = [Cell("plant", plant), Cell("look", tools + "look(kept)\nscan_memory()\n")]
    said = classroom.grader.sandbox.run(cells, trial.PRACTICAL)[1].output
    assert said.count("FOUND 0") >= 2


def test_nothing_is_left_and_nothing_outside_has_changed(great_trial, small_trial):
    assert great_trial.left == ()
    assert small_trial.left == ()


def test_every_submission_has_its_row_and_its_page(great_trial):
    folder = great_trial.output / trial.PRACTICAL
    everyone = [
        seen.result
        for group in (great_trial.hostile, great_trial.broken, great_trial.honest)
        for seen in group.values()
    ]
    rows = list(csv.DictReader(io.StringIO((folder / "grades.csv").read_text("utf-8-sig"))))
    assert len(rows) == len(everyone)
    for result in everyone:
        assert (folder / f"{slug(result.student)}.json").exists()
        assert (folder / "feedback" / f"{slug(result.student)}.html").exists()


# ---------------------------------------------------------------- what people look at


OURS = re.compile(r"#[\w-]+|feedback/[A-Za-z0-9._-]+\.html|grades\.csv")  # where our links lead


def read_page(path):
    """A page of ours as a browser takes it, without links that are ours; nothing reads TeX there."""
    page = Page(path.read_text(encoding="utf-8"))
    page.active = {
        (tag, name, value)
        for tag, name, value in page.active
        if name != "tex" and not (name == "href" and OURS.fullmatch(value))
    }
    return page


@pytest.fixture(scope="module")
def pages(great_trial):
    folder = great_trial.output / trial.PRACTICAL
    paths = [*folder.glob("feedback/*.html"), folder / "report.html"]
    return {path: read_page(path) for path in paths}


def test_on_no_page_is_an_attacker_more_than_text(pages, great_trial):
    folder = great_trial.output / trial.PRACTICAL
    ours = pages[folder / "feedback" / f"{slug('honest right')}.html"]
    for path, page in pages.items():
        assert page.active - {("script", "", "")} <= ours.active, path
        assert len(page.scripts) - len(ours.scripts) == (path.name == "report.html"), path
        assert not any("alert" in script for script in page.scripts), path
        if path.name != "report.html":
            assert page.tags - {"li", "p", "ul", "details", "summary", "code", "section"} <= ours.tags | {"h2", "h3", "table", "tr", "td", "span", "div"}, path  # fmt: skip
    shown = " ".join(" ".join(page.words) for page in pages.values())
    assert "<script>alert(1)" in shown  # as text


def test_no_page_for_a_student_tells_what_is_hidden(pages):
    for path, page in pages.items():
        if path.name != "report.html":
            words = " ".join(page.words)
            assert not [word for word in SECRET_WORDS if word in words], path
            assert hostile.OTHERS_WORK not in words, path


def test_hidden_cases_say_nothing_of_their_inputs(great_trial):
    told = [
        (case.title, case.message)
        for seen in great_trial.hostile.values()
        for exercise in seen.result.exercises
        for case in exercise.cases
        if case.hidden
        and not case.message.startswith("its cell ")  # which ran again and saw no hidden case
        and (
            re.search(r"input|'<|alert|spied", case.message)
            or len(re.findall(r"\d[\d.e+-]*", case.message)) > 1
        )
    ]
    assert told == []


def test_no_cell_of_the_spreadsheet_is_a_formula(great_trial):
    text = (great_trial.output / trial.PRACTICAL / "grades.csv").read_text("utf-8-sig")
    for row in csv.reader(io.StringIO(text)):
        for cell in row:
            number = re.fullmatch(r"-?[0-9.]+", cell)
            assert number or not FORMULA.match(cell), cell
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\x1b\u202e]", text.replace("\r\n", "\n"))


def test_the_terminal_shows_names_and_reasons_as_text(great_trial):
    printed = great_trial.printed
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\x9b\u202e]", printed), printed
    assert "unreadable" in printed
    assert "Traceback" not in printed
