import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, kind_of, normal, run

OK_FORMAT = False
name = "dot_product_attention"


@test_case(name="one state looks at three hidden states", points=0)
def worked_number(dot_product_attention):
    hidden_states = np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]], np.float32)
    previous_state = np.array([[0.5, 1.0]], np.float32)
    result = run(dot_product_attention, hidden_states, previous_state)
    assert isinstance(result, tuple | list) and len(result) == 2, (
        f"{kind_of(result)} came back, not the pair (weights, contexts)"
    )
    weights, contexts = result
    expect({"weights": weights, "contexts": contexts})


@test_case(name="every asking state spreads one unit over the hidden states", points=0)
def rows_sum_to_one(dot_product_attention):
    weights, contexts = run(dot_product_attention, normal(1, 5, 4), normal(2, 3, 4))
    assert weights.shape == (3, 5), (
        f"3 states ask 5 hidden states and the weights have shape {weights.shape}: "
        "who asks, who is read?"
    )
    total = np.asarray(weights).sum(axis=1)
    assert np.allclose(total, 1, atol=1e-4), (
        f"the weights of the first asking state add up to {total[0]:.4g}, not to 1"
    )
    expect({"weights": weights, "contexts": contexts})


@test_case(name="scores may lie thousands apart, in a row and between rows", points=0)
def far_apart(dot_product_attention):
    hidden_states = np.array([[20, 30], [-40, 15], [25, -60]], np.float32)
    previous_state = np.array([[90, 110], [0.02, 0.01], [-30, -50], [0, 0.5]], np.float32)
    weights, contexts = run(dot_product_attention, hidden_states, previous_state)
    expect({"weights": weights, "contexts": contexts})


@test_case(name="it works under jit and vmap", points=0)
def traced(dot_product_attention):
    expect(jax.jit(dot_product_attention)(normal(10, 4, 3), normal(11, 2, 3)))
    expect(jax.vmap(dot_product_attention)(normal(12, 3, 2, 3), normal(13, 3, 4, 3)))
