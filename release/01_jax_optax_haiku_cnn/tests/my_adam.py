from contextlib import ExitStack
from unittest.mock import patch

import jax
import jax.numpy as jnp
import numpy as np
import optax
from otter.test_files import test_case
from workbook import expect, normal

OK_FORMAT = False
name = "my_adam"

# leaves with none, one, two and three axes
SHAPES = {"a": (), "b": ((2,), (2, 3)), "c": [(2, 1, 3)]}
params = jax.tree.map(lambda shape: np.ones(shape, np.float32), SHAPES, is_leaf=lambda s: type(s) is tuple and all(type(n) is int for n in s))  # fmt: skip


def gradients(seed, size=1.0):
    leaves, tree = jax.tree.flatten(params)
    new = [size * np.asarray(normal(seed + n, *leaf.shape)) for n, leaf in enumerate(leaves)]
    return jax.tree.unflatten(tree, new)


def switched_off(*args, **kwargs):
    raise ValueError("Optax's own Adam is switched off here: write the steps yourself")


def own(make, *args, **kwargs):
    """The optimiser that is made while Optax's Adam is switched off."""
    names = [n for n in dir(optax) if "adam" in n.lower() and callable(getattr(optax, n))]
    with ExitStack() as stack:
        for n in names:
            stack.enter_context(patch.object(optax, n, switched_off))
        optimizer = make(*args, **kwargs)
    assert hasattr(optimizer, "init") and hasattr(optimizer, "update"), (
        f"optax.GradientTransformation(init, update) is wanted, {optimizer!s:.60} came back"
    )
    return optimizer


def walk(optimizer, start, steps):
    """The updates of each step, compiled."""
    state, update, found = jax.jit(optimizer.init)(start), jax.jit(optimizer.update), []
    for grads in steps:
        updates, state = update(grads, state, start)
        found.append(updates)
    return found


start = {"w": np.array([1.0, 2.0, 3.0], np.float32)}
STEPS = [{"w": np.array(g, np.float32)} for g in ([0.5, -3, 5000], [2, -1, 0.5], [-4, 1, 0.1])]


@test_case(name="the first step has the size of the learning rate", points=0)
def first_step(my_adam):
    expect(walk(own(my_adam, 0.1), start, STEPS[:1])[0])


@test_case(name="the second and the third step", points=0)
def three_steps(my_adam):
    expect(walk(own(my_adam, 0.1), start, STEPS)[1:])


@test_case(name="a large eps stands outside the root", points=0)
def large_eps(my_adam):
    expect(walk(own(my_adam, 0.1, b1=0.5, b2=0.9, eps=0.1), start, STEPS[:2]))
