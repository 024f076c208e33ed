"""The attacks of collection/ as submissions of the small course in testing/mini.

An attack's code stands in the cell of a wrong `causal_mask` (`cell`), or is the first thing that this
function does when a test case calls it (`call`); it may bring its own text for other cells.
"""

import copy
import json
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.status import Status

FOLDER = Path(__file__).parent / "collection"
FAMILIES = ("read", "forge", "persist", "exhaust", "escape", "pages")
VICTIM = "causal_mask"
WRONG = {
    VICTIM: "def causal_mask(scores):\n{call}    return scores + 1\n",
    "causal_weights": "def causal_weights(scores):\n    return scores\n",
    "Scale": "class Scale(hk.Module):\n    def __call__(self, x):\n        return x\n",
}
OTHERS_WORK = "a line that only another student wrote: 5b1f0c"


@dataclass(frozen=True)
class Attack:
    """One hostile submission and what must come of it.

    `points` are those of the honest rest: all that isn't wrong or attacked.
    """

    family: str
    name: str
    tries: str
    cells: dict[str, str] = field(default_factory=dict)
    status: str = Status.GRADED
    fault: tuple[str, ...] = ()  # how the attacked exercise may end; empty: anything but right
    points: float = 0.0
    student: str = ""  # the file's name without ending
    suffix: str = ".ipynb"
    make: Callable[[bytes], bytes] | None = None  # the file from the notebook
    metadata: dict = field(default_factory=dict)
    reason: str = ""  # a part of what the row says
    words: str = ""  # a text cell of the student's own

    def data(self, solution: dict) -> bytes:
        """The file that is handed in, made from the solution notebook."""
        notebook = copy.deepcopy(solution)
        for cell in notebook["cells"]:
            cell["source"] = self.cells.get(cell["id"], cell["source"])
            if self.metadata and cell["id"] == VICTIM:
                cell["metadata"] = self.metadata
        if self.words:
            own = {"cell_type": "markdown", "id": "words", "metadata": {}, "source": self.words}
            notebook["cells"].append(own)
        whole = json.dumps(notebook).encode()
        return self.make(whole) if self.make else whole


def attacks(needles: list[bytes], cases: list[bytes], outside: list[str]) -> list[Attack]:
    """Every attack; look() searches for `needles` and `cases`; `outside` are folders to write to."""
    from checks.attacks import files, page_files  # noqa: F401 (its attacks come to those of files)

    backwards = [needle[::-1] for needle in (*needles, *cases)]
    numbers = list(range(len(needles), len(backwards)))
    tools = TOOLS.format(needles=backwards, cases=numbers, outside=outside)
    found = [attack for family in FAMILIES for attack in _read(family, tools)]
    return [*found, *files.ATTACKS]


def _read(family, tools) -> Iterator[Attack]:
    whole = tomllib.loads((FOLDER / f"{family}.toml").read_text(encoding="utf-8"))
    for entry in whole["attack"]:
        cells = {k: entry.pop(k) for k in ("imports", "causal_weights", "Scale") if k in entry}
        own = f"{entry.pop('cell', '').strip()}\n"
        call = textwrap.indent(entry.pop("call", "").strip(), "    ")
        wrong = dict(WRONG) if family == "forge" else {VICTIM: WRONG[VICTIM]}
        wrong[VICTIM] = f"{tools}{own}_early = False\n" + wrong[VICTIM].replace(
            "{call}", f"{call}\n" if call else ""
        )
        fault = entry.pop("fault", ())
        entry["fault"] = (fault,) if isinstance(fault, str) else tuple(fault)
        wronged = wrong.keys() | cells.keys() - {"imports"}
        points = sum(p for name, p in POINTS.items() if name not in wronged)
        yield Attack(family, cells=wrong | cells, points=entry.pop("points", points), **entry)


POINTS = {"causal_mask": 2.0, "causal_weights": 3.0, "Scale": 1.0}

# What every attack has to hand. The words searched for stand here backwards, and the memory scan
# knows them only as numbers a little too large, so that no search finds itself.
TOOLS = """
_needles, _cases, _early, OUTSIDE = {needles}, {cases}, True, {outside}
def look(*things):
    for thing in things:
        data = thing if isinstance(thing, bytes) else getattr(thing, 'tobytes', lambda: None)()
        if data is None:
            data = str(thing).encode('utf-8', 'replace')
        backwards = data[::-1]
        for number, needle in enumerate(_needles):
            if needle in backwards and (_early or number not in _cases):
                print('FOUND', number, flush=True)

def scan_memory():
    import ctypes
    import numpy as np
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # may be dumped, so may open its own memory
    wanted = [[int(x) + 1 for x in np.frombuffer(n[::-1][:32], np.uint32)] for n in _needles[:4]]
    with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb', 0) as memory:
        for line in maps.read().splitlines():
            first, last = (int(x, 16) for x in line.split()[0].split('-'))
            if 'rw' not in line or last - first > 1 << 28 or '[v' in line:
                continue
            try:
                memory.seek(first)
                words = np.frombuffer(memory.read(last - first), np.uint32)
            except (OSError, ValueError):
                continue
            for number, pieces in enumerate(wanted):
                hits = np.flatnonzero(words[:-8] + np.uint32(1) == np.uint32(pieces[0]))
                for place in hits:
                    if [int(x) + 1 for x in words[place : place + 8]] == pieces:
                        print('FOUND', number, flush=True)
"""
