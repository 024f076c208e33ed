"""Formats of other programs, damaged bytes, zips."""

import copy
import io
import json
import zipfile

from autograder.status import Status
from checks.attacks.broken.kit import (
    BLANK,
    broken,
    cell_of,
    code_cell,
    refused,
    text_of,
)

# ---------------------------------------------------------------- formats and programs


@broken("nbformat 3", "old format (3)")
def nbformat_3(notebook):
    for cell in notebook["cells"]:
        cell.pop("id")
        if cell["cell_type"] == "code":
            cell["input"], cell["language"] = cell.pop("source"), "python"
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "x"}, "worksheets": [{"cells": notebook["cells"]}]}).encode()  # fmt: skip


@broken("nbformat 4.0")
def nbformat_4_0(notebook):
    notebook["nbformat_minor"] = 0
    for cell in notebook["cells"]:
        cell.pop("id")


@broken("nbformat 4.4 with collapsed cells")
def nbformat_4_4(notebook):
    notebook["nbformat_minor"] = 4
    for cell in notebook["cells"]:
        cell.pop("id")
        cell["metadata"] |= {"collapsed": True, "jupyter": {"source_hidden": False}}


@broken("a format of the future")
def nbformat_6(notebook):
    notebook |= {"nbformat": 6, "nbformat_minor": 2, "signature": {"by": "someone"}}


@broken("Colab")
def colab(notebook):
    notebook["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"}, "accelerator": "GPU"}  # fmt: skip
    notebook["nbformat_minor"] = 0
    for number, cell in enumerate(notebook["cells"]):
        cell.pop("id")
        cell["metadata"] |= {"id": f"Xy{number:010}", "colab": {"base_uri": "https://localhost"}}


@broken("VS Code")
def vs_code(notebook):
    notebook["metadata"]["kernelspec"] = {"display_name": ".venv (3.12.1)", "language": "python", "name": "python3"}  # fmt: skip
    for cell in notebook["cells"]:
        cell["metadata"] |= {"vscode": {"languageId": "python"}}


@broken("Databricks")
def databricks(notebook):
    notebook["metadata"] |= {"application/vnd.databricks.v1+notebook": {"language": "python", "notebookName": "hw"}}  # fmt: skip
    notebook["metadata"].pop("kernelspec", None)
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] |= {"application/vnd.databricks.v1+cell": {"nuid": f"{number}-uuid", "title": ""}}  # fmt: skip
        cell.pop("id")


@broken("Deepnote")
def deepnote(notebook):
    notebook["metadata"] |= {"deepnote": {}, "deepnote_notebook_id": "x", "deepnote_execution_queue": []}  # fmt: skip
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] |= {"cell_id": f"{number}", "deepnote_cell_type": cell["cell_type"]}
        cell["id"] = f"deep{number}"


@broken("Kaggle")
def kaggle(notebook):
    notebook["metadata"]["kaggle"] = {"accelerator": "none", "dataSources": [], "isGpuEnabled": False}  # fmt: skip
    for cell in notebook["cells"]:
        cell["metadata"] |= {"_uuid": "x", "_cell_guid": "y", "trusted": True}
        cell.pop("id")


@broken("all metadata gone", "lost their ids")
def no_metadata(notebook):
    notebook["metadata"] = {}
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id")


@broken("new ids for all cells")
def new_ids(notebook):
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"a{number:07x}"


@broken("a kernel of another name")
def kernel_name(notebook):
    notebook["metadata"]["kernelspec"] = {"display_name": "conda-env-dl", "name": "conda-env-dl-py"}


@broken("the kernel of another language", "kernel speaks julia")
def kernel_language(notebook):
    notebook["metadata"]["kernelspec"] = {"display_name": "Julia 1.10", "language": "julia", "name": "julia-1.10"}  # fmt: skip


# ---------------------------------------------------------------- bytes


@broken("a byte order mark")
def byte_order_mark(notebook):
    return json.dumps(notebook).encode("utf-8-sig")


@broken("UTF-16", "UTF-16")
def utf_16(notebook):
    return json.dumps(notebook).encode("utf-16")


@broken("UTF-16 without a mark", "UTF-16")
def utf_16_le(notebook):
    return json.dumps(notebook).encode("utf-16-le")


@broken("Windows letters", "aren't UTF-8")
def windows_letters(notebook):
    notebook["cells"][0]["source"] = "# Café"
    return json.dumps(notebook, ensure_ascii=False).encode("cp1252")


@broken("line ends of Windows")
def line_ends(notebook):
    for cell in notebook["cells"]:
        cell["source"] = text_of(cell).replace("\n", "\r\n")
    return json.dumps(notebook, indent=1).replace("\n", "\r\n").encode()


@broken("something after the end", "after the notebook's end")
def trailing_garbage(notebook):
    return json.dumps(notebook).encode() + b"\n}\n <<< end of upload\n"


@broken("zeros after the end")
def trailing_zeros(notebook):
    return json.dumps(notebook).encode() + bytes(4096)


@broken("blank lines before the beginning")
def leading_blank(notebook):
    return b"\n\n  \t" + json.dumps(notebook).encode()


@refused("half a download", "download it again")
def half(notebook):
    data = json.dumps(notebook, indent=1).encode()
    return data[: len(data) // 2]


@refused("a git conflict", "git conflict")
def conflict(notebook):
    text = json.dumps(notebook, indent=1)
    place = text.index("jnp.inf")
    start = text.rindex("\n", 0, place) + 1
    line = text[start : text.index("\n", place) + 1]
    both = f"<<<<<<< HEAD\n{line}=======\n{line}>>>>>>> origin/main\n"
    return text.replace(line, both, 1).encode()


@refused("an empty file", "empty")
def empty(notebook):
    return b""


@refused("the page around it", "isn't a notebook")
def web_page(notebook):
    return b"<!DOCTYPE html><html><body>404: Not Found</body></html>"


@refused("a Python script", "isn't a notebook")
def script(notebook):
    cells = [text_of(c) for c in notebook["cells"] if c["cell_type"] == "code"]
    return "\n\n".join(cells).encode()


@refused("a notebook of another course", "no cell", status=Status.WRONG_PRACTICAL)
def other_course(notebook):
    return json.dumps({"cells": [code_cell("print(1)")], "metadata": {}, "nbformat": 4}).encode()


@refused("another practical", "'05_reinforcement_learning'", status=Status.WRONG_PRACTICAL)
def other_practical(notebook):
    named = {"workbook": {"practical": "05_reinforcement_learning"}}
    return json.dumps({"cells": [code_cell("1", "x")], "metadata": named, "nbformat": 4}).encode()


@refused("another language", "written in R", status=Status.WRONG_PRACTICAL)
def other_language(notebook):
    named = {"kernelspec": {"language": "R", "name": "ir"}}
    return json.dumps({"cells": [code_cell("x <- 1")], "metadata": named, "nbformat": 4}).encode()


# ---------------------------------------------------------------- zips


def _zip(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, data) in enumerate(members.items()):
            info = zipfile.ZipInfo(
                name.replace("__", "/") + ".ipynb", (2026, 11, 1 + number, 9, 0, 0)
            )
            archive.writestr(info, data)
    return buffer.getvalue()


@broken("zipped with its folder", suffix=".zip")
def zipped(notebook):
    return _zip(work__01_mini=json.dumps(notebook))


@broken("zipped on a Mac", suffix=".zip")
def zipped_on_mac(notebook):
    return _zip(work__x=json.dumps(notebook), __MACOSX__work__x=b"\0\5\x16\7")


@broken("zipped with another notebook", suffix=".zip")
def zipped_with_other(notebook):
    other = json.dumps({"cells": [code_cell("print('my notes')")], "metadata": {}, "nbformat": 4})
    return _zip(work=json.dumps(notebook), notes=other)


@broken("two copies in a zip", "the newest, was graded", suffix=".zip")
def two_copies(notebook):
    old = copy.deepcopy(notebook)
    cell_of(old, "causal_mask")["source"] = BLANK
    return _zip(old=json.dumps(old), new=json.dumps(notebook))


@refused("a zip of pictures", "no notebook", suffix=".zip")
def zip_without(notebook):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("plot.png", b"x")
    return buffer.getvalue()
