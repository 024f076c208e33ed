import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, integers, normal, run

OK_FORMAT = False
name = "decode_step"

# 2 layers, batch 3, 4 heads of width 5, room for 7 tokens, vocabulary 11
shapes = {
    "wq": (20, 20),
    "wk": (20, 20),
    "wv": (20, 20),
    "wo": (20, 20),
    "w1": (20, 13),
    "w2": (13, 20),
}
params = {
    "embed": np.asarray(normal(1, 11, 20)),
    "pos": np.asarray(normal(2, 7, 20)),
    "layers": [
        {
            key: np.asarray(normal(10 * layer + n, *shape)) / 4
            for n, (key, shape) in enumerate(shapes.items())
        }
        for layer in (1, 2)
    ],
}
tokens = np.asarray(integers(3, 0, 11, 3, 7))
used = {key: np.asarray(normal(seed, 2, 3, 4, 7, 5)) for key, seed in (("k", 4), ("v", 5))}


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
    expect(logits)
    expect(cache)


@test_case(name="the fourth token reads itself and three before it", points=0)
def fourth_token(decode_step):
    logits, cache = run(decode_step, params, tokens[:, 3], used, np.array(3, np.int32))
    expect(logits)
    expect(cache)
