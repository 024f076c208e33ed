import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, integers, normal, raises, run

OK_FORMAT = False
name = "image_to_patch"

# one grey picture 4 x 6 whose pixel in row r, column c is 100 r + c
numbered = np.add.outer(100 * np.arange(4), np.arange(6)).astype(np.float32)[None, :, :, None]


@test_case(name="the first patch is the upper left corner of the picture", points=0)
def upper_left(image_to_patch):
    patches = run(image_to_patch, numbered, 2)
    assert np.ndim(patches) == 5, f"the patches have {np.ndim(patches)} axes, 5 are wanted"
    first = np.asarray(patches)[0, 0, :, :, 0].astype(int).tolist()
    assert first == [[0, 1], [100, 101]], f"the first patch is {first}, not [[0, 1], [100, 101]]"
    expect(patches)


@test_case(name="patches of three, two coloured pictures; integers stay integers", points=0)
def wholes(image_to_patch):
    expect(run(image_to_patch, np.asarray(integers(2, -99, 99, 2, 6, 3, 2)), 3))
    expect(run(image_to_patch, np.asarray(normal(3, 3, 4, 8, 1)), 4))


@test_case(name="a picture that can't be cut evenly is refused", points=0)
def not_even(image_to_patch):
    expect(run(image_to_patch, numbered, 2).shape)
    cuts = (numbered[:, :3], numbered[:, :, :5], numbered[:, :2])
    expect([raises(ValueError, image_to_patch, jnp.asarray(cut), 2) for cut in cuts])
    expect(raises(ValueError, image_to_patch, jnp.asarray(numbered), 3))
