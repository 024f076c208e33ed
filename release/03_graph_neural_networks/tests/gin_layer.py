import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "gin_layer"


def arrows(text):
    """Senders and receivers of edges written as "0>2 1>2"."""
    pairs = np.array([edge.split(">") for edge in text.split()], np.int32)
    return pairs[:, 0], pairs[:, 1]


def bent(seed, width, hidden, out):
    """An mlp with one hidden layer."""
    first, second, b = (
        normal(seed, width, hidden),
        normal(seed + 1, hidden, out),
        normal(seed + 2, out),
    )
    return lambda x: jnp.tanh(x @ first + 0.2) @ second + b


# nothing arrives at 3 and 5; 0>1 is there twice; 4 hears itself
six = arrows("0>1 0>1 3>1 2>0 1>0 3>2 4>4 5>4 0>4")


@test_case(name="the worked number", points=0)
def worked_number(gin_layer):
    nodes = np.array([[1], [2], [3]], np.float32)
    expect(run(gin_layer, nodes, *arrows("0>2 1>2"), 0.5, lambda x: x))


@test_case(name="an mlp, and edges that are there twice", points=0)
def an_mlp(gin_layer):
    nodes = normal(1, 6, 2)
    for eps in (0.0, -1.0, 0.3):
        expect(run(gin_layer, nodes, *six, eps, bent(2, 2, 4, 3)))


@test_case(name="under jit, with eps as an array", points=0)
def under_jit(gin_layer):
    mlp = bent(5, 3, 4, 2)
    call = jax.jit(lambda x, s, r, eps: gin_layer(x, s, r, eps, mlp))
    expect(run(call, normal(6, 6, 3), *six, jnp.float32(0.7)))


@test_case(name="gradients by nodes and eps; the mlp is called once", points=0)
def gradients(gin_layer):
    sizes, inner = [], bent(7, 2, 3, 4)

    def mlp(x):
        sizes.append(list(np.shape(x)))
        return inner(x)

    def total(nodes, eps):
        return jnp.sum(gin_layer(nodes, *six, eps, mlp) ** 2) / 10

    slopes = jax.grad(total, argnums=(0, 1))(normal(8, 6, 2), jnp.float32(0.2))
    expect(sizes)
    expect(slopes, rtol=1e-3, atol=1e-4)
