import numpy as np
from otter.test_files import test_case
from workbook import expect, integers, normal, run

OK_FORMAT = False
name = "batch_min_max"

# three examples of five numbers; the smallest and the largest are never at the ends
rows = np.array([[4, 1, 9, 7, 5], [0, 8, -3, 2, 1], [6, 6, 5, 7, 6]], np.float32)


def with_dtype(batch_min_max, batch):
    """What comes back, and the name of its dtype."""
    pairs = run(batch_min_max, batch)
    return {"dtype": str(getattr(pairs, "dtype", type(pairs).__name__)), "pairs": pairs}


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


@test_case(name="examples with two axes, and with three", points=0)
def more_axes(batch_min_max):
    tables = np.array([[[5, 2], [8, 3], [4, 6]], [[-1, -7], [-2, -5], [-9, -3]]], np.float32)
    expect(run(batch_min_max, tables))
    expect(run(batch_min_max, np.stack([tables, 10 - tables], axis=1)))


@test_case(name="ints stay ints, and float16 stays float16", points=0)
def dtypes(batch_min_max):
    expect(with_dtype(batch_min_max, rows.astype(np.int32)))
    expect(with_dtype(batch_min_max, (rows + 4).astype(np.float16)))
