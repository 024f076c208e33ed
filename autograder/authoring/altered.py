"""Right answers called with altered inputs: an argument at its default, two exchanged, one left out.

What they give is what many wrong answers give, whatever their code looks like.
"""

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

MOST_EXCHANGED = 4  # arguments, each with each


@dataclass(frozen=True)
class Edit:
    """A changed solution cell, the sentence for whoever wrote that, and what was changed."""

    source: str
    sentence: str
    what: str
    default: str = ""  # the argument that is held at its default


WRAPPED = """

def _altering(given, change):
    import functools
    import inspect

    names = inspect.signature(given)

    @functools.wraps(given)
    def altered(*args, **kwargs):
        bound = names.bind(*args, **kwargs)
        bound.apply_defaults()
        change(bound.arguments)
        return given(*bound.args, **bound.kwargs)

    return altered


def _change(values):
    import jax
    import jax.numpy as jnp

    is_array = lambda x: hasattr(x, "ndim")
    {change}


{target} = _altering({target}, _change)
"""

DEFAULT = "Nothing changes when `{0}` changes: where does it enter?"
EXCHANGED = "Look at every place where `{0}` and `{1}` are used: is each one where it belongs?"
TRANSPOSED = "Which axis of `{0}` counts what? Two of them seem to have changed places."
FIRST = "Every item of `{0}` is treated as if it were the first one."
WITHOUT = "Nothing depends on `{0}`: where does it enter?"


def noting(exercise: str, solution: str) -> Iterator[str]:
    """The solution's cells that hand the arguments of each call to `_note_call`, one to run after the other."""
    change = "_note_call(dict(values))"
    yield solution
    for target, _ in _targets(exercise, solution):
        yield WRAPPED.format(change=change, target=target)


def altered_inputs(exercise: str, solution: str) -> Iterator[Edit]:
    """The solution called with an argument at its default, exchanged, transposed, or without it."""
    for target, arguments in _targets(exercise, solution):
        for name, default in arguments:
            if default is not None:
                edit = _altered(solution, target, f'values["{name}"] = {default}', DEFAULT, name)
                yield replace(edit, default=name)
        required = [name for name, default in arguments if default is None]
        for one, other in itertools.combinations(required[:MOST_EXCHANGED], 2):
            swap = f'values["{one}"], values["{other}"] = values["{other}"], values["{one}"]'
            yield _altered(solution, target, swap, EXCHANGED, one, other)
        for name, default in arguments:
            if default is None:
                now = f'x = values["{name}"]\n    values["{name}"] = '
                yield _altered(
                    solution, target, now + "jax.tree.map(jnp.zeros_like, x)", WITHOUT, name
                )
                turned = "jnp.swapaxes(x, -1, -2) if is_array(x) and x.ndim > 1 else x"
                yield _altered(solution, target, now + turned, TRANSPOSED, name)
                first = "jnp.broadcast_to(x[:1], x.shape) if is_array(x) and x.ndim else x"
                yield _altered(solution, target, now + first, FIRST, name)


def _altered(solution, target, change, sentence, *names):
    source = solution.rstrip() + WRAPPED.format(change=change, target=target)
    return Edit(source, sentence.format(*names), f"{target}: {change.splitlines()[-1].strip()}")


def _targets(exercise, solution) -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    """(what to wrap, [(argument, its default)]) of the exercise's function, or its class's methods."""
    for node in ast.parse(solution).body:
        if isinstance(node, ast.FunctionDef) and node.name == exercise:
            yield exercise, _arguments(node)
        if isinstance(node, ast.ClassDef) and node.name == exercise:
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name in ("__init__", "__call__"):
                    arguments = [a for a in _arguments(method)[1:] if a[0] != "name"]
                    yield f"{exercise}.{method.name}", arguments


def _arguments(node):
    places = [*node.args.posonlyargs, *node.args.args]
    defaults = [None] * (len(places) - len(node.args.defaults)) + list(node.args.defaults)
    pairs = [*zip(places, defaults), *zip(node.args.kwonlyargs, node.args.kw_defaults)]
    return [(arg.arg, ast.unparse(value) if value is not None else None) for arg, value in pairs]
