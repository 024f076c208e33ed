from otter.test_files import test_case
from workbook import expect, module, normal

OK_FORMAT = False
name = "Scale"


@test_case(name="one parameter called scale, as wide as the features", points=0)
def parameters(Scale):
    expect(module(Scale).shapes(normal(1, 2, 3)))


# --- hidden: nothing below this line is released ---


@test_case(name="each feature is multiplied by its own scale", points=1, hidden=True)
def scaled_by_each(Scale):
    scale, x = module(Scale), normal(1, 2, 3)
    expect(scale(scale.fill(x), x))
