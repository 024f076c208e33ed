import numpy as np
from otter.test_files import test_case
from workbook import expect, raises, run

OK_FORMAT = False
name = "sinusoidal_positions"


@test_case(name="three positions of width four", points=0)
def worked_number(sinusoidal_positions):
    expect(run(sinusoidal_positions, 3, 4))


@test_case(name="each pair of columns turns at a speed of its own", points=0)
def speeds(sinusoidal_positions):
    table = run(sinusoidal_positions, 5, 8)
    assert table.shape == (5, 8), f"length 5 and d_model 8 give a table of shape {table.shape}"
    expect(table)


@test_case(name="an odd width is refused", points=0)
def even_widths(sinusoidal_positions):
    expect([raises(ValueError, sinusoidal_positions, 4, width) for width in (9, 10, 11)])


@test_case(name="the thousandth position is as good as the first", points=0)
def thousandth(sinusoidal_positions):
    expect(np.asarray(run(sinusoidal_positions, 1001, 6))[[1, 10, 100, 1000]], atol=1e-3)


# --- hidden: nothing below this line is released ---


@test_case(name="the smallest width is one sine and one cosine", points=1, hidden=True)
def one_pair(sinusoidal_positions):
    expect(run(sinusoidal_positions, 7, 2))


@test_case(name="a width that isn't even is refused", points=1, hidden=True)
def odd_width(sinusoidal_positions):
    expect([raises(ValueError, sinusoidal_positions, 3, width) for width in (5, 6, 7)])
    expect(run(sinusoidal_positions, 3, 6))


@test_case(name="how alike two positions are depends on the gap alone", points=1, hidden=True)
def gaps(sinusoidal_positions):
    table = np.asarray(run(sinusoidal_positions, 9, 12), np.float64)
    likeness = table @ table.T
    expect([np.diagonal(likeness, gap) for gap in range(5)])
    expect(table)


@test_case(name="far positions stay accurate", points=1, hidden=True)
def far_away(sinusoidal_positions):
    table = np.asarray(run(sinusoidal_positions, 2000, 16))
    expect(table[::37], rtol=0, atol=1e-3)
