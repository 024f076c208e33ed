"""What students write into text cells, as nbgrader's pages show it: it reads well and does nothing."""

import base64
import io
import re
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from PIL import Image

from autograder.doors.nbgrader import pictures, shown
from autograder.doors.nbgrader.shown import shown_cells, shown_code, shown_markdown
from autograder.inbox.reading import StudentCell
from autograder.testing.pages import Page


def page(source, attachments=None):
    """What nbgrader makes of a text cell."""
    text, found = shown_markdown(source, attachments or {})
    return MarkdownWithMath(IPythonRenderer(escape=False, attachments=found)).render(text)


ACTING = [
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert&#40;1&#41;)",
    "[x](&amp;#106;avascript:alert)",
    "[x](&amp;amp;amp;#106;avascript:alert)",
    "[x](java&Tab;script:alert)",
    "[x](\x01javascript:alert)",
    "[x](java\u202escript:alert)",
    "[x](<java\tscript:alert(1)>)",
    "[x](%6aavascript:alert)",
    "[x](\\javascript:alert)",
    "[x](ｊavascript:alert)",
    "[x](vbscript:msgbox)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example/x)",
    "[x](/logout)",
    "[x](https://a.example 'onclick=alert')[y](javascript:1)",
    "[x]&#40;javascript:alert(1))",
    "[x]\x00(javascript:alert(1))",
    "&#91;x](javascript:alert(1))",
    "[x][y]\n\n[y]: javascript:alert(1)",
    "[y]\n\n> [y]: javascript:alert(1)",
    "[y]\n\n- [y]:\n  javascript:alert(1)",
    "[y]\n\n[y]&colon; javascript:alert(1)",
    "[a\nb]\n\n[a\nb]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "&lt;a href=javascript:alert(1)&gt;x&lt;/a&gt;",
    "&amp;lt;img src=x onerror=alert(1)&amp;gt;",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<form><button formaction=javascript:alert(1)>x</button></form>",
    "<img src=x usemap=#m><map name=m><area href=javascript:alert(1) shape=default></map>",
    "<math><maction actiontype=statusline xlink:href=javascript:alert(1)>x</maction></math>",
    "<div style='background:url(//evil.example/x)'>x</div>",
    "<style>@import '//evil.example/x';</style>",
    "<base href='//evil.example/'>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<!-- --!><script>alert(1)</script>",
    "<?x><script>alert(1)</script>",
    "```mermaid\n<img src=x onerror=alert(1)>\nclick A 'javascript:alert(1)'\n```",
    "~~~~ &#109;ermaid\n</pre><script>alert(1)</script>\n~~~~",
    "![x](https://evil.example/pixel.png)",
    "![x](http://evil.example/pixel.png 'x')",
    "![a [b](c)](https://evil.example/pixel.png)",
    "[![x](https://evil.example/pixel.png)](https://a.example)",
    "&#33;[x](https://evil.example/pixel.png)",
    "!\u202e[x](https://evil.example/pixel.png)",
    "![x][p]\n\n[p]: https://evil.example/pixel.png",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "![x](<https://evil.example/pixel.png>)",
    "[x](attachment:a.html)",
    r"$\href{javascript:alert(1)}{x}$",
    r"&#36;&#92;href{javascript:alert(1)}{x}&#36;",
    r"\$\\href{javascript:alert(1)}{x}\$",
    r"$$\require{html}\style{background:url(//evil.example)}{x}$$",
    r"\begin{align}\class{save-icon}{x}\end{align}",
    r"$\unicode[url(//evil.example)]{65}$",
]


@pytest.mark.parametrize("source", ACTING)
def test_nothing_acts(source):
    made = Page(page(source))
    assert made.active == set()
    assert made.pictures == []
    assert all(link.startswith(("https://a.example", "https://evil.example", "http://evil.example")) for link in made.links)  # fmt: skip
    everything = "".join(made.words + made.links)
    for word in ("alert", "evil.example"):
        assert word not in source or word in everything  # who marks sees that it was tried


PIECES = [*"[]()<>!:&;\\`~*_$\n\t \"'=#|-", "\x00", "\u202e", "&#33;", "&lt;", "&amp;", "&#x5b;", "&colon;"]  # fmt: skip
PIECES += ["javascript:x", "https://evil.example/p.png", "data:text/html,x", "a", "x", "img src=x"]
PIECES += ["![", "](", "]:", "\n\n", "\n[x]", "```", "mermaid", "attachment:p", "\\href{javascript:x}{y}", "<a href="]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@settings(max_examples=400, deadline=None)
def test_nothing_made_of_these_pieces_acts(source):
    made = Page(page(source, {"p": {"image/png": "bm90aGluZw=="}}))
    assert made.active == set()
    assert made.pictures == []
    assert not any(re.fullmatch(r"[\w-]+", name, re.ASCII) for name in made.ids)


@pytest.mark.parametrize(
    "source",
    "# why_masks|#why_masks|## why_masks ##|- # why_masks|> # why_masks|why_masks\n===|why_masks\n---"
    "|- why_masks\n  ---|> why_masks\n> ===|# **why**_masks|# &#119;hy_masks|# why_masks comment"
    "|[why_masks](https://a.b)\n---|####### why_masks|x\n# why_masks\ny".split("|"),
)
def test_a_heading_takes_no_place_that_marks_are_written_to(source):
    made = Page(page(source))
    assert not {"why_masks", "why_masks-comment"} & set(made.ids)
    assert "why" in "".join(made.words)


HONEST = """# Why *masks*

The mask hides the **future**, see [the paper](https://arxiv.org/abs/1706.03762) or <https://a.example/x?y=1&z=2>,
or write to [me](mailto:ann@uni.example).

1. `scores + mask`
2. softmax

- [x] done

| a | b |
| - | - |
| 1 | 2 |

$$\\sum_i w_i < 1$$

```python
for x in xs[1:]:
    y = f[0](x) if a < b else "<b>"
```
"""


def test_an_honest_answer_reads_as_it_was_written():
    html = page(HONEST)
    made = Page(html)
    assert made.active == set()
    assert "https://arxiv.org/abs/1706.03762" in made.links
    assert "https://a.example/x?y=1&z=2" in made.links
    assert "mailto:ann@uni.example" in made.links
    assert {"h1", "em", "strong", "ol", "ul", "table", "code", "pre"} <= made.tags
    text = "".join(made.words)
    assert r"$$\sum_i w_i < 1$$" in text
    assert 'y = f[0] (x) if a < b else "< b>"' in text


def test_text_has_an_end():
    assert len(shown_markdown("x" * 10**6, {})[0]) < shown.LONGEST + 100
    assert len(shown_code("x" * 10**6)) < shown.LONGEST_CODE + 100
    assert shown_code("x = 1 < 2\n") == "x = 1 < 2\n"
    cells = [StudentCell("", "x" * shown.LONGEST, is_code=False)] * 100
    assert sum(len(cell.source) for cell in shown_cells(cells)) < shown.MOST + 100 * 100


# ---------------------------------------------------------------- pictures


def drawn(kind, size=(3, 2)):
    """A picture's bytes."""
    out = io.BytesIO()
    Image.new("P" if kind == "gif" else "RGB", size).save(out, kind)
    return out.getvalue()


def attached(data, name="image.png", kind="image/png"):
    """A cell's attachments: one picture."""
    return {name: {kind: base64.b64encode(data).decode()}}


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif"])
def test_a_picture_of_the_cell_is_shown_by_what_it_is(kind):
    made = Page(page("Look: ![my plot](attachment:image.png)", attached(drawn(kind))))
    [shown_] = made.pictures
    assert shown_ == f"data:image/{kind};base64,{base64.b64encode(drawn(kind)).decode()}"
    assert made.active == set()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Screenshot 2026 (1).png", "attachment:Screenshot%202026%20(1).png"),
        ("Bild ä.png", "attachment:Bild%20%C3%A4.png"),
        ("a b.png", "<attachment:a b.png>"),
        ("a_b*c.png", "attachment:a_b*c.png 'a title'"),
    ],
)
def test_a_picture_is_found_by_its_name(name, written):
    assert len(Page(page(f"![]({written})", attached(drawn("png"), name))).pictures) == 1


PNG = drawn("png")
SHAPE = PNG.index(b"IHDR") + 4


def sized(width, height):
    """A picture that says it is larger than it is."""
    header = (
        PNG[SHAPE - 4 : SHAPE] + struct.pack(">II", width, height) + PNG[SHAPE + 8 : SHAPE + 13]
    )
    whole = header + struct.pack(">I", zlib.crc32(header))
    return PNG[: SHAPE - 4] + whole + PNG[SHAPE + 17 :]


@pytest.mark.parametrize(
    ("attachments", "why"),
    [
        ({}, "it isn't in the file"),
        ({"image.png": None}, "it isn't in the file"),
        ({"image.png": {"image/png": 7}}, "it isn't in the file"),
        ({"image.png": {"image/png": "%%%"}}, "it is damaged"),
        ({"image.png": {"image/png": "\u00e4"}}, "it is damaged"),
        (attached(b"\x89PNG\r\n\x1a\n"), "it is damaged"),
        (attached(PNG[:-20]), "it is damaged"),
        (attached(PNG[:SHAPE] + b"\0" * 8 + PNG[SHAPE + 8 :]), "it is damaged"),
        (attached(drawn("jpeg")[:-50]), "it is damaged"),
        (attached(b"<svg onload='alert(1)'/>", kind="image/svg+xml"), "it is no PNG, JPEG or GIF"),
        (attached(b"<script>alert(1)</script>", kind="text/html"), "it is no PNG, JPEG or GIF"),
        (attached(bytes(pictures.LARGEST + 100)), "it is larger than 10 MB"),
        (attached(sized(9_000, 9_000)), "it is larger than 60 million pixels"),
        (attached(sized(1 << 30, 1 << 30)), "it is larger than 60 million pixels"),
    ],
)
def test_a_line_stands_for_a_picture_that_can_not_be_shown(attachments, why):
    made = Page(page("See ![my plot](attachment:image.png) here.", attachments))
    assert made.pictures == []
    text = "".join(made.words)
    assert "(picture image.png: " in text
    assert f"{why}) here." in text


def test_what_a_type_says_counts_for_nothing():
    [kind] = Page(page("![x](attachment:image.png)", attached(PNG, kind="text/html"))).pictures
    assert kind.startswith("data:image/png;base64,")


def test_pictures_have_an_end():
    made = Page(page("![x](attachment:image.png)\n" * 50, attached(PNG)))
    assert len(made.pictures) == shown.MOST_PICTURES
