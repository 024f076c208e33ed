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


# --- hidden: nothing below this line is released ---


@test_case(name="a token of equal numbers stays finite", points=1, hidden=True)
def equal_numbers(AddNorm):
    add_norm, one, other = module(AddNorm), np.array(x), np.array(processed_x)
    one[0, 1] = [1, 2, 0, -1, 4]
    other[0, 1] = 3 - one[0, 1]
    expect(add_norm(add_norm.fill(one, other), one, other), atol=1e-3)


@test_case(name="the size of a token hardly matters, unless it is tiny", points=1, hidden=True)
def sizes(AddNorm):
    add_norm = module(AddNorm)
    params = add_norm.fill(x, processed_x)
    expect(add_norm(params, 10 * x, 10 * processed_x))
    expect(add_norm(params, 0.003 * x, 0.003 * processed_x))


@test_case(name="tokens don't see each other", points=1, hidden=True)
def each_alone(AddNorm):
    add_norm, other = module(AddNorm), np.array(x)
    other[:, 1] += np.asarray(normal(3, 2, 5))
    params = add_norm.fill(x, processed_x)
    expect(add_norm(params, other, processed_x))
    expect(add_norm(params, other[0], processed_x[0]))
