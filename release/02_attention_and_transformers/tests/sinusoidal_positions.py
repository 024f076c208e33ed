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
