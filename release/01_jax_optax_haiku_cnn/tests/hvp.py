import re

import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "hvp"

A, x, v = normal(1, 5, 5), normal(2, 5), normal(3, 5)


def quadratic(x):
    return x @ A @ x


def cosines(x):
    return jnp.prod(jnp.cos(x)) + jnp.sum(x**3)


def worked(x):
    return x[0] ** 2 * x[1]


def frugal(hvp, f, x, v):
    """The product, or, when an array of d² numbers is made on the way, words in its place."""
    program = str(jax.make_jaxpr(lambda x, v: hvp(f, x, v))(x, v))
    sizes = [
        np.prod(list(map(int, s.split(",")))) for s in re.findall(r"\[(\d+(?:,\d+)*)\]", program)
    ]
    if max(sizes, default=0) >= len(x) ** 2 // 2:
        return "made by way of d² numbers"
    return run(lambda x, v: hvp(f, x, v), x, v)


@test_case(name="the worked example", points=0)
def example(hvp):
    product = hvp(worked, jnp.array([1.0, 2.0]), jnp.array([1.0, 10.0]))
    assert np.shape(product) == (2,), (
        f"a product of shape (2,) is wanted, yours has the shape {np.shape(product)}"
    )
    expect(product)


@test_case(name="3000 numbers, without a table of 9 000 000", points=0)
def no_table(hvp):
    many = np.linspace(-1, 1, 3000, dtype=np.float32)
    product = frugal(hvp, lambda x: jnp.sum(x**4) + x[0] * x[-1], many, many[::-1].copy())
    expect(product if isinstance(product, str) else product[:5])


@test_case(name="under jit, at another point, with a Hessian that isn't diagonal", points=0)
def jitted(hvp):
    def f(x):
        return jnp.sin(x[0] * x[1]) + x[1] * x[2] ** 3

    x, v = np.array([0.5, -1, 2], np.float32), np.array([3, -2, 0.5], np.float32)
    expect(run(jax.jit(lambda x, v: hvp(f, x, v)), x, v))


@test_case(name="under vmap over v, and with v = 0", points=0)
def mapped(hvp):
    x, vs = np.array([1.5, -2], np.float32), np.array([[2, 1], [0, 0], [-30, 10]], np.float32)
    expect(run(jax.jit(jax.vmap(lambda v: hvp(worked, x, v))), vs))
