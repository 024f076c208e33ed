"""Our pages in a browser: their policy lets them look and work as they should, and nothing else."""

import os
from pathlib import Path

import pytest

from autograder.report.class_report import write_report
from autograder.report.feedback import write_feedback
from autograder.testing.browser import open_browser

pytestmark = pytest.mark.slow
HOSTILE = "</code></style><script>document.title = 'owned'</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def browser():
    with open_browser() as browser:
        yield browser


def look(browser, path):
    """Open a page; what the browser complained about."""
    browser.get_log("browser")
    browser.get(path.resolve().as_uri())
    if folder := os.environ.get("AUTOGRADER_PICTURES"):
        browser.save_screenshot(str(Path(folder) / f"{path.stem}.png"))
    return [entry["message"] for entry in browser.get_log("browser")]


def test_a_students_page_looks_as_it_should(browser, tmp_path, mixed):
    write_feedback(mixed("ann", HOSTILE), tmp_path / "feedback.html", "Attention")
    assert look(browser, tmp_path / "feedback.html") == []
    assert browser.title == "Attention: ann"
    card = browser.find_element("css selector", ".card")
    assert card.value_of_css_property("border-radius") == "14px"
    assert "owned" in browser.find_element("css selector", "body").text  # as text


def test_the_class_report_has_its_bars_and_sorts(browser, tmp_path, mixed):
    results = [mixed("ann", HOSTILE), mixed("Bob", points=7), mixed(HOSTILE, points=1)]
    write_report(results, tmp_path / "report.html", "Attention")
    assert look(browser, tmp_path / "report.html") == []
    bars = browser.find_elements("css selector", ".bar i.fill")
    assert all(bar.size["width"] > 0 for bar in bars)
    assert bars
    names = lambda: [e.text for e in browser.find_elements("css selector", ".map tbody th")]  # noqa: E731
    before = names()
    browser.find_element("css selector", ".map thead button").click()
    assert names() == sorted(before, key=str.casefold) != before


def test_what_the_policy_does_not_name_neither_runs_nor_shows(browser, tmp_path, mixed):
    write_feedback(mixed("ann"), tmp_path / "page.html", "Attention")
    text = (tmp_path / "page.html").read_text()
    live = (
        "<script>document.title = 'owned'</script><style>body { display: none }</style>"
        "<img src='data:,' onerror=\"document.title = 'owned'\"><p style='display: none'>x</p>"
        "<iframe srcdoc='x'></iframe><img src='https://evil.example/pixel.png'>"
    )
    (tmp_path / "page.html").write_text(text.replace("<main>", f"<main>{live}"))
    refused = " ".join(look(browser, tmp_path / "page.html"))
    assert browser.title == "Attention: ann"
    assert browser.find_element("css selector", "body").is_displayed()
    assert refused.count("Content Security Policy") >= 5
