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


# --- hidden: nothing below this line is released ---


@test_case(
    name="around the place where it becomes flat, and far behind it", points=0.25, hidden=True
)
def around_the_floor(get_epsilon):
    expect([get_epsilon(t) for t in (1, 2400, 2699, 2700, 2701, 10**6)])


@test_case(name="an array of steps under jit", points=0.5, hidden=True)
def array(get_epsilon):
    steps = jnp.array([0, 7, 300, 1234, 2600, 2800, 5000])
    expect([jax.jit(get_epsilon)(steps), get_epsilon(steps[:3]), jax.vmap(get_epsilon)(steps)])


@test_case(name="another slope and another floor", points=0.25, hidden=True)
def other_settings(get_epsilon):
    steps = np.array([0, 10, 45, 79, 80, 100, 101, 400], np.int32)
    expect(run(lambda t: get_epsilon(t, decay_steps=100, final=0.2), steps))
    expect(run(lambda t: get_epsilon(t, decay_steps=70, final=0.0), steps))
