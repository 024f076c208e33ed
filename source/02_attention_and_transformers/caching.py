"""Writing with and without a cache: the same text, and the time that each token takes."""

from time import perf_counter

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

from stories import PADDING, START, until_end
from workbook.draw import BLUE, RED

HEADS, LAYERS = 4, 2  # of the model of section 11


def same_text(causal_forward, decode_step, init_cache, params, decode, longest=70):
    """Write greedily in both ways; print the texts, and how far their logits are apart."""
    places, width = params["pos"].shape
    step, whole = jax.jit(decode_step), jax.jit(causal_forward, static_argnums=2)
    cache, text, seen = init_cache(1, places, LAYERS, HEADS, width // HEADS), [START], []
    for pos in range(longest):
        logits, cache = step(params, jnp.array([text[-1]]), cache, jnp.asarray(pos))
        seen.append(logits[0])
        text.append(int(logits.argmax()))
    again = [START]
    for pos in range(longest):
        padded = jnp.array([again + [PADDING] * (longest - len(again))])
        again.append(int(whole(params, padded, HEADS)[0, pos].argmax()))
    for name, ids in (("with the cache", text), ("without it", again)):
        print(f"{name}: {decode(until_end(ids[1:]))}")
    gap = np.abs(whole(params, jnp.array([text[:-1]]), HEADS)[0] - np.stack(seen)).max()
    print(f"reading the first text in both ways, logits differ by {gap:.0e} at most")


def times(causal_forward, decode_step, init_cache, params):
    """Milliseconds for one more token after texts of growing length, compilation not counted."""
    longest, width = params["pos"].shape
    cache = init_cache(1, longest, LAYERS, HEADS, width // HEADS)
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
        f"After {longest} tokens the whole text takes {without[-1] / with_cache[-1]:.0f} times as long "
        "as one step with the cache"
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
