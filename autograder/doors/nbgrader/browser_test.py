"""An instructor in the formgrader: log in, autograde with the button, mark an answer, export."""

import csv
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from autograder.doors.conftest import DOT, NAME, edited, make_course
from autograder.programs import environment
from autograder.testing.browser import open_browser

pytestmark = pytest.mark.slow

TOKEN = "let-me-in"
# An answer with a picture, and with what would act on whoever marks it.
ANSWER = """Nobody may look ahead. ![a dot](attachment:dot.png) ![lost](attachment:lost.png)

[a link that runs](javascript:alert(1)) ![](https://evil.example/pixel.png)

# check_causal_mask
"""
WAIT = 120  # seconds that anything may take on a busy machine


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with one submission that nobody has graded."""
    course = make_course(tmp_path_factory.mktemp("browser") / "course")
    made = course.run("nbgrader", "generate_assignment", "--force", NAME)
    assert made.returncode == 0, made.stderr
    notebook = edited(course.solution(), {"why_masks": ANSWER})
    [cell] = [cell for cell in notebook["cells"] if cell["id"] == "why_masks"]
    cell["attachments"] = {"dot.png": {"image/png": DOT}}
    course.hand_in("ann", json.dumps(notebook).encode())
    return course


@pytest.fixture(scope="module")
def server(course):
    """The address of a Jupyter server in the course's folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    options = ["--no-browser", "--ip=127.0.0.1", f"--port={port}", "--allow-root"]
    command = [
        sys.executable,
        "-m",
        "jupyter_server",
        *options,
        f"--IdentityProvider.token={TOKEN}",
    ]
    with (course.root / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=course.root, env=environment(), stdout=log, stderr=log
        )
        try:
            until = time.monotonic() + WAIT
            while not _answers(address):
                assert process.poll() is None, (course.root / "server.log").read_text()
                assert time.monotonic() < until, "the server doesn't answer"
                time.sleep(0.2)
            yield address
        finally:
            process.terminate()
            process.wait(20)


def _answers(address):
    try:
        urllib.request.urlopen(f"{address}/login", timeout=5).close()
    except (urllib.error.URLError, OSError):
        return False
    return True


@pytest.fixture(scope="module")
def browser():
    with open_browser() as browser:
        yield browser


class Person:
    """Looks for things on the page until they are there, clicks and types."""

    def __init__(self, browser, pictures):
        from selenium.webdriver.support.ui import WebDriverWait

        self._browser, self._pictures = browser, pictures
        self._wait = WebDriverWait(browser, WAIT)

    def see(self, selector, text=""):
        """The first element of this CSS selector that is shown and holds the text."""

        def look(browser):
            found = browser.find_elements("css selector", selector)
            return next((e for e in found if e.is_displayed() and text in e.text), None)

        return self._wait.until(look, f"no {selector} with {text!r}")

    def picture(self, name):
        """Keep what the page looks like, where AUTOGRADER_PICTURES says."""
        if self._pictures:
            self._browser.save_screenshot(str(Path(self._pictures) / f"{name}.png"))


def test_an_instructor_grades_a_submission_in_the_browser(course, server, browser):
    person = Person(browser, os.environ.get("AUTOGRADER_PICTURES"))
    browser.get(f"{server}/login?next=/formgrader/manage_submissions/{NAME}")
    person.see("input[type=password]").send_keys(TOKEN)
    person.see("button[type=submit]").click()

    person.see("td.status", "needs autograding")
    person.picture("1 submissions")
    person.see("td.autograde a").click()
    person.see(".modal-body", f"Successfully autograded '{NAME}' for student 'ann'")
    person.picture("2 autograded")
    person.see(".modal-footer button").click()
    person.see("td.score", "9 / 13")
    person.see("td.status", "needs manual grading")

    browser.get(f"{server}/formgrader/gradebook/{NAME}/{NAME}")
    person.see("td.name a", "Submission #1").click()
    shown = person.see("body").text
    assert "the future is named" in shown  # the rubric
    assert "Nobody may look ahead." in shown
    assert "(picture lost.png: it isn't in the file)" in shown
    assert "javascript:alert(1)" in shown
    assert not browser.find_elements("css selector", "[href*='script:'], img[src*='evil']")
    [picture] = browser.find_elements("css selector", ".nbgrader_cell img")
    assert picture.get_property("naturalWidth") == 1
    assert len(browser.find_elements("css selector", "#check_causal_mask")) == 1
    box = person.see("input.score.needs_manual_grade")
    box.send_keys("3")
    browser.execute_script("arguments[0].blur()", box)
    person.see(".score-saved")
    person.picture("3 marked")

    browser.get(f"{server}/formgrader/manage_submissions/{NAME}")
    person.see("td.score", "12 / 13")
    person.picture("4 done")
    assert course.run("nbgrader", "export", "--to", "all.csv").returncode == 0
    lines = (course.root / "all.csv").read_text().splitlines()
    assert [float(row["score"]) for row in csv.DictReader(lines)] == [12]
