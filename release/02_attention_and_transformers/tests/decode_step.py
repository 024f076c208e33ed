import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, integers, normal, run

OK_FORMAT = False
name = "decode_step"


def model(layers, d, places, seed):
    """Parameters of a small decoder: a vocabulary of 11, a network 13 wide."""
    square, shapes = (d, d), {}
    shapes |= {"wq": square, "wk": square, "wv": square, "wo": square, "w1": (d, 13), "w2": (13, d)}
    return {
        "embed": np.asarray(normal(seed, 11, d)),
        "pos": np.asarray(normal(seed + 1, places, d)),
        "layers": [
            {
                key: np.asarray(normal(10 * seed * layer + n, *shape)) / 4
                for n, (key, shape) in enumerate(shapes.items())
            }
            for layer in range(1, layers + 1)
        ],
    }


def filled(seed, *shape):
    """A cache in which no slot is empty."""
    return {"k": np.asarray(normal(seed, *shape)), "v": np.asarray(normal(seed + 1, *shape))}


# 2 layers, batch 3, 4 heads of width 5, room for 7 tokens, vocabulary 11
params = model(2, 20, 7, seed=1)
tokens = np.asarray(integers(3, 0, 11, 3, 7))
used = filled(4, 2, 3, 4, 7, 5)
either_gelu = {"rtol": 2e-3, "atol": 2e-3}  # the exact and the tanh form are both right


def steps(decode_step, cache, first, last):
    """The logits of the steps from first to last, and the cache after them."""
    found = []
    for pos in range(first, last + 1):
        logits, cache = run(decode_step, params, tokens[:, pos], cache, np.array(pos, np.int32))
        found.append(np.asarray(logits))
    return np.stack(found), cache


@test_case(name="a cache has room for every layer, sentence, head and place", points=0)
def empty_cache(init_cache):
    cache = init_cache(batch=3, max_len=7, layers=2, heads=4, d_head=5)
    expect(cache)


@test_case(name="the first token reads itself alone", points=0)
def first_token(decode_step):
    empty = {key: np.zeros_like(value) for key, value in used.items()}
    logits, cache = run(decode_step, params, tokens[:, 0], empty, np.array(0, np.int32))
    expect(logits, **either_gelu)
    expect(cache, **either_gelu)


@test_case(name="the fourth token reads itself and three before it", points=0)
def fourth_token(decode_step):
    logits, cache = run(decode_step, params, tokens[:, 3], used, np.array(3, np.int32))
    expect(logits, **either_gelu)
    expect(cache, **either_gelu)


@test_case(name="one layer with two heads, places traced under jit", points=0)
def traced_places(decode_step):
    one, cache = model(1, 6, 5, seed=3), filled(6, 1, 2, 2, 5, 3)
    step = jax.jit(decode_step)
    for pos in (1, 4):
        logits, cache = step(one, np.array([7, 2]), cache, jnp.asarray(pos))
        expect(logits, **either_gelu)
        expect(cache, **either_gelu)


@test_case(name="a full cache: logits of nan, and nothing is overwritten", points=0)
def full_cache(decode_step):
    logits, cache = run(decode_step, params, tokens[:, 1], used, np.array(8, np.int32))
    expect(np.isnan(np.asarray(logits)))
    expect(cache)


@test_case(name="the cache that was given stays as it is", points=0)
def kept_cache(decode_step):
    cache = {key: jnp.asarray(value) for key, value in used.items()}
    given = dict(cache)
    layers = jax.tree.map(jnp.asarray, params)
    _, new = jax.eval_shape(lambda: decode_step(layers, tokens[:, 0], cache, jnp.asarray(2)))
    expect([kept.get(key) is given[key] for kept in (cache, new) for key in ("k", "v")])
