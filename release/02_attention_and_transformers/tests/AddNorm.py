import numpy as np
from otter.test_files import test_case
from workbook import expect, module, normal

OK_FORMAT = False
name = "AddNorm"

# batch 2, 3 tokens, width 5
x, processed_x = np.asarray(normal(1, 2, 3, 5)), np.asarray(normal(2, 2, 3, 5))


@test_case(name="a scale and an offset are learned", points=0)
def parameters(AddNorm):
    expect(module(AddNorm).shapes(x, processed_x))


@test_case(name="the sum is normalised, token by token", points=0)
def values(AddNorm):
    add_norm = module(AddNorm)
    expect(add_norm(add_norm.fill(x, processed_x), x, processed_x))
