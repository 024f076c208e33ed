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
