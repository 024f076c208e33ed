import numpy as np
from otter.test_files import test_case
from workbook import expect

OK_FORMAT = False
name = "cosine_points"


@test_case(name="two arrays come back, each with num_points numbers", points=0)
def two_arrays(cosine_points):
    result = cosine_points(5)
    assert isinstance(result, tuple | list) and len(result) == 2, (
        f"the pair (x, y) is wanted; what came back is of the type {type(result).__name__}"
        f" and has the shape {np.shape(result)}"
    )
    expect([np.shape(part) for part in result])


@test_case(name="three points: both ends and the middle", points=0)
def three_points(cosine_points):
    x, y = cosine_points(3)
    expect({"x": x})
    expect({"y": y})


@test_case(name="six points and two: the cosine of each", points=0)
def six_points(cosine_points):
    for count in (6, 2):
        x, y = cosine_points(count)
        expect({"x": x, "y": y})


@test_case(name="one point, and as many as when nothing is said", points=0)
def one_and_default(cosine_points):
    x, y = cosine_points(1)
    expect({"x": x, "y": y})
    expect({"number of points when nothing is said": len(cosine_points()[0])})
