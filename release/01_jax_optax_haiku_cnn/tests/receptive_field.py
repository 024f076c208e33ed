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
