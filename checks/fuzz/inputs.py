"""Inputs for each target: well-formed ones, and what is left of them after some damage."""

import base64
import io
import json
import struct
import warnings
import zipfile

import numpy as np
from hypothesis import strategies as st
from safetensors.numpy import save

from checks.fuzz import targets
from checks.fuzz.damage import damaged, json_values, numbers, texts
from checks.fuzz.stored_inputs import STORED_INPUTS

DTYPES = ("float32", "float64", "int32", "int64", "uint8", "bool", "float16")
SHAPES = ((), (0,), (1,), (2,), (3, 4), (2, 0, 3), (1, 1, 2), (5, 7))


# ---------------------------------------------------------------- replies


def trees(arrays: int) -> st.SearchStrategy:
    """What encode() makes, with arrays by number, some of which aren't there."""
    leaves = st.one_of(
        st.builds(lambda n: {"number": n}, numbers),
        st.builds(lambda n: {"array": n}, st.integers(0, arrays)),
        st.builds(lambda n: {"array": n, "complex": True}, st.integers(0, arrays)),
        st.builds(lambda t: {"text": t}, texts),
        st.builds(lambda t: {"other": t}, texts),
        st.just({"none": True}),
    )
    return st.recursive(
        leaves,
        lambda inner: (
            st.builds(lambda v: {"list": v}, st.lists(inner, max_size=4))
            | st.builds(lambda v: {"dict": v}, st.lists(st.tuples(texts, inner), max_size=4))
        ),
        max_leaves=12,
    )


@st.composite
def _array(draw):
    dtype, shape = draw(st.sampled_from(DTYPES)), draw(st.sampled_from(SHAPES))
    fill = draw(st.sampled_from([0, 1, np.nan, np.inf, -3.5, 1e30]))
    with np.errstate(all="ignore"):
        return np.full(shape, fill).astype(dtype)


def _references() -> list[tuple[list, list]]:
    """(trees, arrays) of right answers: what is nearest to a wrong one that passes."""
    found = []
    for name, exercise in targets.key().exercises.items():
        for case, facts in exercise["cases"].items():
            seen, arrays, trees_ = targets.key().observed(name, case), [], []
            for entry, one in zip(facts["expects"], seen):
                leaves = sum(key.startswith(f"{name}/{case}/{len(trees_)}/") for key in targets.key().tensors)  # fmt: skip
                trees_.append(_moved(entry["tree"], len(arrays)))
                arrays += [one.arrays[i] for i in range(leaves)]
            found.append((trees_, arrays))
    return found


def _moved(tree, by):
    if "array" in tree:
        return tree | {"array": tree["array"] + by}
    if "list" in tree:
        return {"list": [_moved(v, by) for v in tree["list"]]}
    if "dict" in tree:
        return {"dict": [[k, _moved(v, by)] for k, v in tree["dict"]]}
    return tree


def _frame(header, arrays) -> bytes:
    head = json.dumps(header).encode()
    body = save({str(i): a for i, a in enumerate(arrays)}) if arrays else b""
    return struct.pack("<II", len(head), len(body)) + head + body


@st.composite
def _reply(draw):
    trees_, arrays = draw(st.sampled_from(_references()) | st.just(([], [])))
    if not trees_ or draw(st.booleans()):
        arrays = draw(st.lists(_array(), max_size=3))
        trees_ = draw(st.lists(trees(len(arrays)), max_size=3))
    words = st.text(max_size=20)
    failure = st.none() | st.fixed_dictionaries({}, optional={"type": words, "message": words, "line": words})  # fmt: skip
    return _frame({"step": targets.STEP, "failure": draw(failure), "observations": trees_}, arrays)


@st.composite
def replies(draw) -> bytes:
    """Frames: whole, damaged, and damaged with lengths that fit again."""
    data = draw(damaged(_reply()))
    if draw(st.booleans()) and len(data) > 8:
        head = draw(st.integers(0, len(data) - 8))
        end = data.find(b"]}", 8) + 2
        head = end - 8 if end > 8 and draw(st.booleans()) else head
        data = struct.pack("<II", head, len(data) - 8 - head) + data[8:]
    return data


# ---------------------------------------------------------------- notebooks


def _solution() -> dict:
    path = targets.course().solutions(targets.PRACTICAL) / f"{targets.PRACTICAL}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))


sources = st.one_of(
    st.sampled_from(
        [
            "def causal_mask(scores):\n    raise NotImplementedError\n",
            "def causal_mask(scores):\n    return my_helper(scores)\n",
            "def my_helper(x):\n    return x\n",
            "class Scale:\n    pass\n",
            "causal_weights = lambda s: s\n",
            "!pip install x\n%%bash\n",
            "grader.check('causal_mask')",
            "",
        ]
    ),
    st.text(max_size=40),
    st.lists(st.text(max_size=20) | json_values, max_size=3),
    json_values,
)


@st.composite
def _notebook(draw):
    whole = _solution()
    cells = whole["cells"]
    for _ in range(draw(st.integers(0, 5))):
        place = draw(st.integers(0, max(len(cells) - 1, 0)))
        change = draw(st.sampled_from(["source", "drop", "double", "move", "key", "new"]))
        if change == "new" or not cells:
            cells.insert(place, draw(json_values | st.fixed_dictionaries({"cell_type": st.just("code"), "source": sources})))  # fmt: skip
        elif not isinstance(cells[place], dict) or change == "drop":
            del cells[place]
        elif change == "source":
            cells[place] = cells[place] | {"source": draw(sources)}
        elif change == "double":
            cells.insert(place, dict(cells[place]))
        elif change == "move":
            cells.insert(draw(st.integers(0, len(cells))), cells.pop(place))
        else:
            name = draw(st.sampled_from(["id", "metadata", "cell_type", "input", "outputs"]))
            cells[place] = cells[place] | {name: draw(json_values)}
    if draw(st.booleans()):
        name = draw(st.sampled_from(["cells", "metadata", "nbformat", "worksheets"]))
        whole[name] = draw(json_values)
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"]))
    return json.dumps(whole).encode(encoding)


def notebooks() -> st.SearchStrategy[bytes]:
    """Notebooks of odd cells, whole and damaged."""
    return st.one_of(_notebook(), damaged(_notebook()), st.binary(max_size=60))


# ---------------------------------------------------------------- archives


@st.composite
def _archive(draw):
    names = st.sampled_from(["a.ipynb", "b/c.ipynb", "../x.ipynb", "/y.ipynb", "01_mini.ipynb", "__MACOSX/a.ipynb", "x.txt", "\ud7ff.ipynb"]) | st.text(max_size=8)  # fmt: skip
    content = st.binary(max_size=30) | st.just(b"01_mini") | st.just(bytes(5000))
    methods = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
    buffer, method = io.BytesIO(), draw(st.sampled_from(methods))
    warned = warnings.catch_warnings(action="ignore")  # of two members of one name
    with warned, zipfile.ZipFile(buffer, "w", method) as file:
        for name in draw(st.lists(names, max_size=5, unique=True)):
            file.writestr(zipfile.ZipInfo(name or "_"), draw(content))
        file.comment = draw(st.binary(max_size=10))
    return buffer.getvalue()


def archives() -> st.SearchStrategy[bytes]:
    """Zips, whole and damaged."""
    return st.one_of(_archive(), damaged(_archive()), st.binary(max_size=60))


# ---------------------------------------------------------------- words

PIECES = [*"[]()<>!:&;\\`~*_$\n\t \"'=#|-", "\x00", "\u202e", "&#33;", "&lt;", "&amp;", "&#x5b;", "&colon;"]  # fmt: skip
PIECES += ["javascript:x", "https://evil.example/p.png", "data:text/html,x", "a", "img src=x"]
PIECES += [
    "![",
    "](",
    "]:",
    "\n\n",
    "\n[x]",
    "```",
    "mermaid",
    "attachment:p",
    "<attachment:q q.png>",
]
PIECES += [
    "\\href{javascript:x}{y}",
    "<a href=",
    "![p](attachment:p)",
    "\n---\n",
    "\n# ",
    "| a |\n| - |\n",
]
DOT = (  # a PNG of one pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC"
)


def cells() -> st.SearchStrategy[bytes]:
    """Markdown of pieces that act, and a picture, whole or damaged, after two NULs."""
    text = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map("".join)
    pasted = st.sampled_from([DOT, ""]) | damaged(st.just(DOT.encode())).map(
        lambda data: data.decode("latin-1")
    )
    pasted |= damaged(st.just(base64.b64decode(DOT))).map(
        lambda data: base64.b64encode(data).decode()
    )
    whole = st.builds(lambda a, b: f"{a}\0\0{b}".encode("utf-8", "replace"), text, pasted)
    return whole | st.binary(max_size=60)


INPUTS = {
    "reply": replies,
    "notebook": notebooks,
    "archive": archives,
    "words": cells,
    **STORED_INPUTS,
}
