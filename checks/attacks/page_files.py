"""Files whose words and pictures reach a page."""

import base64
import json

from autograder.status import Status
from checks.attacks.files import attack, cells_of, changed, code_cell, text_cell, zipped


@attack("HTML in the practical's name", "metadata that is shown in the reason", family="pages", status=Status.WRONG_PRACTICAL)  # fmt: skip
def html_practical(notebook):
    named = {"workbook": {"practical": "<script>alert(1)</script>"}}
    return json.dumps({"cells": [code_cell("1")], "metadata": named}).encode()


@attack("a formula in the practical's name", "metadata that a spreadsheet runs", family="pages", status=Status.WRONG_PRACTICAL)  # fmt: skip
def formula_practical(notebook):
    named = {"workbook": {"practical": "=cmd|' /C calc'!A0"}}
    return json.dumps({"cells": [code_cell("1")], "metadata": named}).encode()


@attack("HTML in the language", "a kernel whose language is a script", family="pages", status=Status.WRONG_PRACTICAL)  # fmt: skip
def html_language(notebook):
    named = {"language_info": {"name": "<img src=x onerror=alert(1)>\x1b[2J"}}
    return json.dumps({"cells": [code_cell("1")], "metadata": named}).encode()


# ---------------------------------------------------------------- what pages show


def _page_attack(name, tries):
    return attack(name, tries, family="pages", status=Status.GRADED, points=6)


@_page_attack("words without end", "text that a reader of Markdown takes hours for")
def long_words(notebook):
    cells = [text_cell("\\begin{a}" * 200)] * 300 + [
        text_cell("[" * 10**5),
        code_cell("#" * 300_000),
    ]
    return changed(notebook, cells=cells + cells_of(notebook))


@_page_attack("outputs that run", "saved outputs and widgets that a browser would run")
def live_outputs(notebook):
    kinds = {
        "text/html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "image/svg+xml": "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
        "text/markdown": "[x](javascript:alert(1))",
        "text/latex": "$\\href{javascript:alert(1)}{x}$",
        "application/javascript": "alert(1)",
        "application/vnd.jupyter.widget-view+json": {"model_id": "</script><script>alert(1)"},
    }
    shown = [
        {"output_type": "display_data", "data": {k: v}, "metadata": {}} for k, v in kinds.items()
    ]
    raw = {
        "cell_type": "raw",
        "metadata": {"raw_mimetype": "text/html"},
        "source": kinds["text/html"],
    }
    state = {"application/vnd.jupyter.widget-state+json": {"state": "</script><script>alert(1)"}}
    cells = [
        code_cell("1", outputs=shown),
        raw,
        *(c | {"outputs": shown} for c in cells_of(notebook)),
    ]
    return changed(notebook, cells=cells, metadata={"widgets": state, "title": kinds["text/html"]})


@_page_attack("pictures that are pages", "attachments of other types than they say")
def live_pictures(notebook):
    page = base64.b64encode(b"<svg onload='alert(1)'><script>alert(1)</script></svg>").decode()
    kinds = ["image/svg+xml", "text/html", "image/png", 'image/png;base64,x" onerror="alert(1)']
    attachments = {f"{n}.png": {kind: page} for n, kind in enumerate(kinds)}
    words = " ".join(f"![{n}](attachment:{n}.png)" for n in range(len(kinds)))
    return changed(notebook, cells=[*cells_of(notebook), text_cell(words, attachments=attachments)])


@_page_attack("pictures that are damaged", "cut, empty, huge, and none at all")
def damaged_pictures(notebook):
    head = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
    wide = base64.b64encode(b"GIF89a" + b"\xff" * 2000 + b";").decode()
    texts = [head, wide, "%%%", "A" * 20_000_000, "", None, 7, [head, None], {}]
    attachments = {f"{n}.png": {"image/png": text} for n, text in enumerate(texts)}
    attachments |= {"9.png": None, "10.png": {}, "11.png": []}
    words = " ".join(f"![{n}](attachment:{n}.png)" for n in range(15))
    return changed(notebook, cells=[*cells_of(notebook), text_cell(words, attachments=attachments)])


# ---------------------------------------------------------------- words that are repeated


@attack("a practical's name without end", "a reason of a million letters", family="pages", status=Status.WRONG_PRACTICAL)  # fmt: skip
def endless_practical(notebook):
    named = {"workbook": {"practical": "<b>" * 10**6}}
    return json.dumps({"cells": [code_cell("1")], "metadata": named}).encode()


@attack("a function's name without end", "a remark of a million letters", family="pages", status=Status.GRADED, points=6)  # fmt: skip
def endless_function(notebook):
    name = "a" * 400_000
    cells = json.loads(notebook)["cells"]
    for cell in cells:
        if cell["id"] == "causal_weights":
            cell["source"] += f"\n\ndef unused():\n    return {name}(1)\n"
    return changed(notebook, cells=[*cells, code_cell(f"def {name}(x):\n    return x\n")])


@attack("members' names without end", "a remark of a million letters", family="pages", suffix=".zip", status=Status.UNREADABLE)  # fmt: skip
def endless_members_names(notebook):
    return zipped(*((f"{n}{'x' * 60_000}.ipynb", notebook) for n in range(15)))
