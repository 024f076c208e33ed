from functools import partial

import jax
import jax.numpy as jnp
import optax
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "train_step"


def parabola(p, x):
    return (p - x) ** 2


def fit(params, batch):
    """A loss with nested parameters, and a batch in a dictionary."""
    guess = batch["x"] @ params["layer"]["w"] + params["layer"]["b"]
    return jnp.mean((params["scale"][0] * jnp.tanh(guess) - batch["y"]) ** 2)


def nested(seed):
    layer = {"w": normal(seed, 3, 2), "b": normal(seed + 1, 2)}
    return {"layer": layer, "scale": (jnp.float32(1.5),)}


def batch_of(seed, size):
    return {"x": normal(seed, size, 3), "y": normal(seed + 1, size, 2)}


def walk(train_step, optimizer, params, batches, loss_fn=fit):
    """Some steps, compiled: the parameters, the losses, and the leaves of the state."""

    @jax.jit
    def steps(params, batches):
        state, losses = optimizer.init(params), []
        for batch in batches:
            result = train_step(params, state, batch, loss_fn=loss_fn, optimizer=optimizer)
            params, state, loss = result
            losses.append(loss)
        return {"losses": losses, "params": params, "state": jax.tree.leaves(state)}

    return run(steps, params, batches)


def counted(train_step, optimizer, params, batch):
    """How often the loss is called in a step, and what comes out."""
    calls = []

    def loss_fn(params, batch):
        calls.append(1)
        return fit(params, batch)

    step = partial(train_step, loss_fn=loss_fn, optimizer=optimizer)
    params, _, loss = step(params, optimizer.init(params), batch)
    many = f"{len(calls)} calls of loss_fn" if len(calls) > 2 else "at most two calls of loss_fn"
    return {"calls": many, "params": params, "loss": loss}


@test_case(name="from 3, one step of SGD", points=0)
def one_step(train_step):
    optimizer = optax.sgd(0.1)
    result = train_step(
        jnp.float32(3), optimizer.init(3.0), jnp.float32(1), loss_fn=parabola, optimizer=optimizer
    )
    assert isinstance(result, tuple | list) and len(result) == 3, (
        f"(params, opt_state, loss) is wanted, {result!s:.60} came back"
    )
    expect({"params": result[0]})
    expect({"loss": result[2]})


@test_case(name="three steps with momentum, in one program", points=0)
def momentum(train_step):
    xs = [jnp.float32(x) for x in (1.0, -2.0, 4.0)]
    optimizer = optax.sgd(0.05, momentum=0.9)
    expect(walk(train_step, optimizer, jnp.float32(3), xs, parabola))


@test_case(name="nested parameters, and an optimiser that decays weights", points=0)
def decay(train_step):
    optimizer = optax.adamw(0.1, weight_decay=0.5)
    expect(walk(train_step, optimizer, nested(1), [batch_of(3, 4), batch_of(5, 2)]))


@test_case(name="what is called, and what went in stays", points=0)
def calls(train_step):
    params, batch = nested(7), batch_of(9, 3)
    optimizer = optax.sgd(0.5)
    first = counted(train_step, optimizer, params, batch)
    expect({"step": first, "params that went in": params})
