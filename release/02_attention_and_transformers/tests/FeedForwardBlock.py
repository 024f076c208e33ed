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
