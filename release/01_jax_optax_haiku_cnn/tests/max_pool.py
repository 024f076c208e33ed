import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "max_pool"

# two images of 7 by 10 with 3 channels; every number occurs once
x = np.random.RandomState(1).permutation(420).reshape(2, 7, 10, 3).astype(np.float32) / 10 - 15
six = np.random.RandomState(2).permutation(36).reshape(1, 6, 6, 1).astype(np.float32)


def jitted(max_pool, x, *sizes):
    """The same under jit, with the sizes fixed."""
    return run(jax.jit(lambda x: max_pool(x, *sizes)), x)


@test_case(name="a 6 by 6 image, pooled by 2, becomes 3 by 3", points=0)
def six_by_six(max_pool):
    pooled = run(max_pool, six, 2)
    assert np.shape(pooled) == (1, 3, 3, 1), (
        f"(1, 6, 6, 1) should become (1, 3, 3, 1), yours is {np.shape(pooled)}"
    )
    expect(pooled)


@test_case(name="height and width are pooled, images and channels aren't", points=0)
def which_axes(max_pool):
    expect(run(max_pool, x, 2))


@test_case(name="negative images stay negative", points=0)
def negative(max_pool):
    expect(run(max_pool, six - 100, 2))


@test_case(name="a stride shorter than the window, and a longer one", points=0)
def with_stride(max_pool):
    expect({"window 3, stride 1": run(max_pool, six, 3, 1)})
    expect({"window 2, stride 4": run(max_pool, x, 2, 4)})


@test_case(name="ints stay ints, under jit", points=0)
def ints(max_pool):
    expect(jitted(max_pool, six.astype(np.int32) - 50, 3))


@test_case(name="the gradient goes to the largest number of each window", points=0)
def slopes(max_pool):
    weights = np.arange(1, 10, dtype=np.float32).reshape(1, 3, 3, 1)
    expect(run(jax.grad(lambda x: jnp.sum(weights * max_pool(x, 2))), six))
