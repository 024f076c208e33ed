import numpy as np
from otter.test_files import test_case
from workbook import expect, kind_of, module, normal, raises

OK_FORMAT = False
name = "MultiHeadAttention"

# batch 3, 5 tokens of width 7; in most cases 2 heads share d_m = 8
X = normal(1, 3, 5, 7)
no_future = np.tril(np.ones((5, 5), bool))


@test_case(name="four named layers, each with weights and a bias", points=0)
def parameters(MultiHeadAttention):
    expect(module(MultiHeadAttention, 2, 8).shapes(X))


@test_case(name="two heads look at a sentence", points=0)
def self_attention(MultiHeadAttention):
    attention = module(MultiHeadAttention, 2, 8)
    result = attention(attention.fill(X), X, return_weights=True)
    assert isinstance(result, tuple | list) and len(result) == 2, (
        f"with return_weights=True {kind_of(result)} came back, not (output, weights)"
    )
    output, weights = result
    expect({"weights": weights, "output": output})


@test_case(name="every head obeys the mask", points=0)
def masked(MultiHeadAttention):
    attention = module(MultiHeadAttention, 4, 12)
    mask = np.broadcast_to(no_future, (3, 5, 5))
    output, weights = attention(attention.fill(X), X, mask=mask, return_weights=True)
    ahead = np.asarray(weights)[..., ~no_future].max()
    assert not ahead > 1e-6, f"a weight above the diagonal is {ahead:.3g}: does the mask get there?"
    expect({"weights": weights, "output": output})


@test_case(name="one sentence reads another, of another length and width", points=0)
def another_sentence(MultiHeadAttention):
    attention = module(MultiHeadAttention, 3, 6)
    Q, K, V = normal(2, 2, 5, 8), normal(3, 2, 4, 9), normal(4, 2, 4, 9)
    expect(attention(attention.fill(Q=Q, K=K, V=V), Q=Q, K=K, V=V))


@test_case(name="a mask may have two axes, or one row for all queries", points=0)
def other_masks(MultiHeadAttention):
    attention = module(MultiHeadAttention, 3, 6)
    params, padding = attention.fill(X), np.ones((3, 1, 5), bool)
    padding[0, :, 3:] = padding[2, :, 1] = False
    expect(attention(params, X, mask=no_future))
    expect(attention(params, X, mask=padding))


@test_case(name="heads share the width evenly or are refused", points=0)
def heads_that_fit(MultiHeadAttention):
    expect([raises(ValueError, module(MultiHeadAttention, n, 6).shapes, X) for n in (3, 4, 6)])
