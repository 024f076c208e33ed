import numpy as np
from otter.test_files import test_case
from workbook import expect, module, normal

OK_FORMAT = False
name = "FeedForwardBlock"

x = normal(1, 2, 3, 5)  # batch 2, 3 tokens, width 5
# the exact and the tanh form are both right; what builds on it allows twice as much
either_gelu = {"rtol": 5e-4, "atol": 5e-4}


@test_case(name="widening twofold and back", points=0)
def parameters(FeedForwardBlock):
    expect(module(FeedForwardBlock, 2).shapes(x))


@test_case(name="every token goes through both layers", points=0)
def values(FeedForwardBlock):
    block = module(FeedForwardBlock, 2)
    expect(block(block.fill(x), x), **either_gelu)


@test_case(name="factors of 4, by default, and 3; with any axes in front", points=0)
def other_factors(FeedForwardBlock):
    expect(module(FeedForwardBlock).shapes(x))
    block, row, many = module(FeedForwardBlock, 3), normal(3, 4), normal(4, 2, 3, 2, 4)
    params = block.fill(row)
    expect(block(params, row), **either_gelu)
    expect(block(params, many), **either_gelu)


# --- hidden: nothing below this line is released ---


@test_case(name="the hidden layer is as wide as the factor says", points=1, hidden=True)
def factors(FeedForwardBlock):
    expect(module(FeedForwardBlock).shapes(x))
    expect(module(FeedForwardBlock, 5).shapes(x))
    narrow = module(FeedForwardBlock, 1)
    expect(narrow.shapes(x))
    expect(narrow(narrow.fill(x), x), **either_gelu)


@test_case(name="rows without a batch axis work too", points=1, hidden=True)
def no_batch(FeedForwardBlock):
    block, x = module(FeedForwardBlock, 2), normal(2, 7, 5)
    expect(block(block.fill(x), x), **either_gelu)


@test_case(name="tokens don't see each other", points=1, hidden=True)
def each_alone(FeedForwardBlock):
    block, x = module(FeedForwardBlock, 2), normal(5, 4, 3, 6)
    expect(block(block.fill(x), np.asarray(x)[:, [2, 0, 1]]), **either_gelu)
