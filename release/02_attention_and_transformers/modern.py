"""A block of today beside this notebook's: parameters, memory of the cache, multiplications."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np


def parameters(width: int, hidden: int, heads: int, groups: int) -> dict[str, jax.Array]:
    """Random parameters of a modern block without biases."""
    rng, shared = np.random.RandomState(0), width // heads * groups
    shapes = {"wq": (width, width), "wk": (width, shared), "wv": (width, shared)}
    shapes |= {"wo": (width, width), "gate": (width, hidden), "up": (width, hidden)}
    shapes |= {"down": (hidden, width)}
    drawn = {name: rng.normal(size=shape) / np.sqrt(shape[0]) for name, shape in shapes.items()}
    weights = {name: jnp.asarray(w.astype(np.float32)) for name, w in drawn.items()}
    return weights | {"norm_1": jnp.ones(width), "norm_2": jnp.ones(width)}


def compare(width: int, length: int, rows: dict[str, tuple[Callable, dict, int]]) -> None:
    """Print what blocks {name: (function of (params, x), params, cached numbers a token)} take."""
    x = jax.ShapeDtypeStruct((1, length, width), jnp.float32)
    print(f"width {width}, a text of {length} tokens")
    print(f"{'':>21}  parameters  cached numbers a token  multiply-adds a token")
    for name, (block, params, cached) in rows.items():
        size = sum(int(np.prod(leaf.shape)) for leaf in jax.tree.leaves(params))
        work = _multiply_adds(jax.make_jaxpr(block)(params, x).jaxpr) // length
        print(f"{name:>21}  {_spaced(size):>10}  {cached:>22}  {_spaced(work):>21}")


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _multiply_adds(jaxpr) -> int:
    """Multiply-adds of all matrix products of a program."""
    total = 0
    for equation in jaxpr.eqns:
        if equation.primitive.name == "dot_general":
            (summed, _), _ = equation.params["dimension_numbers"]
            left = equation.invars[0].aval.shape
            total += int(
                np.prod(equation.outvars[0].aval.shape) * np.prod([left[n] for n in summed])
            )
        for value in equation.params.values():
            for part in value if isinstance(value, tuple | list) else [value]:
                inner = getattr(part, "jaxpr", part)
                total += _multiply_adds(inner) if hasattr(inner, "eqns") else 0
    return total
