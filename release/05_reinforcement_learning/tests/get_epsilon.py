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


@test_case(name="long after it has become flat", points=0)
def long_after(get_epsilon):
    expect([get_epsilon(t) for t in (2600, 2750, 50_000)])


@test_case(name="another slope, another floor, or both", points=0)
def own_settings(get_epsilon):
    for settings in ({"decay_steps": 40}, {"final": 0.3}, {"decay_steps": 500, "final": 0.0}):
        expect([get_epsilon(t, **settings) for t in (10, 38, 450, 4000)])


@test_case(name="an array of steps, and a traced step", points=0)
def several_steps(get_epsilon):
    steps = jnp.array([[0, 600], [2850, 900]])
    expect([get_epsilon(steps), jax.jit(get_epsilon)(jnp.array(750))])
