"""What a browser would do with a page: its addresses, scripts and forms, as attackers see them."""

import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import unquote

CLICKED = {"href", "xlink:href"}  # and only on these tags
LINKS = {"a"}
FETCHED = {
    *"src srcset poster data background action formaction manifest ping cite".split(),
    *"longdesc profile codebase classid archive usemap dynsrc lowsrc code".split(),
}
LINKED = re.compile(r"(?:https?|mailto):")
INLINE = re.compile(r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/]+=*")
# What only we may put on a page: whatever else acts without being asked.
ACTIVE_TAGS = set(
    "script style iframe frame object embed applet base link meta form button input textarea select "
    "svg math animate set use foreignobject audio video source track map area portal template".split()
)
TASK = (("type", "checkbox"), ("disabled", None))  # of a list of tasks
STYLE = re.compile(
    r"url\(|image-set|expression|import|-moz-binding|behavior|position|\\", re.IGNORECASE
)
TEX = re.compile(
    r"\\(?:href|url|style|class|cssId|html[A-Za-z]*|require|unicode|includegraphics)(?![A-Za-z])"
)


ACTING = re.compile(r"(?:java|vb|live)script:|data:|file:|blob:")
TEXTS = {"title", "alt", "aria-label", "id", "class", "value"}


def bare(address: str) -> str:
    """An address as the most generous reader may take it: unescaped, unified, without blanks."""
    for _ in range(5):
        address = unquote(address)
    plain = unicodedata.normalize("NFKC", address)
    return "".join(c for c in plain if unicodedata.category(c)[0] not in "CZ").casefold()


class Page(HTMLParser):
    """A page's visible words, its scripts, its tags, and what on it acts.

    Attributes:
        ids: the names that scripts find elements by.
        active: (tag, attribute, value) of every address but links that may be clicked and pictures
            that the page itself holds, and of every attribute and tag that acts.
    """

    def __init__(self, text: str):
        super().__init__()
        self.words: list[str] = []
        self.scripts: list[str] = []
        self.pictures: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.active: set[tuple[str, str, str]] = set()
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self._inside = tag
        self.tags.add(tag)
        if tag in ACTIVE_TAGS and not (tag == "input" and {*TASK} <= set(attrs)):
            self.active.add((tag, "", ""))
        for name, value in attrs:
            if name in ("id", "name"):
                self.ids.append(value or "")
            if name in CLICKED and tag in LINKS:
                self.links.append(value or "")
            if tag == "img" and name == "src" and INLINE.fullmatch(value or ""):
                self.pictures.append(value)
            elif _acts(tag, name, value or ""):
                self.active.add((tag, name, value or ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        (self.scripts if self._inside in ("script", "style") else self.words).append(data)
        if self._inside not in ("script", "style", "pre", "code"):
            self.active |= {("", "tex", found) for found in TEX.findall(data)}


def _acts(tag, name, value):
    """Whether an attribute does more than look like something."""
    if name.startswith("on") or name in ("srcdoc", "http-equiv", "is", "slot"):
        return True
    if name in CLICKED:
        return not (value.startswith("#") or (tag in LINKS and LINKED.match(bare(value))))
    if name == "style":
        return bool(STYLE.search(bare(value)))
    return name in FETCHED or (name not in TEXTS and bool(ACTING.match(bare(value))))


def gained(page: Page, honest: Page) -> Iterator[tuple[str, str, str]]:
    """What acts on a page and not on an honest student's."""
    yield from sorted(page.active - honest.active)
