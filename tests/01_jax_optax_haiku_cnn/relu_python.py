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


# --- hidden: nothing below this line is released ---


@test_case(name="numbers on both sides of 0 and of 1", points=1, hidden=True)
def around_zero(relu_python):
    expect([number(relu_python(x)) for x in (0.25, -0.25, 0.999, -0.001, 1e-30)], rtol=1e-6, atol=0)


@test_case(name="large numbers and whole numbers", points=0.5, hidden=True)
def large_and_whole(relu_python):
    expect([number(relu_python(x)) for x in (250.0, -1e6, 7, -3, 1)])


@test_case(name="zero, with either sign, and arrays without axes", points=0.5, hidden=True)
def zeros_and_arrays(relu_python):
    inputs = (0.0, -0.0, np.float32(2.5), np.array(-1.5), np.array(0.25), jnp.float32(0.125))
    expect([number(relu_python(x)) for x in inputs])
