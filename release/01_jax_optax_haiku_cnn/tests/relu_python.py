import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect

OK_FORMAT = False
name = "relu_python"


def number(value):
    """Ints, floats and arrays without axes are compared as numbers."""
    if value is None or isinstance(value, str) or np.shape(value) != ():
        return value
    return float(value)


@test_case(name="a positive number stays as it is", points=0)
def positive(relu_python):
    expect(number(relu_python(3.0)))


@test_case(name="a negative number becomes 0", points=0)
def negative(relu_python):
    expect(number(relu_python(-2.0)))


@test_case(name="0.5, −0.5, 2.5, 300 and −40", points=0)
def several(relu_python):
    expect([number(relu_python(x)) for x in (0.5, -0.5, 2.5, 300.0, -40.0)], rtol=1e-6, atol=0)


@test_case(name="0 itself gives 0", points=0)
def zero(relu_python):
    expect([number(relu_python(x)) for x in (0.0, 0)])


@test_case(name="ints, and arrays without axes", points=0)
def ints_and_arrays(relu_python):
    expect([number(relu_python(x)) for x in (8, -6, np.array(1.25), jnp.float32(-0.75))])
