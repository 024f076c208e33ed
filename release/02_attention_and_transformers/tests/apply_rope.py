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
