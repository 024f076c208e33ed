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


def facts(state):
    """What is promised of a first state: its integers, and averages like the parameters, zeros."""
    leaves = [np.asarray(leaf) for leaf in jax.tree.leaves(state)]
    floats = [leaf for leaf in leaves if leaf.dtype.kind == "f"]
    wanted = [np.shape(leaf) for leaf in jax.tree.leaves(params)]
    return {
        "integers in the state": min(sum(leaf.dtype.kind in "iu" for leaf in leaves), 1),
        "averages": min(min(sum(leaf.shape == s for leaf in floats), 2) for s in wanted),
        "largest average": max((float(np.abs(leaf).max()) for leaf in floats), default=0.0),
    }


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


@test_case(name="a gradient as small as the default eps, and one of 0", points=0)
def tiny_gradient(my_adam):
    tiny = {"w": np.array([1e-8, 0, -3e-8], np.float32)}
    expect(walk(own(my_adam, 0.5), start, [tiny])[0])


@test_case(name="nested parameters, and update without them", points=0)
def nested_alone(my_adam):
    optimizer = own(my_adam, 0.3, b1=0.8, b2=0.95)
    state = jax.jit(optimizer.init)(params)
    updates, state = jax.jit(optimizer.update)(gradients(7), state)
    expect(updates)
    expect(jax.jit(optimizer.update)(gradients(3), state)[0])


@test_case(name="the state: an integer count, two averages, and never changed in place", points=0)
def first_state(my_adam):
    optimizer = own(my_adam, 0.2)
    expect(facts(optimizer.init(params)))
    state = optimizer.init(start)
    optimizer.update(STEPS[0], state, start)
    updates, later = optimizer.update(STEPS[1], state, start)
    whole = [np.asarray(leaf).dtype.kind in "iu" for leaf in jax.tree.leaves(later)]
    expect({"updates": updates, "integers in the state after a step": min(sum(whole), 1)})


# --- hidden: nothing below this line is released ---


@test_case(name="parameters of any shape, nested", points=1, hidden=True)
def nested(my_adam):
    steps = [gradients(seed, 10.0**-seed) for seed in (1, 2, 0)]
    expect(walk(own(my_adam, 0.01), params, steps))


@test_case(name="fifty steps", points=1.5, hidden=True)
def fifty_steps(my_adam):
    steps = [{"w": np.asarray(normal(seed, 3)) + 0.5} for seed in range(50)]
    found = walk(own(my_adam, 0.05), start, steps)
    expect([found[9], found[49]])
    expect(sum(np.asarray(updates["w"]) for updates in found), atol=1e-4)


@test_case(name="other rates and a large eps", points=1, hidden=True)
def other_rates(my_adam):
    expect(walk(own(my_adam, 0.2, b1=0.5, b2=0.9, eps=0.1), start, STEPS))
    expect(walk(own(my_adam, 0.2, b1=0.8, b2=0.6, eps=0.01), start, STEPS[::-1]))


@test_case(name="no gradient, no step, and a tiny gradient", points=1, hidden=True)
def no_gradient(my_adam):
    nothing = {"w": np.array([0, 0, 2], np.float32)}
    expect(walk(own(my_adam, 0.1), start, [nothing, nothing]))
    tiny = {"w": np.array([-1e-8, 4e-8, 0], np.float32)}
    expect(walk(own(my_adam, 0.25), start, [tiny]))


@test_case(
    name="the state goes in and comes out, with its count, and stays as it was",
    points=1.5,
    hidden=True,
)
def state_untouched(my_adam):
    optimizer = own(my_adam, 0.1)
    state = optimizer.init(start)
    first, next_state = optimizer.update(STEPS[1], state, start)
    again, _ = optimizer.update(STEPS[1], state, start)
    later, _ = optimizer.update(STEPS[2], next_state)
    whole = [np.asarray(leaf).dtype.kind in "iu" for leaf in jax.tree.leaves(next_state)]
    expect({"first": first, "again": again, "later": later, "integers": min(sum(whole), 1)})
    expect(facts(optimizer.init(params)))


@test_case(name="in a chain, behind clipping", points=1, hidden=True)
def in_a_chain(my_adam):
    clipped = optax.chain(optax.clip_by_global_norm(2.0), own(my_adam, 0.1, eps=0.5))
    found = walk(clipped, start, STEPS)
    added = optax.apply_updates(jax.tree.map(jnp.asarray, start), found[2])
    expect({"updates": found, "parameters": added})
