import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, integers, normal, run

OK_FORMAT = False
name = "relu"


def with_dtype(relu, x):
    """What comes back, and the name of its dtype."""
    result = relu(x)
    return {"dtype": str(getattr(result, "dtype", type(result).__name__)), "values": result}


@test_case(name="an array: each entry for itself", points=0)
def one_axis(relu):
    expect(relu(jnp.array([-2.0, 3.0, -0.5, 0.25, 5.5])))


@test_case(name="ints stay ints", points=0)
def ints(relu):
    expect(relu(jnp.array([-2, 3, 0, 5])))


@test_case(name="the same under jit", points=0)
def under_jit(relu):
    expect(jax.jit(relu)(jnp.array([-2.0, 3.0, -0.5, 0.25, 5.5])))


@test_case(name="two axes, none, and nothing at all", points=0)
def other_shapes(relu):
    inputs = jnp.array([[-1.5, 2.0, 0.0], [60.0, -0.25, -7.0]]), jnp.float32(1.5), jnp.zeros((0,))
    expect([run(relu, x) for x in inputs])


@test_case(name="float16 stays float16", points=0)
def halves(relu):
    expect(with_dtype(relu, jnp.array([-1.0, 0.5, 2.0], jnp.float16)))


@test_case(name="under vmap, and its derivative: 1 on the right, 0 on the left", points=0)
def mapped_slopes(relu):
    x = np.array([[-2.0, 0.5], [3.0, -0.25]], np.float32)
    expect({"values": run(jax.vmap(relu), x)})
    expect({"derivatives": run(jax.vmap(jax.grad(lambda x: jnp.sum(relu(x)))), x)})
