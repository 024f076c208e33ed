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
