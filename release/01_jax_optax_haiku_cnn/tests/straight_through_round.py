import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "straight_through_round"

x = np.array([-1.5, -0.6, 0.5, 1.4, 1.5, 2.5], np.float32)
weights = np.array([2, -3, 5, 7, -1, 0.5], np.float32)


@test_case(name="the value is rounded", points=0)
def value(straight_through_round):
    expect(run(straight_through_round, x))


@test_case(name="the derivative at 1.4 and at -0.6 is 1", points=0)
def derivative(straight_through_round):
    slope = jax.grad(straight_through_round)
    expect([run(slope, jnp.float32(1.4)), run(slope, jnp.float32(-0.6))])
