import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "batchnorm"

# four images of 3 by 5 with 2 channels, of different height and spread
images = 3 * normal(1, 4, 3, 5, 2) * np.array([1, 0.2], np.float32) + np.array([2, -7], np.float32)
rows = images[:, 0, 0]
params = {"scale": jnp.array([1.5, -0.5]), "offset": jnp.array([0.25, 3.0])}
state = {"mean": jnp.array([0.5, -2.0]), "var": jnp.array([2.0, 0.75])}


def both(batchnorm, x, **options):
    """What comes back, as a dictionary; numbers that differ are then named."""
    result = batchnorm(x, dict(params), dict(state), **options)
    assert isinstance(result, tuple | list) and len(result) == 2, (
        f"the pair (y, new_state) is wanted, a {type(result).__name__} came back"
    )
    return {"y": result[0], "new state": result[1]}


@test_case(name="in training: the batch's own mean and variance", points=0)
def rows_in_training(batchnorm):
    result = run(both, batchnorm, rows, train=True)
    expect({"y": result["y"]}, rtol=1e-3)
    expect({"new state": result["new state"]})


@test_case(name="in evaluation: the state's, which stays", points=0)
def rows_in_evaluation(batchnorm):
    expect(run(both, batchnorm, rows, train=False), rtol=1e-3)


@test_case(name="images share their statistics over height and width", points=0)
def images_in_training(batchnorm):
    result = run(both, batchnorm, images, train=True)
    shape = np.shape(result["new state"]["mean"])
    assert shape == (2,), f"two channels have two means; your new mean has the shape {shape}"
    expect(result, rtol=1e-3)
