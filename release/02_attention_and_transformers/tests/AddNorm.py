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


@test_case(name="tiny numbers and equal ones, where ε decides", points=0)
def tiny(AddNorm):
    add_norm, one, other = module(AddNorm), 0.004 * x, 0.002 * processed_x
    one[1, 2] = 2 - other[1, 2]
    expect(add_norm(add_norm.fill(one, other), one, other), atol=1e-3)


@test_case(name="with any axes in front, none too", points=0)
def any_axes(AddNorm):
    for one, other in ((x[0, 0], processed_x[0, 0]), (x[None], processed_x[None])):
        add_norm = module(AddNorm)
        expect(add_norm(add_norm.fill(one, other), one, other))
