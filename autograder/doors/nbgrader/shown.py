r"""Students' words on a page that marks them: Markdown that can be read, and does nothing.

Whoever marks opens these words in the formgrader, in nbgrader's feedback or in JupyterLab, each with
a Markdown of its own. So what could act is taken out of the text itself, without asking what is
code and what isn't: a space keeps `](`, `![`, `]:` and `<` from beginning anything. What stays is
what no reader can take for something else: links to addresses of plain letters, and pictures that
the cell holds.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import unquote

from autograder.doors.nbgrader.pictures import NoPicture, read_picture
from autograder.inbox.reading import StudentCell
from autograder.names import printable

LONGEST = 10_000  # characters of a text cell: readers of Markdown take seconds for more
LONGEST_CODE = 100_000
LONGEST_LINE = 1_000  # of code: what colours it takes the cube of a line
MOST_FORMULAS = 200  # of a text: what reads Markdown takes their square
MOST = 200_000  # characters of a notebook
MOST_PICTURES = 20  # of a cell

# Letters that mean nothing to Markdown and HTML, whatever is around them.
ADDRESS = r"https?://[A-Za-z0-9._~:/?#@!&+,;=%*-]+|mailto:[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+"
NAME = r"(?:[^()\s<>]|\([^()\s<>]*\))+"
TOKEN = re.compile(
    rf"(?P<before>\\?)!\[(?P<alt>[^\[\]]{{0,500}})\]\(\s*(?:<attachment:(?P<quoted>[^<>\n]+)>"
    rf"|attachment:(?P<name>{NAME}))(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\s*\)"
    rf"|(?P<link>\]\((?:{ADDRESS})\))"
    rf"|<(?P<bare>{ADDRESS}|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+)>"
    r"|!\[(?P<far>[^\[\]]{0,500})\]\("  # its address is to be seen, so no link hides it
    r"|(?P<acts>\](?=[(:])|!(?=\[)|<(?=[A-Za-z/!?]))"
)
MATHS = re.compile(r"\\[(\[]|\\begin|\$")
ENTITY = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);")
# Control characters, and what turns the reading direction.
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# What MathJax makes links, classes and styles of.
TEX = re.compile(
    r"\\(?=(?:href|url|style|class|cssId|data|html[A-Za-z]*|require|includegraphics|unicode|mmlToken)"
    r"(?![A-Za-z]))"
)
# A heading's text is its id, and by ids the formgrader finds where marks go.
HEADING = re.compile(
    r"(?<![^\s>])#{1,6}[ \t]*(?=\S)|(?<=\S)(?=[ \t]*\n[ \t>]*(?:=+|-+)[ \t]*(?:\n|$))"
)
NO_ID = "\u200b"  # seen by nobody, and part of no id of ours
MERMAID = re.compile(r"((?:`{3}|~{3})\s*)(?=mermaid)", re.IGNORECASE)  # drawn from unescaped text


def shown_markdown(
    source: str, attachments: Mapping[str, object]
) -> tuple[str, dict[str, dict[str, str]]]:
    """A text cell's Markdown and pictures, fit to be shown; links stay where they are plain."""
    text = _with_few_formulas(_as_read(_shortened(source, LONGEST)))
    text = MERMAID.sub(r"\1text ", TEX.sub(r"\\ ", text))
    text = HEADING.sub(rf"\g<0>{NO_ID}", text)
    pictures: dict[str, dict[str, str]] = {}

    def kept(token):
        if token["link"]:
            return token[0]
        if token["bare"]:
            return f" {token['bare']} "
        if token["far"] is not None:
            return f"! [{TOKEN.sub(kept, token['far'])}] ("
        if token["acts"]:
            return f"{token['acts']} "
        apart = f"{token['before']} " if token["before"] else ""  # \\! would be no picture's
        return apart + _picture(token, attachments, pictures)

    return TOKEN.sub(kept, text), pictures


def shown_code(source: str) -> str:
    """A code cell's text: pages show it as it is, but not without end."""
    lines = _shortened(source, LONGEST_CODE, "# ").split("\n")
    return "\n".join(x if len(x) <= LONGEST_LINE else f"{x[:LONGEST_LINE]} …" for x in lines)


def shown_cells(cells: Iterable[StudentCell]) -> Iterator[StudentCell]:
    """A notebook's cells, those that come after very many characters without their text."""
    seen = 0
    for cell in cells:
        seen += len(cell.source)
        yield (
            cell if seen <= MOST else replace(cell, source="# not shown: the notebook is too long")
        )


def _shortened(source, most, comment=""):
    if len(source) <= most:
        return source
    left = f"{comment}… and {len(source) - most} more characters in the file"
    return f"{source[:most]}\n\n{left}"


def _with_few_formulas(text):
    starts = [found.start() for found in MATHS.finditer(text)]
    return text[: starts[MOST_FORMULAS]] if len(starts) > MOST_FORMULAS else text


def _as_read(text):
    """The text with its entities as the characters that a browser reads for them."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for _ in range(8):  # each round may show another entity
        plain = UNSEEN.sub("", ENTITY.sub(lambda entity: html.unescape(entity[0]), text))
        if plain == text:
            return text
        text = plain
    return UNSEEN.sub("", text.replace("&", "& "))


def _picture(token, attachments, pictures):
    """The picture of the cell that is meant, or a line in its place."""
    name = token["quoted"] or token["name"]
    found = next((attachments[n] for n in (name, unquote(name)) if n in attachments), None)
    try:
        if len(pictures) >= MOST_PICTURES:
            raise NoPicture(f"the cell has more than {MOST_PICTURES}")
        picture = read_picture(found)
    except NoPicture as why:
        return f"(picture {_plain(unquote(name))}: {why})"
    own = f"picture-{len(pictures) + 1}.{picture.kind.partition('/')[2]}"
    pictures[own] = picture.attachment
    return f"![{_plain(token['alt'])}](attachment:{own})"


def _plain(text):
    """A picture's name or description in letters that Markdown leaves alone."""
    return " ".join(re.sub(r"[^\w.,-]", " ", printable(text)).split())[:80]
