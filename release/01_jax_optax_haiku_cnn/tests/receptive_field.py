from otter.test_files import test_case
from workbook import expect

OK_FORMAT = False
name = "receptive_field"


@test_case(name="one convolution of three", points=0)
def one_layer(receptive_field):
    expect(receptive_field([(3, 1, 1)]))


@test_case(name="convolve, pool, convolve", points=0)
def worked(receptive_field):
    expect(receptive_field([(3, 1, 1), (2, 2, 1), (3, 1, 1)]))


@test_case(name="no layers", points=0)
def nothing(receptive_field):
    expect(receptive_field([]))


@test_case(name="a dilation of 3, alone and behind a stride", points=0)
def with_dilation(receptive_field):
    expect(receptive_field([(3, 1, 3)]))
    expect(receptive_field([(2, 2, 1), (4, 1, 3)]))


@test_case(name="two strides, and the same layers the other way round", points=0)
def two_strides(receptive_field):
    expect(receptive_field([(3, 2, 1), (5, 3, 1)]))
    expect(receptive_field([(5, 3, 1), (3, 2, 1)]))
