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


# --- hidden: nothing below this line is released ---


@test_case(name="token by token gives what the whole text gives", points=2, hidden=True)
def whole_text(decode_step, init_cache, causal_forward):
    logits, _ = steps(decode_step, init_cache(3, 7, 2, 4, 5), 0, 6)
    gap = np.abs(run(causal_forward, params, tokens, 4) - logits.swapaxes(0, 1)).max()
    assert gap < 1e-3, "the logits differ from those of causal_forward"
    expect(logits.swapaxes(0, 1))


@test_case(name="what lies behind the present place doesn't matter", points=1.25, hidden=True)
def garbage_behind(decode_step):
    behind = np.arange(7)[:, None] > 2
    garbage = {key: np.where(behind, 1000 * value, value) for key, value in used.items()}
    expect(steps(decode_step, garbage, 2, 3)[0])


@test_case(name="a second step at a place takes the first one's slot", points=0.75, hidden=True)
def again_at_a_place(decode_step):
    _, cache = run(decode_step, params, tokens[:, 5], used, np.array(2, np.int32))
    logits, cache = run(decode_step, params, tokens[:, 2], cache, np.array(2, np.int32))
    expect(logits)
    expect(cache)


@test_case(
    name="beyond the last place: logits of nan, and nothing is overwritten", points=1.5, hidden=True
)
def overflow(decode_step):
    logits, cache = run(decode_step, params, tokens[:, 0], used, np.array(7, np.int32))
    expect(logits)
    expect(cache)


@test_case(name="one compiled program serves every place", points=1.25, hidden=True)
def one_program(decode_step):
    traces = []

    def counted(*args):
        traces.append("once more")
        return decode_step(*args)

    step, cache = jax.jit(counted), used
    for pos in range(6):
        logits, cache = step(params, tokens[:, pos], cache, jnp.asarray(pos))
    expect(len(traces))
    expect(logits)


@test_case(name="the given cache is left as it was", points=1.25, hidden=True)
def old_cache(decode_step):
    cache = {key: jnp.asarray(value) for key, value in used.items()}
    before, layers = dict(cache), jax.tree.map(jnp.asarray, params)
    token, place = jnp.asarray(tokens[:, 1]), jnp.asarray(1)
    _, new = jax.eval_shape(lambda: decode_step(layers, token, cache, place))
    expect([kept.get(key) is before[key] for kept in (cache, new) for key in ("k", "v")])
    expect(run(decode_step, params, tokens[:, 1], used, np.array(1, np.int32))[0])
