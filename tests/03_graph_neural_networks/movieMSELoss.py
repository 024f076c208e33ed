import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, integers, normal, run

OK_FORMAT = False
name = "movieMSELoss"


def both_ways(movieMSELoss, yHat, y, films):
    """The loss, and its gradient by the guesses."""
    loss = run(movieMSELoss, yHat, y, films)
    return {"loss": loss, "gradient": run(jax.grad(movieMSELoss), yHat, y, films)}


@test_case(name="two people, three films", points=0)
def two_people(movieMSELoss):
    yHat = jnp.array([[[1.0, 2, 3]], [[4.0, 5, 6]]])
    loss = run(movieMSELoss, yHat, jnp.array([5.0, 4.0]), jnp.array([2, 0]))
    assert np.shape(loss) == (), f"one number is asked for, the result has shape {np.shape(loss)}"
    expect(loss)


@test_case(name="five people, some with the same film", points=0)
def five_people(movieMSELoss):
    films = jnp.array([3, 0, 3, 6, 1])
    expect(run(movieMSELoss, 2 * normal(1, 5, 1, 7), normal(2, 5), films))


@test_case(name="a batch of one, and plain numbers", points=0)
def one_person(movieMSELoss):
    yHat = normal(3, 1, 1, 4)
    expect(run(movieMSELoss, yHat, jnp.array([2.0]), jnp.array([1])))
    expect(run(movieMSELoss, yHat, jnp.array(2.0), jnp.array(3)))
    expect(movieMSELoss(yHat, -1.5, 2))


@test_case(name="the gradient", points=0)
def slope(movieMSELoss):
    expect(both_ways(movieMSELoss, normal(4, 3, 1, 5), normal(5, 3), jnp.array([4, 0, 4])))


# --- hidden: nothing below this line is released ---


@test_case(name="other people and films", points=0.5, hidden=True)
def others(movieMSELoss):
    expect(run(movieMSELoss, normal(6, 4, 1, 9), 3 * normal(7, 4), integers(8, 0, 9, 4)))
    expect(run(movieMSELoss, normal(9, 8, 1, 3), normal(10, 8), integers(11, 0, 3, 8)))


@test_case(name="as many people as films", points=0.5, hidden=True)
def square(movieMSELoss):
    expect(run(movieMSELoss, normal(12, 6, 1, 6), normal(13, 6), jnp.array([5, 0, 2, 2, 4, 1])))


@test_case(name="a batch of one", points=0.5, hidden=True)
def alone(movieMSELoss):
    yHat = normal(14, 1, 1, 5)
    expect(both_ways(movieMSELoss, yHat, jnp.array([0.25]), jnp.array([4])))
    expect(run(movieMSELoss, yHat[..., :3], jnp.array(-2.0), jnp.array(0)))
    expect(movieMSELoss(yHat[..., 1:], 1.5, 3))


@test_case(name="which guesses the gradient moves", points=0.5, hidden=True)
def slopes(movieMSELoss):
    films = jnp.array([9, 2, 2, 0, 7, 9, 5])
    expect(both_ways(movieMSELoss, normal(15, 7, 1, 10), normal(16, 7), films))
