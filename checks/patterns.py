"""How the work of a regular expression grows: every pattern of our code, and a count of its steps.

Python's `re` goes back where a match fails, and begins anew at the next letter. So a pattern may
take the square of what a text is long, or more, and nothing interrupts it. Here a pattern's parse
tree is walked as `re` walks it, on texts that are made from the pattern itself, and steps are
counted: no clock is asked.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]

ANYWHERE = {"search", "findall", "finditer", "sub", "subn", "split"}
AT_THE_START = {"match", "fullmatch"}
SAMPLES = "a0A_ \n\t-./()=#*`~<>[]\"'\\:;,%!{}\x1bé\x9b"
SHORT, MOST = 32, 3.0  # repetitions of the shorter text; how many times the steps of twice as many
PIECES = 10  # of a pattern that are repeated in pairs
TOO_MANY = 100_000  # steps


@dataclass(frozen=True)
class Pattern:
    """A regular expression in our code; `text` is None where it isn't written out there."""

    file: str
    text: str | None
    flags: int
    calls: frozenset[str]  # how it is used

    def __str__(self) -> str:
        return f"{self.file}: {self.text}"


def patterns(root: Path, folders: Iterable[str]) -> Iterator[Pattern]:
    """Every pattern that the modules in these folders hold, without the tests."""
    files = [p for folder in folders for p in sorted((root / folder).rglob("*.py"))]
    trees = {p: ast.parse(p.read_text()) for p in files if not _is_test(p)}
    used: dict[str, set[str]] = {}  # how each NAME = re.compile(…) is used, anywhere
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                used.setdefault(node.value.id, set()).add(node.attr)
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _function(node.func):
                yield _pattern(str(path.relative_to(root)), node, tree, used)


def _is_test(path):
    return path.name.endswith("_test.py") or path.name == "conftest.py"


def _function(node):
    """The function of `re` that this is; "" for anything else."""
    known = {"compile"} | ANYWHERE | AT_THE_START
    is_re = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    return node.attr if is_re and node.value.id == "re" and node.attr in known else ""


def _pattern(file, call, tree, used):
    flags = 0
    for each in ast.walk(call):
        if isinstance(each, ast.Attribute) and each.attr.isupper():
            flags |= int(getattr(re, each.attr, 0))
    calls = {_function(call.func)}
    if calls == {"compile"}:
        names = [t.id for a in ast.walk(tree) if isinstance(a, ast.Assign) and a.value is call for t in a.targets]  # fmt: skip
        calls = set().union(*(used.get(name, ()) for name in names)) & (ANYWHERE | AT_THE_START)
    return Pattern(file, _text(call.args[0]), flags, frozenset(calls))


def _text(node):
    """A literal pattern; what is filled into one is taken for a 1, which is a number and a letter."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(v.value if isinstance(v, ast.Constant) else "1" for v in node.values)
    return None


# ---------------------------------------------------------------- steps


def worst_growth(pattern: Pattern) -> tuple[float, str]:
    """How many times the steps grow where a text doubles, at most, and on which text."""
    tree = _parser.parse(pattern.text, pattern.flags)
    flags = tree.state.flags
    starts = bool(pattern.calls & ANYWHERE) or not pattern.calls
    found = (1.0, "")
    whole = "fullmatch" in pattern.calls
    for before, pumped, after in texts(list(tree)):
        few, many = (
            _Walk(before + pumped * n + after, flags).steps(list(tree), starts, whole)
            for n in (SHORT, 2 * SHORT)
        )
        growth = many / few if many < TOO_MANY else float("inf")
        found = max(found, (growth, repr((before, pumped, after))))
        if found[0] >= MOST:
            break
    return found


def texts(tree: list) -> Iterator[tuple[str, str, str]]:
    """What a text may begin with, repeat and end with so that a pattern has much to do."""
    pieces = list(dict.fromkeys(p for p in _pieces(tree) if p))
    few = pieces[:PIECES]
    begins = dict.fromkeys(["", *_beginnings(tree)])
    for pumped in [*pieces[: 3 * PIECES], *(a + b for a in few for b in few if a != b)]:
        for before in begins if pumped in pieces else [""]:
            yield before, pumped, "\0"


def _pieces(items) -> Iterator[str]:
    """Examples of each part of a pattern, of its beginnings, and of several letters of a set."""
    yield from (_example(items[: n + 1]) for n in range(len(items)) if items[n][0] is ops.LITERAL)
    for op, value in items:
        yield from _samples(op, value)
        for inner in _inside(op, value):
            yield _example(inner)
            yield from _pieces(inner)


def _beginnings(items, said=""):
    """An example of what stands before each repeat."""
    for op, value in items:
        if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
            yield said
        for inner in _inside(op, value):
            yield from _beginnings(inner, said)
        said += _example([(op, value)])


def _inside(op, value) -> list[list]:
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
        return [list(value[2])]
    if op is ops.BRANCH:
        return [list(branch) for branch in value[1]]
    if op is ops.SUBPATTERN:
        return [list(value[3])]
    if op is ops.ATOMIC_GROUP:
        return [list(value)]
    return [list(value[1])] if op in (ops.ASSERT, ops.ASSERT_NOT) else []


def _samples(op, value):
    accepts = _set(op, value, 0)
    return [c for c in SAMPLES if accepts(c)][:3] if accepts else []


def _example(items) -> str:
    """A text that a sequence matches, with each repeat once."""
    said = ""
    for op, value in items:
        if op is ops.LITERAL:
            said += chr(value)
        elif samples := _samples(op, value):
            said += samples[0]
        elif op not in (ops.ASSERT, ops.ASSERT_NOT, ops.AT):
            said += next((_example(inner) for inner in _inside(op, value)), "")
    return said


def _set(op, value, flags) -> Callable[[str], bool] | None:
    """Whether a letter is one of a node's; None for a node that isn't a letter."""
    if op is ops.LITERAL:
        return lambda c: ord(c) == value
    if op is ops.NOT_LITERAL:
        return lambda c: ord(c) != value
    if op is ops.ANY:
        return lambda c: c != "\n" or bool(flags & re.DOTALL)
    if op is not ops.IN:
        return None
    negated = value[0][0] is ops.NEGATE
    return lambda c: negated != any(_is_in(c, *each) for each in value)


def _is_in(c, op, value):
    if op is ops.LITERAL:
        return ord(c) == value
    if op is ops.RANGE:
        return value[0] <= ord(c) <= value[1]
    if op is ops.CATEGORY:
        name = str(value).lower().removeprefix("category_")
        known = {"digit": c.isdigit(), "space": c.isspace(), "word": c.isalnum() or c == "_"}
        return not known[name[4:]] if name.startswith("not_") else known[name]
    return False


class _Walk:
    """One text, and how many steps a pattern takes in it."""

    def __init__(self, text, flags):
        self.text, self.flags, self.count = text, flags, 0

    def steps(self, tree, anywhere, whole) -> int:
        at, end = 0, len(self.text)
        while at <= end:
            ends = self._walk(tree, at)
            found = next((e for e in ends if not whole or e == end), None)
            if not anywhere:
                break
            at = max(found or 0, at + 1)
        return self.count

    def _walk(self, items, at) -> Iterator[int]:
        """Where a sequence may end that begins here, in the order in which `re` tries."""
        self.count += 1
        if not items:
            yield at
        if not items or self.count > TOO_MANY:
            return
        (op, value), rest = items[0], items[1:]
        for end in self._node(op, value, at):
            yield from self._walk(rest, end)

    def _node(self, op, value, at):
        if accepts := _set(op, value, self.flags):
            if at < len(self.text) and accepts(self.text[at]):
                yield at + 1
        elif op is ops.AT:
            yield from [at] if self._is_at(value, at) else []
        elif op in (ops.ASSERT, ops.ASSERT_NOT):
            yield from [at] if self._looks(value, at) == (op is ops.ASSERT) else []
        elif op is ops.BRANCH:
            for branch in value[1]:
                yield from self._walk(list(branch), at)
        elif op is ops.SUBPATTERN:
            yield from self._walk(list(value[3]), at)
        elif op is ops.ATOMIC_GROUP:
            yield from [e for e in [next(self._walk(list(value), at), None)] if e is not None]
        elif op is ops.POSSESSIVE_REPEAT:
            ends = self._repeat(*value, at, greedy=True)
            yield from [e for e in [next(ends, None)] if e is not None]
        elif op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            yield from self._repeat(*value, at, greedy=op is ops.MAX_REPEAT)
        else:
            raise NotImplementedError(op)

    def _repeat(self, least, most, body, at, greedy):
        """Where so many of a body may end; a body of one letter without recursion."""
        body = list(body)
        accepts = _set(*body[0], self.flags) if len(body) == 1 else None
        if accepts is None:
            yield from self._repeat_group(least, most, body, at, greedy)
            return
        end = at
        while end - at < most and end < len(self.text) and accepts(self.text[end]):
            end += 1
            self.count += 1
        ends = range(at + least, end + 1)
        for each in reversed(ends) if greedy else ends:
            self.count += 1
            yield each

    def _repeat_group(self, least, most, body, at, greedy):
        if least <= 0 and not greedy:
            yield at
        if most > 0:
            for end in self._walk(body, at):
                if end > at:
                    yield from self._repeat_group(least - 1, most - 1, body, end, greedy)
        if least <= 0 and greedy:
            yield at

    def _is_at(self, what, at):
        before, after = self.text[at - 1 : at], self.text[at : at + 1]
        name = str(what).lower()
        if "boundary" in name:
            is_word = [bool(c) and (c.isalnum() or c == "_") for c in (before, after)]
            return (is_word[0] != is_word[1]) != ("non" in name)
        lines = bool(self.flags & re.MULTILINE) and "string" not in name
        edge = before if "beginning" in name else after
        last = "end" in name and at == len(self.text) - 1 and edge == "\n"
        return not edge or last or (lines and edge == "\n")

    def _looks(self, value, at):
        direction, body = value[0], list(value[1])
        if direction > 0:
            return next(self._walk(body, at), None) is not None
        least, most = value[1].getwidth()
        return any(at - n >= 0 and at in self._walk(body, at - n) for n in range(least, most + 1))
