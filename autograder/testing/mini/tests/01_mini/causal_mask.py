import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "causal_mask"


@test_case(name="future keys get no weight", points=0)
def future_keys(causal_mask):
    weights = run(lambda s: jax.nn.softmax(causal_mask(s)), jnp.zeros((2, 3, 4)))
    assert weights.shape == (2, 3, 4), f"the mask changed the shape to {weights.shape}"
    expect(weights)


# --- hidden: nothing below this line is released ---


@test_case(name="scores that are kept are unchanged", points=1, hidden=True)
def kept_scores(causal_mask):
    expect(np.tril(run(causal_mask, normal(3, 2, 5, 7))), rtol=1e-6)


@test_case(name="weights of random scores", points=1, hidden=True)
def random_weights(causal_mask):
    expect(run(lambda s: jax.nn.softmax(causal_mask(s)), normal(4, 3, 3, 4)))
