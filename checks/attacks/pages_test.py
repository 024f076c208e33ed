"""What nbgrader's pages show of every attack on those who read: the marking page and the feedback."""

import copy
from pathlib import Path

import nbformat
import nbgrader
import pytest
from nbconvert.exporters import HTMLExporter
from traitlets.config import Config

from autograder.authoring.material import read_material
from autograder.doors.nbgrader.restore import restore
from autograder.inbox.reading import Unreadable, read_notebook
from autograder.testing.pages import Page, gained
from autograder.testing.small import NAME, SOURCE
from checks.attacks import hostile, trial

FORMGRADER = Path(nbgrader.__file__).parent / "server_extensions/formgrader"
CSS = FORMGRADER / "static/node_modules/bootstrap/dist/css"
TEMPLATES = ("formgrade", "feedback")
FACTS = {
    "base_url": "",
    "nbgrader": {"notebook": NAME, "score": 0, "max_score": 6, "late_penalty": 0},
    **dict.fromkeys(("notebook_id", "assignment_id", "submission_id", "student"), NAME),
    **{"index": 0, "total": 1, "notebook_path": "x", "last_name": None, "first_name": None},
}
ATTACKS = [attack for attack in hostile.attacks([], [], []) if attack.family == "pages"]


@pytest.fixture(scope="module")
def released(mini):
    return nbformat.read(mini.release(NAME) / f"{NAME}.ipynb", 4)


@pytest.fixture(scope="module")
def show(mini, released):
    """What a browser gets of a file that was handed in, by the name of the template."""
    practical = read_material(mini, mini.root / SOURCE).practical
    exporters = {name: HTMLExporter(config=_config(name)) for name in TEMPLATES}

    def pages(data):
        try:
            notebook = restore(read_notebook(data), released, practical)
        except Unreadable:  # then nothing of it is shown
            notebook = copy.deepcopy(released)
        nbformat.validate(notebook)
        for cell in notebook.cells:
            cell.metadata.get("nbgrader", {}).setdefault("score", 0)
            cell.metadata.get("nbgrader", {}).setdefault("points", 1)
        for name, exporter in exporters.items():
            yield (
                name,
                exporter.from_notebook_node(copy.deepcopy(notebook), copy.deepcopy(FACTS))[0],
            )

    return pages


def _config(template):
    config = Config()
    config.HTMLExporter.template_name = template
    config.HTMLExporter.extra_template_basedirs = [str(FORMGRADER / "templates")]
    config.HTMLExporter.extra_template_paths = [str(CSS)]
    return config


@pytest.fixture(scope="module")
def honest(mini, show):
    """The pages of the solution."""
    data = hostile.Attack("pages", "none", "nothing").data(trial.solution(mini))
    return {name: Page(text) for name, text in show(data)}


def test_an_honest_page_is_as_it_should_be(honest):
    for page in honest.values():
        assert {"h1", "p", "code"} <= page.tags
        assert {"check_causal_mask", "check_Scale"} <= set(page.ids)
        assert page.active  # nbgrader's own scripts


LIVE = """<a href="&#106;avascript:x">|<a href="java&#10;script:x">|<a href="%6Aavascript:x">|<a href=" JAVASCRIPT:x">
|<a href="vbscript:x">|<a href="data:text/html,x">|<a href="file:///x">|<a href="/logout">|<a href="//x.y">
|<a href="ｊavascript:x">|<svg><a xlink:href="javascript:x">|<area href="https://x.y">|<img src="https://x.y/p.png">
|<img src="data:image/svg+xml;base64,PHN2Zz4=">|<img srcset="//x.y 1x">|<video poster="//x.y">|<object data="//x.y">
|<form action="//x.y">|<button formaction="//x.y">|<table background="//x.y">|<p style="background:u\\72l(//x.y)">
|<p style="background: url(//x.y)">|<p onclick="x">|<iframe srcdoc="x">|<meta http-equiv="refresh" content="0;url=//x.y">
|<base href="//x.y">|<a ping="//x.y">|<p>$\\href{javascript:x}{y}$""".replace("\n", "").split("|")


@pytest.mark.parametrize("live", LIVE)
def test_the_judge_sees_what_acts(live):
    assert Page(live).active


def test_the_judge_lets_pass_what_only_reads():
    text = '<a href="https://x.y" title="javascript: x">x</a><a href="mailto:a@b.c">x</a><a href="#x">x</a>'
    page = Page(f'{text}<img src="data:image/png;base64,AAAA" alt="x"><p style="width:3%">x</p>')
    assert page.active == set()
    assert len(page.pictures) == 1


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_on_no_page_of_nbgrader_is_an_answer_more_than_text(mini, show, honest, attack):
    for name, text in show(attack.data(trial.solution(mini))):
        page, own = Page(text), honest[name]
        assert list(gained(page, own)) == []
        assert page.scripts == own.scripts
        assert page.tags - own.tags <= {
            "em",
            "strong",
            "ol",
            "ul",
            "li",
            "h2",
            "blockquote",
            "table",
        }
        assert page.pictures == own.pictures
        assert [name for name in own.ids if page.ids.count(name) != own.ids.count(name)] == []
        if attack.words:
            assert (
                "evil.example" not in attack.words or "evil.example" in text
            )  # as text, to be seen
            assert "alert" not in attack.words or "alert" in text
