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


# --- hidden: nothing below this line is released ---


@test_case(name="the gradient of a weighted sum is the weights", points=1.5, hidden=True)
def weights_come_back(straight_through_round):
    expect(run(jax.grad(lambda x: jnp.sum(weights * straight_through_round(x))), x))


@test_case(name="inside of another function", points=1.5, hidden=True)
def inside(straight_through_round):
    def total(x):
        return jnp.sum(weights * jnp.sin(straight_through_round(3 * x)))

    expect(run(jax.value_and_grad(total), x))


@test_case(name="any number of axes, and under vmap", points=1, hidden=True)
def any_shape(straight_through_round):
    expect(run(straight_through_round, 4 * normal(1, 2, 3, 4)))
    slopes = jax.vmap(jax.grad(lambda x: 2.5 * straight_through_round(x)))
    expect({"slopes": run(slopes, x), "value": straight_through_round(jnp.float32(-2.7))})
