"""The class report adds up, links to what is there, and holds whatever a class hands in."""

import base64
import hashlib
import re
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.report.class_report import write_report
from autograder.report.pages import write_class_pages

NAMES = [
    "anna",
    "Anna",
    "../../evil",
    "a/b",
    "quo\"te's",
    "<script>alert(1)</script>",
    "x" * 300,
    "two\nlines",
    "100%25 #1?",
    "Zoë 李雷",
    ".hidden",
]


@pytest.fixture
def page(tmp_path, read_page):
    def write(results):
        write_report(results, tmp_path / "report.html", "Attention & more")
        return read_page(tmp_path / "report.html")

    return write


def section(page, start, end):
    return page.text.partition(start)[2].partition(end)[0].strip()


def test_links_lead_to_the_feedback_pages(tmp_path, mixed, read_page):
    write_class_pages([mixed(name) for name in NAMES], tmp_path, "Attention")
    folder = tmp_path / "02_attention"
    report = read_page(folder / "report.html")
    targets = {unquote(link) for link in report.links if not link.startswith("#")}
    assert targets - {"grades.csv"} == {
        f"feedback/{path.name}" for path in (folder / "feedback").iterdir()
    }
    assert len(targets) == len(NAMES) + 1
    assert (folder / "grades.csv").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"02_attention"}


def test_one_practical_at_a_time(tmp_path, mixed):
    other = mixed()
    other.practical = "03_graphs"
    with pytest.raises(ValueError, match="too many"):
        write_class_pages([mixed(), other], tmp_path, "Attention")


def test_the_heat_map_has_a_row_a_student_and_a_column_an_exercise(page, mixed, make_result):
    none = make_result("ben", status="unreadable", reason="the file is empty")
    made = page([none, mixed("anna")])
    rows = made.text.partition("Status anna")
    assert rows[1]
    assert "Status anna 3 ✓ 1 0! – graded ben 0 – – – – unreadable" in made.text
    assert made.tags.count(("th", "scope", "title")) == 2


def test_the_best_come_first_and_equals_by_name(page, mixed):
    class_ = [mixed("ben", points=1), mixed("student_10"), mixed("student_2")]
    found = re.findall(r"(ben|student_\d+) [\d.]+ ✓", section(page(class_), "Status", "Slowest"))
    assert found == ["student_2", "student_10", "ben"]


def test_shares_and_means_of_an_exercise(page, make_exercise, make_result):
    passed, failed = ("passed", False, ""), ("failed", False, "no")
    class_ = [
        make_result("a", make_exercise("mask", "passed", passed, passed)),
        make_result("b", make_exercise("mask", "partly right", passed, failed)),
        make_result("c", make_exercise("mask", "failed", failed, failed)),
        make_result("d", make_exercise("mask", "failed", failed, failed)),
        make_result("e", status="unreadable", reason="the file is empty", max_points=2.0),
    ]
    made = page(class_)
    assert "1 The mask 1 solved 1 partly right 2 not yet right 25 % 0.8 of 2" in made.text
    assert "4 students by share of the 2 points; 1 submission couldn't be checked" in made.text
    assert [v for v in made.values if v.startswith("width:")][:3] == [
        "width:25.0%",
        "width:25.0%",
        "width:50.0%",
    ]


def test_scores_are_spread_over_tenths_and_full_marks(page, mixed):
    class_ = [mixed(str(n), points=p, max_points=10.0) for n, p in enumerate((0, 2.9, 3, 9.99, 10))]
    text = page(class_).text
    for label in ("0–9 %: 1 s", "20–29 %: 1 s", "30–39 %: 1 s", "90–99 %: 1 s", "100 %: 1 s"):
        assert label in text
    assert "40–49 %: 0 students" in text


def test_the_commonest_mistake_comes_first_with_its_hint(page, make_exercise, make_result):
    def wrong(student, mistake, hint):
        failed = ("failed", False, "no")
        exercise = make_exercise("mask", "failed", failed, mistake=mistake, hint=hint)
        return make_result(student, exercise)

    text = page(
        [
            wrong("a", "upper triangle", "Who comes *first*?"),
            wrong("b", "diagonal too", "May a token read itself?"),
            wrong("c", "diagonal too", "May a token read itself?"),
            wrong("d", "", ""),
        ]
    ).text
    said = "4 wrong answers, 3 were recognised. 2 of 4 diagonal too in The mask May a token read"
    assert said in text
    assert text.index("diagonal too") < text.index("upper triangle in The mask Who comes first?")


def test_what_is_not_plainly_graded_is_listed_most_urgent_first(page, mixed, make_result):
    class_ = [
        mixed("fine", reason="", warnings=[]),
        mixed("slow", reason="heads: timed out", warnings=[]),
        mixed("odd", reason="", warnings=["a given cell was changed"]),
        make_result("empty", status="unreadable", reason="the file is empty"),
        make_result("void", status="unreadable", reason="the file is empty"),
        mixed("none", status="blank", reason="nothing is filled in yet", warnings=[]),
        make_result("gone", status="crashed", reason="the grader itself failed"),
    ]
    made = page(class_)
    assert section(made, "Status Why Who", "Everyone") == (
        "crashed the grader itself failed gone unreadable the file is empty empty, void "
        "graded heads: timed out slow blank nothing is filled in yet none "
        "remark a given cell was changed odd"
    )
    assert "to look at 6" in made.text


def test_a_class_without_troubles_says_so(page, make_exercise, make_result):
    result = make_result("a", make_exercise("mask", "passed", ("passed", False, "")))
    text = page([result]).text
    assert "Nothing: every submission was graded without remarks." in text
    assert "No known mistake was recognised." in text
    assert "Slowest submissions" not in text


def test_a_class_in_which_nothing_could_be_graded(page, make_result):
    made = page([make_result("a", status="unreadable", reason="the file is empty")])
    assert "submission 1" in made.text
    assert "a 0 unreadable" in made.text


def test_the_slowest_are_named_with_their_slowest_exercise(page, mixed):
    text = page([mixed("quick", seconds=1.0), mixed("slow", seconds=8.5)]).text
    assert "longest in slow 8.5 s plain text, 2.0 s quick 1.0 s" in text


def test_a_name_of_nothing_can_still_be_clicked(page, mixed):
    assert "(no name) 3 ✓" in page([mixed("\x00\u202e ")]).text


def test_weak_isolation_is_named(page, mixed):
    assert "isolated by: process." in page([mixed()]).text


def test_only_the_page_s_own_script_may_run(page, mixed):
    made = page([mixed(name) for name in NAMES])
    (script,) = re.findall(r"<script>(.*?)</script>", made.html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = (v for v in made.values if "default-src" in v)
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.count("unsafe-inline") == policy.count("style-src-attr 'unsafe-inline'") == 1


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.text(st.characters(), max_size=60), st.sampled_from(NAMES))
def test_no_text_becomes_markup(page, mixed, text, student):
    plain, hostile = page([mixed()]), page([mixed(student + text, f"x {text}")])
    structure = [tag for tag in hostile.tags if tag[0] not in ("em", "code")]
    assert structure == [tag for tag in plain.tags if tag[0] not in ("em", "code")]


def test_exercises_have_the_numbers_of_their_notebook(
    tmp_path, read_page, make_exercise, make_result
):
    case = ("passed", False, "")
    exercises = [
        make_exercise("mask", "passed", case, number=1),
        make_exercise("quiz", "passed", case),
        make_exercise("heads", "passed", case, number=2),
    ]
    write_report([make_result("anna", *exercises)], tmp_path / "report.html", "Masks")
    text = read_page(tmp_path / "report.html").after("solved mean")
    assert "1 The mask" in text
    assert "2 The heads" in text
    assert "3 The heads" not in text
