import jax
import jax.numpy as jnp
import numpy as np
import optax
from otter.test_files import test_case
from workbook import expect, kind_of, normal

OK_FORMAT = False
name = "make_train_step"


def parabola(p):
    return p**2


def weighted(params, inputs, targets, weights):
    """A loss with parameters in a dictionary that holds a tuple, and a batch of three arrays."""
    slope, (shift, scale) = params["slope"], params["rest"]
    return jnp.mean(weights * (targets - scale * (inputs @ slope + shift)) ** 2)


def start():
    return {
        "slope": jnp.array([0.5, -1.0, 2.0]),
        "rest": (jnp.float32(0.25), jnp.float32(1.5)),
    }


batches = [
    tuple(np.asarray(normal(10 * n + i, *shape)) for i, shape in enumerate([(4, 3), (4,), (4,)]))
    for n in range(3)
]


def walk(step, params, optimizer, steps):
    """The parameters and losses after some steps."""
    opt_state, losses = optimizer.init(params), []
    for n in range(steps):
        params, opt_state, loss = step(params, opt_state, *batches[n % 3])
        losses.append(loss)
    return {"losses": losses, "params": params}


def counted(optimizer):
    """The same optimiser, and a list that grows whenever its Python runs."""
    runs = []

    def update(*args):
        runs.append(1)
        return optimizer.update(*args)

    return optax.GradientTransformation(optimizer.init, update), runs


def python_runs(make_train_step, optimizer, params, steps):
    """How often Python runs after the first step, in the loss and in the optimiser, and the end."""
    in_loss = []

    def loss_fn(params):
        in_loss.append(1)
        return jnp.sum(params**2)

    optimizer, in_update = counted(optimizer)
    step = make_train_step(loss_fn, optimizer)
    params, opt_state, _ = step(params, optimizer.init(params))
    traced = len(in_loss), len(in_update)
    for _ in range(steps):
        params, opt_state, loss = step(params, opt_state)
    return {
        "times that the loss ran in Python after the first step": len(in_loss) - traced[0],
        "times that the optimiser ran in Python after the first step": len(in_update) - traced[1],
        "params": params,
        "loss": loss,
    }


def twice_from(make_train_step, optimizer, params):
    """Two steps from the same parameters and the same state, which must survive the first."""
    step, opt_state = make_train_step(weighted, optimizer), optimizer.init(params)
    first = step(params, opt_state, *batches[0])
    gone = [leaf.is_deleted() for leaf in jax.tree.leaves((params, opt_state))]
    assert not any(gone), (
        f"{sum(gone)} of the {len(gone)} arrays that went in are deleted afterwards"
    )
    if any(gone):
        return {"arrays that went in and are deleted": sum(gone)}
    again = step(params, opt_state, *batches[1])
    return {
        "arrays that went in and are deleted": sum(gone),
        "first": [first[0], first[2]],
        "again": [again[0], again[2]],
        "what went in": params,
    }


@test_case(name="one step of SGD on p squared, from 3", points=0)
def one_step(make_train_step):
    optimizer = optax.sgd(0.1)
    step = make_train_step(parabola, optimizer)
    assert callable(step), f"a function is wanted, {kind_of(step)} came back"
    result = step(jnp.float32(3), optimizer.init(jnp.float32(3)))
    assert isinstance(result, tuple | list) and len(result) == 3, (
        f"(params, opt_state, loss) is wanted, {result!s:.60} came back"
    )
    expect({"params": result[0]})
    expect({"loss": result[2]})


@test_case(name="three steps with momentum", points=0)
def three_steps(make_train_step):
    optimizer = optax.sgd(0.02, momentum=0.9)
    step = make_train_step(parabola, optimizer)
    p, opt_state = jnp.float32(3), optimizer.init(jnp.float32(3))
    for _ in range(3):
        p, opt_state, loss = step(p, opt_state)
    expect({"params": p, "loss": loss})


@test_case(name="a batch of one array, on which the gradient depends", points=0)
def one_array(make_train_step):
    optimizer, x = optax.sgd(0.125), jnp.array([1.0, -2.0, 0.5])
    step = make_train_step(lambda params, x: jnp.sum((params - x) ** 2), optimizer)
    params = jnp.array([3.0, 1.0, 2.0])
    params, _, loss = step(params, optimizer.init(params), x)
    expect({"params": params, "loss": loss})


@test_case(name="three arrays, nested parameters, weight decay", points=0)
def nested_decay(make_train_step):
    optimizer = optax.chain(optax.add_decayed_weights(0.5), optax.sgd(0.05))
    expect(walk(make_train_step(weighted, optimizer), start(), optimizer, 2))


@test_case(name="the step is compiled: Python runs in the first one only", points=0)
def compiled(make_train_step):
    expect(python_runs(make_train_step, optax.sgd(0.25), jnp.array([2.0, -1.0, 0.5]), 2))


@test_case(name="what went in can be used again", points=0)
def survives(make_train_step):
    expect(twice_from(make_train_step, optax.sgd(0.05, momentum=0.5), start()))
