import numpy as np
from otter.test_files import test_case
from workbook import expect

OK_FORMAT = False
name = "relu_python"


def number(value):
    """Ints, floats and arrays without axes are compared as numbers."""
    return None if value is None else float(value)


@test_case(name="a positive number stays as it is", points=0)
def positive(relu_python):
    expect(number(relu_python(3.0)))


@test_case(name="a negative number becomes 0", points=0)
def negative(relu_python):
    expect(number(relu_python(-2.0)))
