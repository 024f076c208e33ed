"""Writing with and without a cache: the same text, and the time that each token takes."""

from time import perf_counter

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

from workbook.draw import BLUE, RED

HEADS, VOCABULARY = 4, 50


def model(layers, width, places):
    """An untrained decoder: the text that it writes means nothing, its arithmetic is real."""
    rng = np.random.RandomState(0)

    def draw(*shape):
        return jnp.asarray((rng.normal(size=shape) / np.sqrt(shape[0])).astype(np.float32))

    square, wide = (width, width), (width, 4 * width)
    shapes = {"wq": square, "wk": square, "wv": square, "wo": square, "w1": wide, "w2": wide[::-1]}
    return {
        "embed": draw(VOCABULARY, width),
        "pos": draw(places, width),
        "layers": [{name: draw(*shape) for name, shape in shapes.items()} for _ in range(layers)],
    }


def same_text(causal_forward, decode_step, init_cache, length=16):
    """Write greedily in both ways and say whether the texts agree."""
    params = model(layers=2, width=32, places=length)
    step, whole = jax.jit(decode_step), jax.jit(causal_forward, static_argnums=2)
    cache, text = init_cache(1, length, 2, HEADS, 32 // HEADS), [7]
    for pos in range(length - 1):
        logits, cache = step(params, jnp.array([text[-1]]), cache, jnp.asarray(pos))
        text.append(int(logits.argmax()))
    again = [7]
    for pos in range(length - 1):
        padded = jnp.array([again + [0] * (length - len(again))])
        again.append(int(whole(params, padded, HEADS)[0, pos].argmax()))
    print("tokens of an untrained model, with the cache:   ", *text)
    print("tokens of an untrained model, without the cache:", *again)
    print("the same text" if text == again else "the texts differ")


def times(causal_forward, decode_step, init_cache, layers=4, width=128, longest=1024):
    """Milliseconds for one more token after texts of growing length, compilation not counted."""
    params = model(layers, width, longest)
    cache = init_cache(1, longest, layers, HEADS, width // HEADS)
    step, whole = jax.jit(decode_step), jax.jit(causal_forward, static_argnums=2)
    token, lengths = jnp.array([7]), [64, 128, 256, 512, longest]
    without = [_milliseconds(whole, params, jnp.ones((1, n), int), HEADS) for n in lengths]
    with_cache = [_milliseconds(step, params, token, cache, jnp.asarray(n - 1)) for n in lengths]
    _, ax = plt.subplots(figsize=(8, 4.2))
    ax.loglog(lengths, without, "s-", color=RED, lw=2, label="the whole text again")
    ax.loglog(lengths, with_cache, "o-", color=BLUE, lw=2, label="one step with the cache")
    ax.set(xlabel="tokens so far", ylabel="time for the next token (ms)")
    ax.set_xticks(lengths, lengths)
    ax.minorticks_off()
    ax.set_title(
        f"After {longest} tokens the cache saves {1 - with_cache[-1] / without[-1]:.0%} of the time"
    )
    ax.legend()


def _milliseconds(f, *args, runs=9):
    """The median of some runs, after one that compiles."""
    jax.block_until_ready(f(*args))
    taken = []
    for _ in range(runs):
        started = perf_counter()
        jax.block_until_ready(f(*args))
        taken.append(1000 * (perf_counter() - started))
    return float(np.median(taken))
