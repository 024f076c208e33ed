import numpy as np
from otter.test_files import test_case
from workbook import expect, integers, normal, run

OK_FORMAT = False
name = "batch_min_max"

# three examples of five numbers; the smallest and the largest are never at the ends
rows = np.array([[4, 1, 9, 7, 5], [0, 8, -3, 2, 1], [6, 6, 5, 7, 6]], np.float32)


@test_case(name="three examples give three pairs", points=0)
def three_rows(batch_min_max):
    pairs = run(batch_min_max, rows)
    assert np.shape(pairs) == (3, 2), (
        f"3 examples should give the shape (3, 2), yours is {np.shape(pairs)}"
    )
    expect(pairs)


@test_case(name="one example is a batch too", points=0)
def one_example(batch_min_max):
    expect(run(batch_min_max, rows[1:2]))
