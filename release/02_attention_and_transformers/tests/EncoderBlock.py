import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, kind_of, module, normal

OK_FORMAT = False
name = "EncoderBlock"

# batch 3, 5 tokens; in most cases 2 heads share d_m = 8
X = normal(1, 3, 5, 8)
# the exact and the tanh form are both right, and so is all that FeedForwardBlock's cases accept
either_gelu = {"rtol": 1e-3, "atol": 1e-3}
no_future = np.broadcast_to(np.tril(np.ones((5, 5), bool)), (3, 5, 5))


@test_case(name="four named parts hold 16 arrays", points=0)
def parameters(EncoderBlock):
    expect(module(EncoderBlock, 2, 8).shapes(X))


@test_case(name="the sequence and its weights, without a mask", points=0)
def without_mask(EncoderBlock):
    block = module(EncoderBlock, 2, 8)
    result = block(block.fill(X), X)
    assert isinstance(result, tuple | list) and len(result) == 2, (
        f"(X, weights) is wanted, {kind_of(result)} came back"
    )
    expect({"weights": result[1], "X": result[0]}, **either_gelu)


@test_case(name="the mask reaches the attention", points=0)
def with_mask(EncoderBlock):
    block = module(EncoderBlock, 2, 8)
    out, weights = block(block.fill(X), X, mask=no_future)
    ahead = np.asarray(weights)[:, :, ~no_future[0]].max()
    assert not ahead > 1e-6, f"a weight above the diagonal is {ahead:.3g}: the mask has no effect"
    expect({"weights": weights, "X": out}, **either_gelu)


@test_case(name="other heads, another width, and the sequence alone", points=0)
def narrow_block(EncoderBlock):
    block, X = module(EncoderBlock, 3, 6, widening_factor=3), normal(4, 2, 4, 6)
    params = block.fill(X)
    expect(block(params, X, return_att_weight=False), **either_gelu)
    expect(block(params, X)[1], **either_gelu)
