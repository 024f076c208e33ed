import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, run

OK_FORMAT = False
name = "get_epsilon"


@test_case(name="1 at the beginning, 0.5 at 1500, 0.1 in the end", points=0)
def worked_numbers(get_epsilon):
    expect([get_epsilon(t) for t in (0, 1500, 3000)])
