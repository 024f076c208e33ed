import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, raises, run

OK_FORMAT = False
name = "apply_rope"

# batch 2, 5 tokens, 3 pairs
x = np.asarray(normal(1, 2, 5, 6))
in_order = np.arange(5)


@test_case(name="one pair, turned counter-clockwise by the position", points=0)
def one_turn(apply_rope):
    axes = np.array([[1, 0], [0, 1]], np.float32)
    expect(run(apply_rope, axes, np.array([1, 2])))


@test_case(name="three pairs at three speeds", points=0)
def three_speeds(apply_rope):
    turned = run(apply_rope, x, in_order)
    assert np.shape(turned) == x.shape, f"{x.shape} went in, {np.shape(turned)} came out"
    expect(turned)


@test_case(name="any positions, those of each example its own, also fractions", points=0)
def other_positions(apply_rope):
    expect(run(apply_rope, x, np.array([9, 2, 2, 40, 0])))
    expect(run(apply_rope, x, np.array([[1, 2, 3, 4, 5], [0.5, -3, 0, 7.5, 2]], np.float32)))


@test_case(name="another theta, another width, and axes in front or none", points=0)
def other_thetas(apply_rope):
    expect(run(apply_rope, np.asarray(normal(3, 4, 8)), np.arange(4), theta=50.0))
    expect(run(apply_rope, np.asarray(normal(4, 2, 3, 4, 2)), np.arange(1, 5), theta=3.0))


@test_case(name="an odd width is refused", points=0)
def even_widths(apply_rope):
    cuts = [jnp.ones((2, width)) for width in (2, 3, 7)]
    expect([raises(ValueError, apply_rope, cut, jnp.arange(2)) for cut in cuts])
