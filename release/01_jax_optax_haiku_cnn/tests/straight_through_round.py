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


@test_case(name="in the sum of squares, under jit", points=0)
def squares(straight_through_round):
    def total(x):
        return jnp.sum(straight_through_round(x) ** 2)

    value, slope = run(jax.jit(jax.value_and_grad(total)), np.array([3.4, -2.5, 0.7], np.float32))
    expect({"value": value, "gradient": slope})


@test_case(name="two axes, also under vmap, and float16", points=0)
def mapped(straight_through_round):
    table = np.array([[0.2, 7.5, -3.8], [10.5, -0.5, 1.1]], np.float32)
    expect(run(straight_through_round, table))
    expect(run(jax.vmap(straight_through_round), table))
    half = straight_through_round(jnp.array([0.75, -2.5, 3.25], jnp.float16))
    expect({"dtype": str(getattr(half, "dtype", type(half).__name__)), "values": half})
