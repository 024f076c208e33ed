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


# --- hidden: nothing below this line is released ---


@test_case(name="examples with two axes", points=1.5, hidden=True)
def two_axes(batch_min_max):
    expect(run(batch_min_max, normal(1, 2, 3, 4)))


@test_case(name="whole numbers stay whole, negative ones too", points=1, hidden=True)
def whole_numbers(batch_min_max):
    expect(run(batch_min_max, integers(2, -50, -3, 4, 6)))


@test_case(name="examples of one number, and of equal numbers", points=1, hidden=True)
def single_numbers(batch_min_max):
    expect(run(batch_min_max, normal(3, 5, 1)))
    expect(run(batch_min_max, np.full((3, 5), 2.5, np.float32)))


@test_case(name="many examples of one", points=0.5, hidden=True)
def more_examples(batch_min_max):
    expect(run(batch_min_max, normal(4, 7, 2)))
