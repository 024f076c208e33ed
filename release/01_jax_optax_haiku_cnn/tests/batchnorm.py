import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, kind_of, normal, run

OK_FORMAT = False
name = "batchnorm"

# four images of 3 by 5 with 2 channels, of different height and spread
images = 3 * normal(1, 4, 3, 5, 2) * np.array([1, 0.2], np.float32) + np.array([2, -7], np.float32)
rows = images[:, 0, 0]
params = {"scale": jnp.array([1.5, -0.5]), "offset": jnp.array([0.25, 3.0])}
state = {"mean": jnp.array([0.5, -2.0]), "var": jnp.array([2.0, 0.75])}

faint = rows * np.array([0.004, 1], np.float32)  # a variance as small as the default eps
faint = faint - faint.mean(0)


def both(batchnorm, x, **options):
    """What comes back, as a dictionary; numbers that differ are then named."""
    result = batchnorm(x, dict(params), dict(state), **options)
    assert isinstance(result, tuple | list) and len(result) == 2, (
        f"the pair (y, new_state) is wanted, {kind_of(result)} came back"
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


@test_case(
    name="another momentum and a large eps, then a faint channel with the defaults", points=0
)
def settings(batchnorm):
    expect(run(both, batchnorm, rows, train=True, momentum=0.5, eps=2.0), rtol=1e-3)
    expect(run(both, batchnorm, faint, train=True)["y"], rtol=1e-3, atol=1e-3)


@test_case(name="three axes, and a channel that never changes", points=0)
def three_axes(batchnorm):
    flat = jnp.asarray(images[:, 1]).at[..., 0].set(2.0)
    expect(run(both, batchnorm, flat, train=True), rtol=1e-3, atol=1e-3)


@test_case(name="the gradient through mean and variance", points=0)
def slopes(batchnorm):
    def total(x):
        return jnp.sum(jnp.sin(batchnorm(x, params, state, train=True)[0]))

    expect(run(jax.grad(total), rows), rtol=1e-3, atol=1e-4)


@test_case(name="the dictionaries that go in stay as they are", points=0)
def untouched(batchnorm):
    own_params, own_state = dict(params), dict(state)
    batchnorm(rows, own_params, own_state, train=True, momentum=0.5)
    expect({"state that went in": own_state, "params that went in": own_params})
