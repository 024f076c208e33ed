import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, integers, normal, run

OK_FORMAT = False
name = "relu"


@test_case(name="an array: each entry for itself", points=0)
def one_axis(relu):
    expect(relu(jnp.array([-2.0, 3.0, -0.5, 5.5])))


@test_case(name="the same under jit", points=0)
def under_jit(relu):
    expect(jax.jit(relu)(jnp.array([-2.0, 3.0, -0.5, 5.5])))


@test_case(name="ints stay ints", points=0)
def ints(relu):
    expect(relu(jnp.array([-2, 3, 0, 5])))
