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


# --- hidden: nothing below this line is released ---


@test_case(name="the sequence alone, with a narrower network", points=1, hidden=True)
def sequence_alone(EncoderBlock):
    block = module(EncoderBlock, 4, 8, widening_factor=2)
    expect(block.shapes(X))
    expect(block(block.fill(X), X, return_att_weight=False), **either_gelu)


@test_case(name="another padding changes nothing for the words", points=1.25, hidden=True)
def other_padding(EncoderBlock):
    block = module(EncoderBlock, 2, 8)
    words = np.array([[1, 1, 1, 1, 0], [1, 1, 0, 0, 0], [1, 0, 1, 1, 1]], bool)
    mask = np.broadcast_to(words[:, None], (3, 5, 5))
    params, other = block.fill(X), jnp.where(words[..., None], X, normal(2, 3, 5, 8))
    expect(block(params, X, mask=mask), **either_gelu)
    expect(np.asarray(block(params, other, mask=mask)[0])[words], **either_gelu)


@test_case(name="words in another order come out in that order", points=0.75, hidden=True)
def another_order(EncoderBlock):
    block, order = module(EncoderBlock, 6, 6), np.array([3, 0, 4, 2, 1])
    X = normal(3, 2, 5, 6)
    expect(block(block.fill(X), X[:, order]), **either_gelu)


@test_case(name="each example has a mask of its own", points=1.25, hidden=True)
def masks_of_examples(EncoderBlock):
    block, mask, X = module(EncoderBlock, 1, 10), no_future[:, :4, :4].copy(), normal(5, 4, 4, 10)
    mask[1], mask[2] = mask[1].T, np.eye(4, dtype=bool)
    mask = np.concatenate([mask, ~mask[:1]])
    expect(block(block.fill(X), X, mask=mask), **either_gelu)


@test_case(name="gradients stay finite where nothing may be read", points=0.75, hidden=True)
def finite_gradients(EncoderBlock):
    block, mask = module(EncoderBlock, 2, 8), no_future.copy()
    mask[0, 2] = False

    def total(params):
        return jnp.sum(block(params, X, mask=mask)[0] ** 3)

    gradients = jax.tree.leaves(jax.jit(jax.grad(total))(block.fill(X)))
    expect(sorted(float(jnp.sum(leaf**2)) for leaf in gradients), rtol=1e-2, atol=1e-2)
