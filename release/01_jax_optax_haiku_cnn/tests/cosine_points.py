import numpy as np
from otter.test_files import test_case
from workbook import expect

OK_FORMAT = False
name = "cosine_points"


@test_case(name="two arrays come back, each with num_points numbers", points=0)
def two_arrays(cosine_points):
    result = cosine_points(5)
    assert isinstance(result, tuple | list) and len(result) == 2, (
        f"the pair (x, y) is wanted, a {type(result).__name__} came back"
    )
    expect([np.shape(part) for part in result])


@test_case(name="three points: both ends and the middle", points=0)
def three_points(cosine_points):
    x, y = cosine_points(3)
    expect({"x": x})
    expect({"y": y})
