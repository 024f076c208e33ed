from functools import partial

import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "filter_logits"

# nine logits, the largest neither first nor last; their probabilities in falling order are
# 0.405, 0.246, 0.136, 0.082, 0.055, 0.033, 0.025, 0.011, 0.007
logits = np.log(np.array([82, 11, 246, 55, 405, 25, 136, 7, 33], np.float32) / 1000)


@test_case(name="the temperature divides the logits, and nothing is removed", points=0)
def temperature_alone(filter_logits):
    expect(run(filter_logits, logits, temperature=2.0))


@test_case(name="the three largest stay where they are", points=0)
def three_largest(filter_logits):
    kept = np.asarray(run(filter_logits, logits, top_k=3))
    assert kept.shape == (9,), f"nine logits went in, {kept.shape} came out"
    count = int(np.isfinite(kept).sum())
    assert count == 3, f"with top_k=3 yours keeps {count}: the others must be -inf"
    expect(kept)


@test_case(name="as few as needed to reach the probability 0.7", points=0)
def reach_p(filter_logits):
    expect(run(filter_logits, logits, top_p=0.7))


@test_case(name="of equal logits the ones with lower indices stay, for k and for p", points=0)
def ties(filter_logits):
    probs = np.array([0.1, 0.2, 0.3, 0.2, 0.2], np.float32)
    expect(run(filter_logits, np.log(probs), top_k=2))
    expect(run(filter_logits, np.log(probs), top_p=0.6))


@test_case(name="first the temperature, then k, then p of what is left", points=0)
def in_this_order(filter_logits):
    expect(run(filter_logits, logits, temperature=2.5, top_p=0.6))
    expect(run(filter_logits, logits, top_k=3, top_p=0.75))
    expect(run(filter_logits, logits, temperature=0.5, top_k=4, top_p=0.9))


@test_case(name="k too large and p = 1 remove nothing, a tiny p leaves one", points=0)
def at_the_ends(filter_logits):
    steep = np.array([2, -20, 21, -1, -28, 0], np.float32)
    expect(run(filter_logits, steep, top_k=9))
    expect(run(filter_logits, steep, top_p=1.0))
    expect(run(filter_logits, steep, top_p=1e-4))


@test_case(name="each row by itself, under jit and vmap", points=0)
def batches(filter_logits):
    batch = np.asarray(normal(3, 2, 3, 6))
    expect(jax.jit(partial(filter_logits, top_k=4, top_p=0.7))(batch))
    expect(jax.vmap(partial(filter_logits, temperature=2.0, top_p=0.5))(batch[0]))


@test_case(name="what is -inf already stays so, and counts for nothing", points=0)
def minus_infinity(filter_logits):
    some = np.array([1.0, -np.inf, 2.5, 0.5, -np.inf, 1.5], np.float32)
    expect(run(filter_logits, some, temperature=2.0))
    expect(run(filter_logits, some, top_k=5))
    expect(run(filter_logits, some, top_p=0.9))
