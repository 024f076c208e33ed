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
    weights = drawn(get_new_random_weights, 2, many + 7)
    assert np.shape(weights) == many.shape, f"the shape {many.shape} became {np.shape(weights)}"
    expect(spread(weights), atol=0.08)


@test_case(name="bounds of one's own, 1 and 3.5", points=0)
def own_bounds(get_new_random_weights):
    expect(spread(drawn(get_new_random_weights, 8, many, minval=1.0, maxval=3.5)), atol=0.05)


@test_case(name="numbers of half precision stay what they are", points=0)
def half_precision(get_new_random_weights):
    weights = np.asarray(drawn(get_new_random_weights, 9, np.ones((2, 3, 4), np.float16)))
    expect([str(weights.dtype), weights.shape, int((np.abs(weights) <= 2).sum())])


@test_case(name="the key alone decides", points=0)
def one_key_one_draw(get_new_random_weights):
    draws = [drawn(get_new_random_weights, s, many + old) for s, old in ((1, 0), (1, 3), (2, 0))]
    once, again, other = (np.asarray(d, np.float32).ravel() for d in draws)
    pairs = [once @ once, once @ again, once @ other]
    expect(np.array(pairs) / many.size, atol=0.08)
