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


# --- hidden: nothing below this line is released ---


@test_case(name="dilation behind a stride", points=1, hidden=True)
def dilated(receptive_field):
    expect(receptive_field([(3, 2, 1), (3, 1, 2)]))
    expect(receptive_field([(3, 1, 1), (3, 1, 2), (3, 1, 4)]))


@test_case(
    name="no layers, kernels of one, and strides longer than the kernel", points=1, hidden=True
)
def unusual(receptive_field):
    expect(receptive_field([]))
    expect(receptive_field([(1, 1, 1), (1, 3, 1), (4, 1, 1)]))
    expect(receptive_field([(2, 5, 1), (2, 2, 1)]))


@test_case(name="a stack of four", points=1, hidden=True)
def four_layers(receptive_field):
    expect(receptive_field([(5, 1, 1), (1, 1, 1), (3, 2, 2), (2, 3, 1)]))
    expect(receptive_field([(2, 3, 4)]))


@test_case(name="the order of layers matters", points=1, hidden=True)
def order(receptive_field):
    expect(receptive_field([(7, 3, 1), (3, 1, 3), (2, 2, 1)]))
    expect(receptive_field([(2, 2, 1), (3, 1, 3), (7, 3, 1)]))
