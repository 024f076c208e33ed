"""Edits of a right answer that people make without meaning to, each with a sentence on its place.

They are run when a practical is built; what they give is kept, so that an answer that nobody listed
can still be told where to look. A sentence names a place, never the edit.
"""

import ast
import copy
import hashlib
import itertools
from collections.abc import Iterator, Sequence

from autograder.authoring.altered import EXCHANGED, Edit, altered_inputs

MOST = 48  # edits of one exercise
FEWEST = 12  # of the solution's code
MOST_OF_ACCEPTED = 12  # of those, edits of its accepted variants


def edits(exercise: str, solution: str, accepted: Sequence[str] = ()) -> list[Edit]:
    """The edits of an exercise's solution and of its accepted variants, the same for the same sources.

    Code with a `while` in it isn't edited, as an edit of it may never end; its inputs are altered.
    """
    altered = list(altered_inputs(exercise, solution))
    own = _chosen(_edited(solution), max(FEWEST, MOST - MOST_OF_ACCEPTED - len(altered)))
    others = _chosen([e for source in accepted for e in _edited(source)], MOST_OF_ACCEPTED)
    return list({edit.source: edit for edit in [*altered, *own, *others]}.values())


def _chosen(found, most) -> list[Edit]:
    """So many of them, of every kind of sentence alike, the same ones each time."""
    found = list({edit.source: edit for edit in found}.values())
    if len(found) <= most:
        return found
    turns: dict[str, int] = {}

    def turn(edit):
        turns[edit.sentence] = turns.get(edit.sentence, 0) + 1
        return turns[edit.sentence]

    mixed = sorted(found, key=lambda edit: hashlib.sha256(edit.source.encode()).digest())
    ranked = sorted(((turn(edit), n) for n, edit in enumerate(mixed)))
    kept = {n for _, n in ranked[:most]}
    return [edit for n, edit in enumerate(mixed) if n in kept]


SIGN = "Look at what is added and what is subtracted{0}: is every sign right?"
PRODUCT = "Look at what is multiplied and what is divided{0}, factor by factor."
POWER = "Look at the powers{0}: what is squared, and what isn't?"
ORDER = "What is subtracted from what, or divided by what{0}?"
BORDER = "What happens exactly at the border{0}, where two things are equal?"
LOGIC = "When does the condition hold{0}, and when doesn't it?"
COUNT = "Something is off by one, or an axis is another: where does counting begin, and what comes last?"
CONSTANT = "One constant isn't the one that is asked."
AXIS = "Along which axis does {0} go?"
BRANCH = "Which of the two values is taken when the condition{0} holds?"
RESULTS = "Which results come back, and in which order?"
STEP = "A step is left out{0}: go through the contract line by line."
SETTING = "A call is made with another setting than the contract names: look at `{0}`."

SAID = {  # of a function that is left out, exchanged or called otherwise: what to look at
    "stop_gradient": "the place where the gradient stops",
    "sum": "the sum",
    "mean": "the mean",
    "max": "the largest value",
    "min": "the smallest value",
    "argmax": "the place of the largest value",
    "argmin": "the place of the smallest value",
    "softmax": "the softmax",
    "log_softmax": "the logarithm of the softmax",
    "logsumexp": "the logarithm of the sum of exponentials",
    "cumsum": "the running sum",
    "sqrt": "the square root",
    "exp": "the exponential",
    "log": "the logarithm",
    "abs": "the absolute value",
    "maximum": "the larger one of two",
    "minimum": "the smaller one of two",
    "clip": "the limits",
    "where": "the choice between two values",
    "var": "the variance",
    "std": "the standard deviation",
    "sort": "the order",
    "argsort": "the order",
    "swapaxes": "the order of the axes",
    "transpose": "the order of the axes",
    "reshape": "the new shape",
    "tril": "the triangle",
    "triu": "the triangle",
    "relu": "the activation",
    "gelu": "the activation",
    "round": "the rounding",
    "floor": "the rounding",
    "zeros": "what you begin with",
    "ones": "what you begin with",
    "zeros_like": "what you begin with",
    "ones_like": "what you begin with",
    "astype": "the dtype",
    "split": "the keys",
    "concatenate": "the order in which parts are joined",
    "stack": "the axis along which parts are stacked",
    "uniform": "the draw",
    "square": "the square",
    "grad": "the derivative",
    "vmap": "the axes that are mapped over",
}
LOOK = "Look at {0}: is it there, and does it see what it should?"
INSTEAD = {
    "sum": "mean",
    "mean": "sum",
    "max": "min",
    "min": "max",
    "argmax": "argmin",
    "maximum": "minimum",
    "minimum": "maximum",
    "softmax": "log_softmax",
    "log_softmax": "softmax",
    "std": "var",
    "var": "std",
    "exp": "log",
    "log": "exp",
    "tril": "triu",
    "triu": "tril",
    "zeros": "ones",
    "ones": "zeros",
    "zeros_like": "ones_like",
    "floor": "round",
    "round": "floor",
    "cumsum": "sum",
}
OPERATORS = {
    ast.Add: (ast.Sub, SIGN),
    ast.Sub: (ast.Add, SIGN),
    ast.Mult: (ast.Div, PRODUCT),
    ast.Div: (ast.Mult, PRODUCT),
    ast.Pow: (ast.Mult, POWER),
    ast.FloorDiv: (ast.Mod, PRODUCT),
    ast.BitAnd: (ast.BitOr, LOGIC),
    ast.BitOr: (ast.BitAnd, LOGIC),
}
COMPARISONS = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}


def _edited(source) -> Iterator[Edit]:
    """Every small edit of the function bodies in a cell."""
    tree = ast.parse(source)
    if any(isinstance(n, ast.While) for n in ast.walk(tree)) or "while_loop" in source:
        return
    for number, (node, known) in enumerate(_sites(tree)):
        for change, (new, sentence) in enumerate(_changes(node, known)):
            fresh = copy.deepcopy(tree)
            place, _ = next(itertools.islice(_sites(fresh), number, None))
            new, _ = next(itertools.islice(_changes(place, known), change, None))
            what = f"{ast.unparse(place)[:40]} became {ast.unparse(new)[:40] or 'nothing'}"
            _replace(fresh, place, new)
            changed = ast.unparse(ast.fix_missing_locations(fresh))
            if changed != ast.unparse(tree):
                yield Edit(changed, sentence, what)


def _sites(tree) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    """Each node of the functions' bodies, and the names of the arguments that it lies in."""
    for function in (n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)):
        yield from _inside(function, frozenset())


def _inside(node, known):
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        arguments = node.args
        names = {a.arg for a in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]}
        if isinstance(node, ast.FunctionDef):
            known = known or names - {"self", "name"}
        body = node.body if isinstance(node.body, list) else [node.body]
    elif isinstance(node, ast.ClassDef):
        body = node.body
    else:
        yield node, known
        body = list(ast.iter_child_nodes(node))
    for child in body:
        yield from _inside(child, known)


def _replace(tree, old, new):
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
            elif isinstance(value, list) and any(item is old for item in value):
                value[:] = [new if item is old else item for item in value]


def _changes(node, known) -> Iterator[tuple[ast.AST, str]]:
    """(what takes a node's place, sentence) for each small edit of it."""
    for kind, of in CHANGES.items():
        if isinstance(node, kind):
            yield from of(node, known)


def _where(node, known):
    """The arguments that a node is about, in words."""
    names = [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in known]
    found = list(dict.fromkeys(names))[:2]
    return (
        f", where `{'` meets `'.join(found)}`"
        if len(found) == 2
        else f" around `{found[0]}`"
        if found
        else ""
    )


def _of_binary(node, known):
    kind = type(node.op)
    if kind in OPERATORS:
        other, sentence = OPERATORS[kind]
        yield ast.BinOp(node.left, other(), node.right), sentence.format(_where(node, known))
    if kind in (ast.Sub, ast.Div, ast.MatMult):
        sentence = ORDER if kind is not ast.MatMult else "Which matrix stands on the left{0}?"
        yield ast.BinOp(node.right, node.op, node.left), sentence.format(_where(node, known))
    if kind in (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow):
        sentence = {ast.Pow: POWER, ast.Add: STEP, ast.Sub: STEP}.get(kind, PRODUCT)
        yield node.left, sentence.format(_where(node, known))
        if kind in (ast.Add, ast.Mult):
            yield node.right, sentence.format(_where(node, known))


def _of_unary(node, known):
    if isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
        yield node.operand, SIGN.format(_where(node, known))
    if isinstance(node.op, ast.Not | ast.Invert):
        yield node.operand, LOGIC.format(_where(node, known))


def _of_comparison(node, known):
    if len(node.ops) == 1:
        for n, other in enumerate(COMPARISONS.get(type(node.ops[0]), ())):
            sentence = (
                BORDER if n == 0 and not isinstance(node.ops[0], ast.Eq | ast.NotEq) else LOGIC
            )
            yield (
                ast.Compare(node.left, [other()], node.comparators),
                sentence.format(_where(node, known)),
            )


def _of_constant(node, known):
    value = node.value
    if type(value) is int:
        yield ast.Constant(value + 1), COUNT
        yield ast.Constant(value - 1), COUNT
    elif type(value) is float and value:
        yield ast.Constant(value * 10), CONSTANT
        yield ast.Constant(value / 2), CONSTANT
    elif type(value) is bool:
        yield ast.Constant(not value), CONSTANT


def _of_call(node, known):
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    sentence = LOOK.format(SAID[name]) if name in SAID else STEP.format(_where(node, known))
    if node.args:
        yield node.args[0], sentence
    elif isinstance(function, ast.Attribute):
        yield function.value, sentence
    if name in INSTEAD:
        new = copy.deepcopy(function)
        if isinstance(new, ast.Attribute):
            new.attr = INSTEAD[name]
            yield ast.Call(new, node.args, node.keywords), LOOK.format(SAID[name])
    if name == "where" and len(node.args) == 3:
        condition, one, other = node.args
        said = BRANCH.format(_where(condition, known))
        yield ast.Call(function, [condition, other, one], node.keywords), said
    for n, keyword in enumerate(node.keywords):
        if keyword.arg and keyword.arg != "name":
            said = SETTING.format(keyword.arg)
            if keyword.arg in ("axis", "keepdims"):
                said = AXIS.format(SAID.get(name, f"`{name}`"))
            yield ast.Call(function, node.args, node.keywords[:n] + node.keywords[n + 1 :]), said
            if keyword.arg == "axis":
                for other in (0, -1, 1):
                    axis = ast.keyword("axis", ast.parse(str(other), mode="eval").body)
                    kept = [*node.keywords[:n], axis, *node.keywords[n + 1 :]]
                    yield ast.Call(function, node.args, kept), said


def _of_statement(node, known):
    yield ast.Pass(), STEP.format(_where(node, known))


def _of_return(node, known):
    if isinstance(node.value, ast.Tuple) and len(node.value.elts) > 1:
        items = node.value.elts
        yield ast.Return(ast.Tuple(items[::-1], ast.Load())), RESULTS


def _of_name(node, known):
    if node.id in known and isinstance(node.ctx, ast.Load):
        for other in sorted(known - {node.id}):
            yield ast.Name(other, ast.Load()), EXCHANGED.format(*sorted((node.id, other)))


def _of_slice(node, known):
    if node.step is not None:
        yield ast.Slice(node.lower, node.upper, None), COUNT
    for lower, upper in ((None, node.upper), (node.lower, None)):
        if (lower, upper) != (node.lower, node.upper):
            yield ast.Slice(lower, upper, node.step), COUNT


CHANGES = {
    ast.BinOp: _of_binary,
    ast.UnaryOp: _of_unary,
    ast.Compare: _of_comparison,
    ast.Constant: _of_constant,
    ast.Call: _of_call,
    ast.AugAssign: _of_statement,
    ast.If: _of_statement,
    ast.Return: _of_return,
    ast.Name: _of_name,
    ast.Slice: _of_slice,
}
