import jax.numpy as jnp
import numpy as np
import optax
from otter.test_files import test_case
from workbook import expect, normal

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


@test_case(name="one step of SGD on p squared, from 3", points=0)
def one_step(make_train_step):
    optimizer = optax.sgd(0.1)
    step = make_train_step(parabola, optimizer)
    assert callable(step), f"a function is wanted, a {type(step).__name__} came back"
    result = step(jnp.float32(3), optimizer.init(jnp.float32(3)))
    assert isinstance(result, tuple | list) and len(result) == 3, (
        f"(params, opt_state, loss) is wanted, {result!s:.60} came back"
    )
    expect({"params": result[0]})
    expect({"loss": result[2]})


@test_case(name="three steps with momentum", points=0)
def three_steps(make_train_step):
    optimizer = optax.sgd(0.1, momentum=0.9)
    step = make_train_step(parabola, optimizer)
    p, opt_state = jnp.float32(3), optimizer.init(jnp.float32(3))
    for _ in range(3):
        p, opt_state, loss = step(p, opt_state)
    expect({"params": p, "loss": loss})
