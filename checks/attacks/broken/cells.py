"""Cells that moved, were lost or came twice, and what students write into them."""

import copy

from checks.attacks.broken.kit import (
    BLANK,
    broken,
    cell_of,
    code_cell,
    move,
    text_of,
)

RENAMED = """def causal_mask_v2(scores):
    future = jnp.triu(jnp.ones(scores.shape[-2:], bool), k=1)
    return jnp.where(future, -jnp.inf, scores)
"""


# ---------------------------------------------------------------- cells


@broken("a cell twice", "there more than once")
def duplicated(notebook):
    notebook["cells"].insert(4, copy.deepcopy(cell_of(notebook, "causal_mask")))


@broken("the whole notebook twice", "there more than once")
def pasted_twice(notebook):
    notebook["cells"] += copy.deepcopy(notebook["cells"])


@broken("a right cell above its blank", "isn't filled in")
def above_blank(notebook):
    right = copy.deepcopy(cell_of(notebook, "causal_mask"))
    place = notebook["cells"].index(cell_of(notebook, "causal_mask"))
    cell_of(notebook, "causal_mask")["source"] = BLANK
    notebook["cells"].insert(place, right | {"id": "mine", "metadata": {}})


@broken("a right cell below its blank", "there more than once")
def below_blank(notebook):
    right = text_of(cell_of(notebook, "causal_mask"))
    place = notebook["cells"].index(cell_of(notebook, "causal_mask"))
    cell_of(notebook, "causal_mask")["source"] = BLANK
    notebook["cells"].insert(place + 1, code_cell(right, "mine"))


@broken("a right function defined twice")
def defined_twice(notebook):
    cell = cell_of(notebook, "causal_mask")
    cell["source"] = text_of(cell) + "\n\n" + text_of(cell)


@broken("a cell split in two")
def split(notebook):
    place = notebook["cells"].index(cell_of(notebook, "causal_weights"))
    cell_of(notebook, "causal_weights")["source"] = "def causal_weights(scores):\n    return my_softmax(causal_mask(scores))\n"  # fmt: skip
    notebook["cells"].insert(place, code_cell("def my_softmax(x):\n    return jax.nn.softmax(x, axis=-1)\n", "half"))  # fmt: skip


@broken("two cells merged", "no cell of causal_weights")
def merged(notebook):
    mask, weights = (cell_of(notebook, n) for n in ("causal_mask", "causal_weights"))
    mask["source"] = text_of(mask) + "\n\n\n" + text_of(weights)
    notebook["cells"].remove(weights)


@broken("all in one cell", "no cell of causal_weights")
def one_cell(notebook):
    work = [c for c in notebook["cells"] if c.get("id") in ("causal_mask", "causal_weights", "Scale")]  # fmt: skip
    work[0]["source"] = "\n\n".join(map(text_of, work))
    for cell in work[1:]:
        notebook["cells"].remove(cell)


@broken("cells in reverse order", "it ran first")
def reversed_cells(notebook):
    notebook["cells"].reverse()


@broken("the set-up cell at the end", "it ran first")
def setup_last(notebook):
    move(notebook, "imports", len(notebook["cells"]))


@broken("no set-up cell", "'imports' is missing")
def no_setup(notebook):
    notebook["cells"].remove(cell_of(notebook, "imports"))


@broken("a set-up cell with one import more", "was changed")
def changed_setup(notebook):
    cell = cell_of(notebook, "imports")
    cell["source"] = "import math\n" + text_of(cell)


@broken("no check cells")
def no_checks(notebook):
    notebook["cells"] = [c for c in notebook["cells"] if not c["id"].startswith("check_")]


@broken("an exercise deleted", "no cell of Scale", points=5)
def deleted(notebook):
    notebook["cells"].remove(cell_of(notebook, "Scale"))


@broken("the work in a check cell")
def work_in_check(notebook):
    check, work = (cell_of(notebook, n) for n in ("check_Scale", "Scale"))
    check["source"], work["source"] = text_of(work) + '\ngrader.check("Scale")', ""


@broken("a cell turned into text", "no cell of Scale", points=5)
def into_text(notebook):
    cell_of(notebook, "Scale")["cell_type"] = "markdown"


@broken("a function renamed", "defines causal_mask_v2")
def renamed(notebook):
    cell_of(notebook, "causal_mask")["source"] = RENAMED


@broken("a helper in a cell of its own")
def helper(notebook):
    notebook["cells"].insert(2, code_cell("def infinity():\n    return jnp.inf\n", "mine"))
    cell = cell_of(notebook, "causal_mask")
    cell["source"] = text_of(cell).replace("-jnp.inf", "-infinity()")


@broken("a helper further down", "only further down")
def late_helper(notebook):
    notebook["cells"].append(code_cell("def infinity():\n    return jnp.inf\n", "mine"))
    cell = cell_of(notebook, "causal_mask")
    cell["source"] = text_of(cell).replace("-jnp.inf", "-infinity()")


@broken("a release of last year", "'imports' was changed")
def old_release(notebook):
    cell = cell_of(notebook, "imports")
    cell["source"] = "import jax.numpy as jnp\nimport helpers\n"
    for name in ("check_causal_mask", "check_causal_weights"):
        cell_of(notebook, name)["source"] = f'grader.check_question("{name}")'
    notebook["cells"].append(code_cell("def retired_exercise(x):\n    raise NotImplementedError\n", "retired"))  # fmt: skip


# ---------------------------------------------------------------- what students write


@broken("installs and shell lines", "aren't run while grading")
def installs(notebook):
    cell = cell_of(notebook, "causal_mask")
    cell["source"] = "!pip install -q einops\n%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n!nvidia-smi\n" + text_of(cell)  # fmt: skip


@broken("Colab's own modules")
def colab_modules(notebook):
    notebook["cells"].insert(1, code_cell("from google.colab import drive\ndrive.mount('/content/drive')", "mount"))  # fmt: skip


@broken("code that warns")
def warns(notebook):
    cell = cell_of(notebook, "causal_mask")
    cell["source"] = "import warnings, sys\nwarnings.warn('careful', FutureWarning)\nprint('note', file=sys.stderr)\n" + text_of(cell)  # fmt: skip


@broken("code that prints much")
def prints(notebook):
    cell = cell_of(notebook, "causal_mask")
    cell["source"] = text_of(cell).replace(
        "    future", "    print('scores', [scores] * 20)\n    future"
    )


@broken("pictures in every cell")
def pictures(notebook):
    cell = cell_of(notebook, "causal_mask")
    cell["source"] = text_of(cell) + "\nimport matplotlib.pyplot as plt\nplt.imshow(causal_mask(jnp.zeros((3, 3))))\nplt.show()\n"  # fmt: skip


@broken("an own experiment that fails")
def failing_cell(notebook):
    notebook["cells"].insert(4, code_cell("causal_mask(jnp.zeros(3)) + undefined_name", "mine"))


@broken("huge outputs")
def outputs(notebook):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["x" * 1_000_000]}]  # fmt: skip


@broken("NumPy instead of JAX")
def numpy_instead(notebook):
    cell_of(notebook, "causal_mask")["source"] = """import numpy as np
def causal_mask(scores):
    scores = np.array(scores)
    scores[..., np.triu(np.ones(scores.shape[-2:], bool), k=1)] = -np.inf
    return scores
"""


@broken("tabs and trailing blanks")
def tabs(notebook):
    for name in ("causal_mask", "Scale"):
        cell = cell_of(notebook, name)
        cell["source"] = text_of(cell).replace("    ", "\t").replace("\n", "  \n")


@broken("annotations that don't exist", points=4)
def annotations(notebook):
    cell = cell_of(notebook, "causal_mask")
    cell["source"] = text_of(cell).replace("(scores)", "(scores: Tensor)", 1)


@broken("a syntax error", points=4)
def syntax_error(notebook):
    cell = cell_of(notebook, "causal_mask")
    cell["source"] = text_of(cell) + "\nreturn ("
