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


# --- hidden: nothing below this line is released ---


@test_case(name="positions needn't begin with 0 or follow each other", points=1.5, hidden=True)
def any_positions(apply_rope):
    expect(run(apply_rope, x, np.array([7, 3, 100, 0, 12])))


@test_case(
    name="each example has positions of its own, and they may be fractions",
    points=0.75,
    hidden=True,
)
def positions_of_examples(apply_rope):
    expect(run(apply_rope, x, np.array([[0, 1, 2, 3, 4], [0.5, 1.5, -2.25, 8, 9]], np.float32)))


@test_case(name="another theta, other speeds", points=0.75, hidden=True)
def other_theta(apply_rope):
    expect(run(apply_rope, x, in_order, theta=100.0))
    expect(run(apply_rope, np.asarray(normal(5, 3, 4)), np.array([2, 30, 4]), theta=1e6))


@test_case(name="an axis of heads in front", points=0.75, hidden=True)
def with_heads(apply_rope):
    expect(run(apply_rope, np.asarray(normal(2, 2, 3, 5, 6)), in_order))
    each = np.array([[[4, 0, 1, 2, 8]], [[7, 5, 3, 1, 2]]])
    expect(run(apply_rope, np.asarray(normal(6, 2, 3, 5, 4)), each))


@test_case(name="dot products see the distance alone", points=0.75, hidden=True)
def distance_alone(apply_rope):
    query, key = np.tile(x[0, :1], (5, 1)), np.tile(x[1, :1], (5, 1))
    places = np.array([3, 4, 10, 25, 60])
    turned = run(apply_rope, np.stack([query, key]), np.stack([places, places - 3]))
    expect(np.sum(np.prod(np.asarray(turned), axis=0), axis=-1))


@test_case(name="turning twice adds the angles", points=0.5, hidden=True)
def turned_twice(apply_rope):
    once = run(apply_rope, x, in_order)
    expect(run(apply_rope, np.asarray(once), np.array([2, 0, 5, 1, 3])))


@test_case(name="a width that isn't even is refused", points=1, hidden=True)
def odd_features(apply_rope):
    expect(run(apply_rope, x, in_order))
    widths = [jnp.asarray(x[..., :width]) for width in (5, 4, 3)]
    expect([raises(ValueError, apply_rope, cut, jnp.arange(5)) for cut in widths])
