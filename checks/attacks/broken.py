"""Honest files that went wrong on the way: what happened, the fair score, and what is said of it.

Each is made from the small course's right solution (6 points). Where only the student can say what
was meant, the fair answer is no score but a line that says what to hand in instead.
"""

import copy
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from autograder.status import Status

RENAMED = """def causal_mask_v2(scores):
    future = jnp.triu(jnp.ones(scores.shape[-2:], bool), k=1)
    return jnp.where(future, -jnp.inf, scores)
"""
BLANK = 'def causal_mask(scores):\n    raise NotImplementedError("this blank is still to be filled in")\n'


@dataclass(frozen=True)
class Broken:
    """One file, the score that a fair person gives, and a part of the line that says what was wrong.

    `says` is "" where nothing was wrong: a program only saves in its own way.
    """

    name: str
    make: Callable[[dict], bytes]
    points: float = 6.0
    says: str = ""
    status: str = Status.GRADED
    suffix: str = ".ipynb"


FILES: list[Broken] = []


def _broken(name: str, says: str = "", points: float = 6.0, **expected) -> Callable:
    """Register a function that edits the right notebook (a dict) or returns other bytes."""

    def register(edit):
        def make(notebook):
            notebook = copy.deepcopy(notebook)
            data = edit(notebook)
            return data if isinstance(data, bytes) else json.dumps(notebook, indent=1).encode()

        FILES.append(Broken(name, make, points, says, **expected))
        return edit

    return register


def _refused(name, says, status=Status.UNREADABLE, **more):
    return _broken(name, says, 0.0, status=status, **more)


def _cell(notebook, name):
    return next(cell for cell in notebook["cells"] if cell.get("id") == name)


def _text(cell):
    return "".join(cell["source"])


def _code(source, identity=None, **metadata):
    cell = {"cell_type": "code", "metadata": metadata, "outputs": [], "execution_count": None}
    return cell | {"source": source} | ({"id": identity} if identity else {})


def _move(notebook, name, place):
    cells = notebook["cells"]
    cells.insert(place, cells.pop(cells.index(_cell(notebook, name))))


# ---------------------------------------------------------------- formats and programs


@_broken("nbformat 3", "old format (3)")
def nbformat_3(notebook):
    for cell in notebook["cells"]:
        cell.pop("id")
        if cell["cell_type"] == "code":
            cell["input"], cell["language"] = cell.pop("source"), "python"
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "x"}, "worksheets": [{"cells": notebook["cells"]}]}).encode()  # fmt: skip


@_broken("nbformat 4.0")
def nbformat_4_0(notebook):
    notebook["nbformat_minor"] = 0
    for cell in notebook["cells"]:
        cell.pop("id")


@_broken("nbformat 4.4 with collapsed cells")
def nbformat_4_4(notebook):
    notebook["nbformat_minor"] = 4
    for cell in notebook["cells"]:
        cell.pop("id")
        cell["metadata"] |= {"collapsed": True, "jupyter": {"source_hidden": False}}


@_broken("a format of the future")
def nbformat_6(notebook):
    notebook |= {"nbformat": 6, "nbformat_minor": 2, "signature": {"by": "someone"}}


@_broken("Colab")
def colab(notebook):
    notebook["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"}, "accelerator": "GPU"}  # fmt: skip
    notebook["nbformat_minor"] = 0
    for number, cell in enumerate(notebook["cells"]):
        cell.pop("id")
        cell["metadata"] |= {"id": f"Xy{number:010}", "colab": {"base_uri": "https://localhost"}}


@_broken("VS Code")
def vs_code(notebook):
    notebook["metadata"]["kernelspec"] = {"display_name": ".venv (3.12.1)", "language": "python", "name": "python3"}  # fmt: skip
    for cell in notebook["cells"]:
        cell["metadata"] |= {"vscode": {"languageId": "python"}}


@_broken("Databricks")
def databricks(notebook):
    notebook["metadata"] |= {"application/vnd.databricks.v1+notebook": {"language": "python", "notebookName": "hw"}}  # fmt: skip
    notebook["metadata"].pop("kernelspec", None)
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] |= {"application/vnd.databricks.v1+cell": {"nuid": f"{number}-uuid", "title": ""}}  # fmt: skip
        cell.pop("id")


@_broken("Deepnote")
def deepnote(notebook):
    notebook["metadata"] |= {"deepnote": {}, "deepnote_notebook_id": "x", "deepnote_execution_queue": []}  # fmt: skip
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] |= {"cell_id": f"{number}", "deepnote_cell_type": cell["cell_type"]}
        cell["id"] = f"deep{number}"


@_broken("Kaggle")
def kaggle(notebook):
    notebook["metadata"]["kaggle"] = {"accelerator": "none", "dataSources": [], "isGpuEnabled": False}  # fmt: skip
    for cell in notebook["cells"]:
        cell["metadata"] |= {"_uuid": "x", "_cell_guid": "y", "trusted": True}
        cell.pop("id")


@_broken("all metadata gone", "lost their ids")
def no_metadata(notebook):
    notebook["metadata"] = {}
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id")


@_broken("new ids for all cells")
def new_ids(notebook):
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"a{number:07x}"


@_broken("a kernel of another name")
def kernel_name(notebook):
    notebook["metadata"]["kernelspec"] = {"display_name": "conda-env-dl", "name": "conda-env-dl-py"}


@_broken("the kernel of another language", "kernel speaks julia")
def kernel_language(notebook):
    notebook["metadata"]["kernelspec"] = {"display_name": "Julia 1.10", "language": "julia", "name": "julia-1.10"}  # fmt: skip


# ---------------------------------------------------------------- bytes


@_broken("a byte order mark")
def byte_order_mark(notebook):
    return json.dumps(notebook).encode("utf-8-sig")


@_broken("UTF-16", "UTF-16")
def utf_16(notebook):
    return json.dumps(notebook).encode("utf-16")


@_broken("UTF-16 without a mark", "UTF-16")
def utf_16_le(notebook):
    return json.dumps(notebook).encode("utf-16-le")


@_broken("Windows letters", "aren't UTF-8")
def windows_letters(notebook):
    notebook["cells"][0]["source"] = "# Café"
    return json.dumps(notebook, ensure_ascii=False).encode("cp1252")


@_broken("line ends of Windows")
def line_ends(notebook):
    for cell in notebook["cells"]:
        cell["source"] = _text(cell).replace("\n", "\r\n")
    return json.dumps(notebook, indent=1).replace("\n", "\r\n").encode()


@_broken("something after the end", "after the notebook's end")
def trailing_garbage(notebook):
    return json.dumps(notebook).encode() + b"\n}\n <<< end of upload\n"


@_broken("zeros after the end")
def trailing_zeros(notebook):
    return json.dumps(notebook).encode() + bytes(4096)


@_broken("blank lines before the beginning")
def leading_blank(notebook):
    return b"\n\n  \t" + json.dumps(notebook).encode()


@_refused("half a download", "download it again")
def half(notebook):
    data = json.dumps(notebook, indent=1).encode()
    return data[: len(data) // 2]


@_refused("a git conflict", "git conflict")
def conflict(notebook):
    text = json.dumps(notebook, indent=1)
    place = text.index("jnp.inf")
    start = text.rindex("\n", 0, place) + 1
    line = text[start : text.index("\n", place) + 1]
    both = f"<<<<<<< HEAD\n{line}=======\n{line}>>>>>>> origin/main\n"
    return text.replace(line, both, 1).encode()


@_refused("an empty file", "empty")
def empty(notebook):
    return b""


@_refused("the page around it", "isn't a notebook")
def web_page(notebook):
    return b"<!DOCTYPE html><html><body>404: Not Found</body></html>"


@_refused("a Python script", "isn't a notebook")
def script(notebook):
    cells = [_text(c) for c in notebook["cells"] if c["cell_type"] == "code"]
    return "\n\n".join(cells).encode()


@_refused("a notebook of another course", "no cell", status=Status.WRONG_PRACTICAL)
def other_course(notebook):
    return json.dumps({"cells": [_code("print(1)")], "metadata": {}, "nbformat": 4}).encode()


@_refused("another practical", "'05_reinforcement_learning'", status=Status.WRONG_PRACTICAL)
def other_practical(notebook):
    named = {"workbook": {"practical": "05_reinforcement_learning"}}
    return json.dumps({"cells": [_code("1", "x")], "metadata": named, "nbformat": 4}).encode()


@_refused("another language", "written in R", status=Status.WRONG_PRACTICAL)
def other_language(notebook):
    named = {"kernelspec": {"language": "R", "name": "ir"}}
    return json.dumps({"cells": [_code("x <- 1")], "metadata": named, "nbformat": 4}).encode()


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


@_broken("zipped with its folder", suffix=".zip")
def zipped(notebook):
    return _zip(work__01_mini=json.dumps(notebook))


@_broken("zipped on a Mac", suffix=".zip")
def zipped_on_mac(notebook):
    return _zip(work__x=json.dumps(notebook), __MACOSX__work__x=b"\0\5\x16\7")


@_broken("zipped with another notebook", suffix=".zip")
def zipped_with_other(notebook):
    other = json.dumps({"cells": [_code("print('my notes')")], "metadata": {}, "nbformat": 4})
    return _zip(work=json.dumps(notebook), notes=other)


@_broken("two copies in a zip", "the newest, was graded", suffix=".zip")
def two_copies(notebook):
    old = copy.deepcopy(notebook)
    _cell(old, "causal_mask")["source"] = BLANK
    return _zip(old=json.dumps(old), new=json.dumps(notebook))


@_refused("a zip of pictures", "no notebook", suffix=".zip")
def zip_without(notebook):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("plot.png", b"x")
    return buffer.getvalue()


# ---------------------------------------------------------------- cells


@_broken("a cell twice", "there more than once")
def duplicated(notebook):
    notebook["cells"].insert(4, copy.deepcopy(_cell(notebook, "causal_mask")))


@_broken("the whole notebook twice", "there more than once")
def pasted_twice(notebook):
    notebook["cells"] += copy.deepcopy(notebook["cells"])


@_broken("a right cell above its blank", "isn't filled in")
def above_blank(notebook):
    right = copy.deepcopy(_cell(notebook, "causal_mask"))
    place = notebook["cells"].index(_cell(notebook, "causal_mask"))
    _cell(notebook, "causal_mask")["source"] = BLANK
    notebook["cells"].insert(place, right | {"id": "mine", "metadata": {}})


@_broken("a right cell below its blank", "there more than once")
def below_blank(notebook):
    right = _text(_cell(notebook, "causal_mask"))
    place = notebook["cells"].index(_cell(notebook, "causal_mask"))
    _cell(notebook, "causal_mask")["source"] = BLANK
    notebook["cells"].insert(place + 1, _code(right, "mine"))


@_broken("a right function defined twice")
def defined_twice(notebook):
    cell = _cell(notebook, "causal_mask")
    cell["source"] = _text(cell) + "\n\n" + _text(cell)


@_broken("a cell split in two")
def split(notebook):
    place = notebook["cells"].index(_cell(notebook, "causal_weights"))
    _cell(notebook, "causal_weights")["source"] = "def causal_weights(scores):\n    return my_softmax(causal_mask(scores))\n"  # fmt: skip
    notebook["cells"].insert(place, _code("def my_softmax(x):\n    return jax.nn.softmax(x, axis=-1)\n", "half"))  # fmt: skip


@_broken("two cells merged", "no cell of causal_weights")
def merged(notebook):
    mask, weights = (_cell(notebook, n) for n in ("causal_mask", "causal_weights"))
    mask["source"] = _text(mask) + "\n\n\n" + _text(weights)
    notebook["cells"].remove(weights)


@_broken("all in one cell", "no cell of causal_weights")
def one_cell(notebook):
    work = [c for c in notebook["cells"] if c.get("id") in ("causal_mask", "causal_weights", "Scale")]  # fmt: skip
    work[0]["source"] = "\n\n".join(map(_text, work))
    for cell in work[1:]:
        notebook["cells"].remove(cell)


@_broken("cells in reverse order", "it ran first")
def reversed_cells(notebook):
    notebook["cells"].reverse()


@_broken("the set-up cell at the end", "it ran first")
def setup_last(notebook):
    _move(notebook, "imports", len(notebook["cells"]))


@_broken("no set-up cell", "'imports' is missing")
def no_setup(notebook):
    notebook["cells"].remove(_cell(notebook, "imports"))


@_broken("a set-up cell with one import more", "was changed")
def changed_setup(notebook):
    cell = _cell(notebook, "imports")
    cell["source"] = "import math\n" + _text(cell)


@_broken("no check cells")
def no_checks(notebook):
    notebook["cells"] = [c for c in notebook["cells"] if not c["id"].startswith("check_")]


@_broken("an exercise deleted", "no cell of Scale", points=5)
def deleted(notebook):
    notebook["cells"].remove(_cell(notebook, "Scale"))


@_broken("the work in a check cell")
def work_in_check(notebook):
    check, work = (_cell(notebook, n) for n in ("check_Scale", "Scale"))
    check["source"], work["source"] = _text(work) + '\ngrader.check("Scale")', ""


@_broken("a cell turned into text", "no cell of Scale", points=5)
def into_text(notebook):
    _cell(notebook, "Scale")["cell_type"] = "markdown"


@_broken("a function renamed", "defines causal_mask_v2")
def renamed(notebook):
    _cell(notebook, "causal_mask")["source"] = RENAMED


@_broken("a helper in a cell of its own")
def helper(notebook):
    notebook["cells"].insert(2, _code("def infinity():\n    return jnp.inf\n", "mine"))
    cell = _cell(notebook, "causal_mask")
    cell["source"] = _text(cell).replace("-jnp.inf", "-infinity()")


@_broken("a helper further down", "only further down")
def late_helper(notebook):
    notebook["cells"].append(_code("def infinity():\n    return jnp.inf\n", "mine"))
    cell = _cell(notebook, "causal_mask")
    cell["source"] = _text(cell).replace("-jnp.inf", "-infinity()")


@_broken("a release of last year", "'imports' was changed")
def old_release(notebook):
    cell = _cell(notebook, "imports")
    cell["source"] = "import jax.numpy as jnp\nimport helpers\n"
    for name in ("check_causal_mask", "check_causal_weights"):
        _cell(notebook, name)["source"] = f'grader.check_question("{name}")'
    notebook["cells"].append(_code("def retired_exercise(x):\n    raise NotImplementedError\n", "retired"))  # fmt: skip


# ---------------------------------------------------------------- what students write


@_broken("installs and shell lines", "aren't run while grading")
def installs(notebook):
    cell = _cell(notebook, "causal_mask")
    cell["source"] = "!pip install -q einops\n%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n!nvidia-smi\n" + _text(cell)  # fmt: skip


@_broken("Colab's own modules")
def colab_modules(notebook):
    notebook["cells"].insert(1, _code("from google.colab import drive\ndrive.mount('/content/drive')", "mount"))  # fmt: skip


@_broken("code that warns")
def warns(notebook):
    cell = _cell(notebook, "causal_mask")
    cell["source"] = "import warnings, sys\nwarnings.warn('careful', FutureWarning)\nprint('note', file=sys.stderr)\n" + _text(cell)  # fmt: skip


@_broken("code that prints much")
def prints(notebook):
    cell = _cell(notebook, "causal_mask")
    cell["source"] = _text(cell).replace(
        "    future", "    print('scores', [scores] * 20)\n    future"
    )


@_broken("pictures in every cell")
def pictures(notebook):
    cell = _cell(notebook, "causal_mask")
    cell["source"] = _text(cell) + "\nimport matplotlib.pyplot as plt\nplt.imshow(causal_mask(jnp.zeros((3, 3))))\nplt.show()\n"  # fmt: skip


@_broken("an own experiment that fails")
def failing_cell(notebook):
    notebook["cells"].insert(4, _code("causal_mask(jnp.zeros(3)) + undefined_name", "mine"))


@_broken("huge outputs")
def outputs(notebook):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["x" * 1_000_000]}]  # fmt: skip


@_broken("NumPy instead of JAX")
def numpy_instead(notebook):
    _cell(notebook, "causal_mask")["source"] = """import numpy as np
def causal_mask(scores):
    scores = np.array(scores)
    scores[..., np.triu(np.ones(scores.shape[-2:], bool), k=1)] = -np.inf
    return scores
"""


@_broken("tabs and trailing blanks")
def tabs(notebook):
    for name in ("causal_mask", "Scale"):
        cell = _cell(notebook, name)
        cell["source"] = _text(cell).replace("    ", "\t").replace("\n", "  \n")


@_broken("annotations that don't exist", points=4)
def annotations(notebook):
    cell = _cell(notebook, "causal_mask")
    cell["source"] = _text(cell).replace("(scores)", "(scores: Tensor)", 1)


@_broken("a syntax error", points=4)
def syntax_error(notebook):
    cell = _cell(notebook, "causal_mask")
    cell["source"] = _text(cell) + "\nreturn ("
