import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, run

OK_FORMAT = False
name = "get_new_random_weights"

many = np.zeros((5000, 4), np.float32)


def drawn(f, seed, old, **bounds):
    return run(f, jax.random.key(seed), old, **bounds)


def spread(weights):
    """Smallest, largest, mean, standard deviation and the quarters in between."""
    w = np.asarray(weights, np.float32)
    return np.array([w.min(), w.max(), w.mean(), w.std(), *np.quantile(w, [0.25, 0.5, 0.75])])


@test_case(name="the shape of the old weights, and no two entries alike", points=0)
def shape(get_new_random_weights):
    weights = np.asarray(drawn(get_new_random_weights, 1, np.zeros((3, 5), np.float32)))
    expect({"shape": weights.shape, "different entries": len(np.unique(weights))})


@test_case(name="20 000 draws fill the range from -2 to 2 evenly", points=0)
def uniform(get_new_random_weights):
    weights = drawn(get_new_random_weights, 2, many)
    assert np.shape(weights) == many.shape, f"the shape {many.shape} became {np.shape(weights)}"
    expect(spread(weights), atol=0.08)
