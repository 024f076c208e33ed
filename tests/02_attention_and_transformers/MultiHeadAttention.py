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


# --- hidden: nothing below this line is released ---

# queries (5, 7) and what they read (6 tokens of width 9)
K, V = np.asarray(normal(5, 3, 6, 9)), np.asarray(normal(6, 3, 6, 9))


@test_case(name="queries, keys and values can have widths of their own", points=2.5, hidden=True)
def cross_attention(MultiHeadAttention):
    attention = module(MultiHeadAttention, 4, 8)
    expect(attention.shapes(Q=X, K=K, V=V))
    expect(attention(attention.fill(Q=X, K=K, V=V), Q=X, K=K, V=V, return_weights=True))


@test_case(name="one head or three, the output alone is returned", points=1.75, hidden=True)
def one_and_three_heads(MultiHeadAttention):
    for num_heads in (1, 3):
        attention = module(MultiHeadAttention, num_heads, 6)
        expect(attention(attention.fill(X), X))


@test_case(name="a mask belongs to an example, not to a head", points=1.5, hidden=True)
def mask_per_example(MultiHeadAttention):
    attention, X = module(MultiHeadAttention, 2, 10), normal(7, 2, 4, 6)
    mask = np.stack([no_future, no_future.T])[:, :4, :4]
    expect(attention(attention.fill(X), X, mask=mask, return_weights=True))


@test_case(name="a mask for all examples and a padding mask fit as well", points=0.75, hidden=True)
def mask_ranks(MultiHeadAttention):
    attention = module(MultiHeadAttention, 5, 10)
    params = attention.fill(X)
    padding = np.array([[[1, 1, 1, 0, 0]], [[1, 0, 1, 1, 1]], [[0, 0, 0, 0, 0]]], bool)
    expect(attention(params, X, mask=no_future))
    expect(attention(params, X, mask=padding))


@test_case(name="the order of what is read doesn't matter", points=0.75, hidden=True)
def permutation(MultiHeadAttention):
    attention, order = module(MultiHeadAttention, 2, 8), np.array([4, 0, 5, 2, 1, 3])
    mask = np.array([[[1, 1, 0, 1, 1, 1]], [[1, 0, 0, 1, 1, 1]], [[1, 1, 1, 1, 0, 0]]], bool)
    params = attention.fill(Q=X, K=K, V=V)
    shuffled = {"K": K[:, order], "V": V[:, order], "mask": mask[:, :, order]}
    expect(attention(params, Q=X, **shuffled))
    Q, other, few = normal(8, 1, 3, 4), normal(9, 1, 2, 5), module(MultiHeadAttention, 2, 4)
    expect(few(few.fill(Q=Q, K=other, V=other), Q=Q, K=other, V=other[:, ::-1]))


@test_case(name="heads that don't divide the width are refused", points=0.75, hidden=True)
def uneven_heads(MultiHeadAttention):
    attention = module(MultiHeadAttention, 2, 8)
    expect(attention(attention.fill(X), X, return_weights=True))
    expect([raises(ValueError, module(MultiHeadAttention, n, 8).shapes, X) for n in (2, 3, 4, 5)])
