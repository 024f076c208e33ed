"""Answers that nobody listed: known ones, rewritten so that they still compute the same.

No cache and no answer key has these programs. Only what keeps the value for certain is changed:
operands change places where at most one of them may have effects, sums where one side is plainly a
number or an array (text and lists don't commute).
"""

import ast
import json
import random
from collections.abc import Collection, Iterator

from autograder.grading.plan import is_blank

LIBRARIES = frozenset("jnp np jax math abs float int len max min range slice sum tuple".split())
METHODS = frozenset("astype max mean min reshape sum swapaxes transpose".split())  # without effects
REDUCTIONS = frozenset("max mean min prod sum".split())
FLOATS = frozenset("cos exp log log_softmax mean sigmoid sin softmax sqrt tanh".split())
MIRRORED = {ast.Gt: ast.Lt, ast.Lt: ast.Gt, ast.GtE: ast.LtE, ast.LtE: ast.GtE}
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.ListComp)
SCOPES += (ast.SetComp, ast.DictComp, ast.GeneratorExp)
SETS = (ast.Set, ast.SetComp)


def rewrite_submission(data: bytes, exercises: Collection[str], seed: str) -> bytes:
    """A notebook with the filled-in cells of these exercises rewritten; the same seed, the same bytes."""
    notebook = json.loads(data)
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["id"] in exercises and not is_blank(source):
            cell["source"] = rewrite(source, f"{seed} {cell['id']}")
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def rewrite(source: str, seed: str) -> str:
    """The source of functions and classes, otherwise written; the same where nothing can be changed."""
    rng = random.Random(f"{seed} {source}")
    tree = ast.parse(source)
    before = ast.dump(tree)
    operations = _Operations(rng, 0.5)
    operations.visit(tree)
    if not operations.changed:
        _Operations(rng, 1.0).visit(tree)
    tree = ast.parse(ast.unparse(tree))  # what was made has no contexts yet
    for function in _outermost(tree):
        _exchange_statements(function, rng)
        _rename_locals(function, rng)
    _Returns(rng, 0.5).visit(tree)
    if ast.dump(tree) == before:
        _Returns(rng, 1.0).visit(tree)
    return ast.unparse(ast.fix_missing_locations(tree))


# ---------------------------------------------------------------- operations


class _InBodies(ast.NodeTransformer):
    """Changes what functions do; not their signatures, annotations and texts."""

    def __init__(self, rng: random.Random, chance: float):
        self._rng, self._chance, self.changed = rng, chance, 0

    def _wanted(self):
        wanted = self._rng.random() < self._chance
        self.changed += wanted
        return wanted

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        body = []
        for statement in node.body:
            made = self.visit(statement)
            body += made if isinstance(made, list) else [made]
        node.body = body
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.value = node.value and self.visit(node.value)
        return node


class _Operations(_InBodies):
    """`b * a` for `a * b`, `x.sum()` for `jnp.sum(x)`, and so on."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        left, right = node.left, node.right
        if isinstance(node.op, ast.Pow) and _is_two(right) and isinstance(left, ast.Name):
            return ast.BinOp(left, ast.Mult(), left) if self._wanted() else node
        if isinstance(node.op, ast.Div) and not _has(node, ast.Constant, str):
            zero = ast.Constant(0.0)
            return ast.BinOp(node, ast.Add(), zero) if self._wanted() else node
        if not (_is_pure(left) or _is_pure(right)):
            return node
        sum_of_numbers = isinstance(node.op, ast.Add) and (_is_number(left) or _is_number(right))
        if sum_of_numbers or isinstance(node.op, ast.Mult):
            return ast.BinOp(right, node.op, left) if self._wanted() else node
        if isinstance(node.op, ast.Sub) and not any(isinstance(n, SETS) for n in ast.walk(node)):
            mirrored = ast.UnaryOp(ast.USub(), ast.BinOp(right, ast.Sub(), left))
            return mirrored if self._wanted() else node
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        mirrored = MIRRORED.get(type(node.ops[0]))
        operands = node.left, node.comparators[0]
        if len(node.ops) > 1 or mirrored is None or not any(map(_is_pure, operands)):
            return node
        if not self._wanted():
            return node
        return ast.Compare(operands[1], [mirrored()], [operands[0]])

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        called = node.func
        if _root(called) not in ("jnp", "jax") or not isinstance(called, ast.Attribute):
            return node
        if called.attr in REDUCTIONS and node.args and not isinstance(node.args[0], ast.Starred):
            if not self._wanted():
                return node
            array = ast.Call(ast.Attribute(ast.Name("jnp"), "asarray"), node.args[:1], [])
            return ast.Call(ast.Attribute(array, called.attr), node.args[1:], node.keywords)
        if called.attr in FLOATS and self._wanted():
            return ast.BinOp(node, ast.Add(), ast.Constant(0.0))
        return node


def _is_two(node):
    return isinstance(node, ast.Constant) and node.value == 2 and type(node.value) is int


def _has(tree, kind, of):
    return any(isinstance(n, kind) and isinstance(n.value, of) for n in ast.walk(tree))


def _is_number(node) -> bool:
    """Whether this is plainly a number or an array."""
    if isinstance(node, ast.Constant):
        return type(node.value) in (int, float)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub)
    if isinstance(node, ast.BinOp):
        plain = isinstance(node.op, ast.Div | ast.Pow | ast.MatMult)
        return plain or (_is_number(node.left) and _is_number(node.right))
    return isinstance(node, ast.Call) and _root(node.func) == "jnp"


def _root(node) -> str:
    """`jax` of `jax.nn.relu`; "" where it begins with something else than a name."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_pure(tree) -> bool:
    """Whether it calls nothing but functions that have no effects."""
    return all(_is_pure_call(node) for node in ast.walk(tree) if isinstance(node, ast.Call))


def _is_pure_call(call):
    called = call.func
    if _root(called) in LIBRARIES:
        return not ast.unparse(called).startswith("np.random")
    return isinstance(called, ast.Attribute) and called.attr in METHODS


# ---------------------------------------------------------------- statements and names


class _Returns(_InBodies):
    """`result = x; return result` for `return x`, or a helper that is called at once."""

    def visit_Return(self, node: ast.Return) -> ast.AST | list[ast.AST]:
        if node.value is None or not self._wanted():
            return node
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        name = _new_name("result", names)
        value: ast.expr = node.value
        again: ast.expr = ast.Name(name)
        unfit = (ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await)
        fit = not ("super" in names or any(isinstance(n, unfit) for n in ast.walk(value)))
        if fit and self._rng.random() < 0.5:
            nothing = ast.arguments([], [], None, [], [], None, [])
            value, again = ast.Lambda(nothing, value), ast.Call(again, [], [])
        return [ast.Assign([ast.Name(name, ast.Store())], value), ast.Return(again)]

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return node


def _outermost(tree) -> Iterator[FUNCTION]:
    """Functions and methods that no other function holds."""
    for node in tree.body:
        if isinstance(node, FUNCTION):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _outermost(node)


def _exchange_statements(function, rng):
    """Neighbouring assignments that don't know of each other change places."""
    for node in [n for n in ast.walk(function) if isinstance(getattr(n, "body", None), list)]:
        for i in range(len(node.body) - 1):
            first, second = node.body[i : i + 2]
            if _are_independent(first, second) and rng.random() < 0.5:
                node.body[i : i + 2] = [second, first]


def _are_independent(first, second):
    if not (_sets_names(first) and _sets_names(second)):
        return False
    sets = [_names(s, ast.Store) for s in (first, second)]
    reads = [_names(s, ast.Load) for s in (first, second)]
    return not (sets[0] & (sets[1] | reads[1]) or sets[1] & reads[0])


def _sets_names(statement):
    """Whether it is an assignment without any other effect."""
    if not (isinstance(statement, ast.Assign) and _is_pure(statement)):
        return False
    places = (n for target in statement.targets for n in ast.walk(target))
    return not any(isinstance(n, ast.Attribute | ast.Subscript) for n in places)


def _names(tree, context):
    nodes = (n for n in ast.walk(tree) if isinstance(n, ast.Name))
    return {n.id for n in nodes if isinstance(n.ctx, context)}


def _rename_locals(function, rng):
    """Another name for about half of the variables of a function."""
    nodes = list(ast.walk(function))
    if any(isinstance(n, ast.ClassDef | ast.ExceptHandler | ast.match_case) for n in nodes):
        return
    taken = {n.id for n in nodes if isinstance(n, ast.Name)}
    if taken & {"locals", "eval", "exec", "vars"}:
        return
    fixed = {n.arg for n in nodes if isinstance(n, ast.arg)}
    fixed |= {n.name for n in nodes if isinstance(n, FUNCTION)}
    fixed |= {n.asname or n.name for n in nodes if isinstance(n, ast.alias)}
    for node in nodes:
        if isinstance(node, ast.Global | ast.Nonlocal):
            fixed |= set(node.names)
    own = set(_stored_in_own_scope(function)) - fixed - {"_"}
    chosen = {name for name in sorted(own) if rng.random() < 0.5}
    renamed = {name: _new_name(f"my_{name.strip('_')}", taken | fixed) for name in chosen}
    for node in nodes:
        if isinstance(node, ast.Name):
            node.id = renamed.get(node.id, node.id)


def _stored_in_own_scope(function) -> Iterator[str]:
    todo = list(function.body)
    while todo:
        node = todo.pop()
        if isinstance(node, SCOPES):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        todo += ast.iter_child_nodes(node)


def _new_name(wanted, taken):
    while wanted in taken:
        wanted += "_"
    return wanted
