"""From a template to a file: every text is made safe on its way into a page."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.files import write_whole
from autograder.names import printable
from autograder.status import Status

LONGEST = 2000  # characters of one message

# The five looks of a status: a colour, an icon and, beside them, always the words.
LOOKS = {
    Status.PASSED: "right",
    Status.PARTLY: "part",
    Status.FAILED: "wrong",
    Status.ERROR: "wrong",
    Status.NOT_STARTED: "none",
    Status.NOT_RUN: "none",
}
WORDS = {
    Status.PASSED: "right",
    Status.FAILED: "not yet right",
    Status.ERROR: "stops with an error",
    Status.TIMED_OUT: "ran out of time",
    Status.OUT_OF_MEMORY: "ran out of memory",
    Status.TOO_MUCH_OUTPUT: "printed too much",
    Status.CRASHED: "ended Python",
    Status.NOT_RUN: "not reached",
}


def look(status: Status) -> str:
    """How a status looks: "right", "part", "wrong", "none" or "stop"."""
    return LOOKS.get(status, "stop")


def words(status: Status) -> str:
    """A case's or an exercise's status as a student reads it."""
    return WORDS.get(status, status)


def number(value: float) -> str:
    """4.0 as 4, 4.50 as 4.5."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def percent(part: float, whole: float) -> int:
    """A rounded share that is 100 only when all is there, and 0 only when nothing is."""
    if not whole or part <= 0:
        return 0
    return 100 if part >= whole else min(99, max(1, round(100 * part / whole)))


def lines(text: str) -> Markup:
    """A message with its line ends kept and its length bounded."""
    kept = text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
    return Markup("\n").join(printable(line).rstrip() for line in kept.strip().splitlines())


def prose(text: str) -> Markup:
    """An author's hint, with *emphasis* and `code`."""
    html = str(escape(printable(text)))
    html = re.sub(r"`([^`]+)`", r"<code>\1</code>", html)
    return Markup(re.sub(r"(?<![\w*])\*(\S(?:[^*]*\S)?)\*(?![\w*])", r"<em>\1</em>", html))


def practical_name(practical: str) -> str:
    """ "02_attention_and_transformers" as "Attention and transformers"."""
    bare = re.sub(r"^\d+_", "", practical).replace("_", " ")
    return bare[:1].upper() + bare[1:]


def _safe(value):
    """What every {{ expression }} of a template goes through before it is escaped."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else printable(value)


@cache
def _environment():
    environment = Environment(
        loader=PackageLoader("autograder.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_safe,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (lines, look, number, percent, prose, words)
    environment.filters |= {function.__name__: function for function in filters}
    environment.globals["Status"] = Status
    return environment


@cache
def _inline(*names):
    """Our own scripts or styles, and the hash by which a page's policy allows them, and no others."""
    environment = _environment()
    source = "".join(environment.loader.get_source(environment, name)[0] for name in names)
    digest = hashlib.sha256(source.encode()).digest()
    return Markup(source), f"'sha256-{base64.b64encode(digest).decode()}'"


def render(template: str, **facts: object) -> str:
    """A piece of a page."""
    return _environment().get_template(template).render(**facts)


def write_page(path: Path, template: str, script: str | None = None, **facts: object) -> None:
    """Render a template, with the style sheet of its name, into one self-contained file."""
    style, styles = _inline("base.css", template.replace(".html", ".css"))
    source, scripts = _inline(script) if script else ("", "'none'")
    ours = {"style": style, "styles": styles, "script": source, "scripts": scripts}
    html = _environment().get_template(template).render(**ours, **facts)
    write_whole(path, html.encode())
