import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, raises, run

OK_FORMAT = False
name = "conv2d"

# two images of 8 by 11 with 3 channels; kernels with 4 filters
x, w33, w23 = normal(1, 2, 8, 11, 3), normal(2, 3, 3, 3, 4), normal(3, 2, 3, 3, 4)
b = normal(4, 4)


def by_hand(conv2d, x, w, b, **options):
    """The value, or, when a ready-made convolution runs, words in its place."""
    traced = str(jax.make_jaxpr(lambda *arrays: conv2d(*arrays, **options))(x, w, b))
    if "conv_general_dilated" in traced:
        return "made by a ready-made convolution"
    return run(conv2d, x, w, b, **options)


@test_case(name="a 3 by 3 kernel fits 6 by 9 times into 8 by 11", points=0)
def valid(conv2d):
    out = by_hand(conv2d, x, w33, b)
    assert isinstance(out, str) or np.shape(out) == (2, 6, 9, 4), (
        f"two images and four filters should give (2, 6, 9, 4), yours is {np.shape(out)}"
    )
    expect(out)


@test_case(name="SAME keeps the size", points=0)
def same(conv2d):
    expect(by_hand(conv2d, x, w33, b, padding="SAME"))


@test_case(name="VALID with a stride of 2", points=0)
def valid_stride(conv2d):
    expect(by_hand(conv2d, x, w33, b, stride=2, padding="VALID"))


@test_case(name="SAME with a kernel of 2 by 3, and with a stride of 2", points=0)
def same_zeros(conv2d):
    expect({"2 by 3": by_hand(conv2d, x[:1], w23, b, padding="SAME")})
    expect({"stride 2": by_hand(conv2d, x[:1], w33, b, padding="SAME", stride=2)})


@test_case(name="a kernel of 2 by 3 with a stride of 4, longer than it", points=0)
def long_stride(conv2d):
    expect(by_hand(conv2d, x[:1], w23, b, stride=4))
    expect(by_hand(conv2d, x[:1], w23, b, padding="SAME", stride=4))


@test_case(name="only VALID and SAME are allowed", points=0)
def other_words(conv2d):
    words = ("SAME", "FULL", "same", "VALID")
    expect({word: raises(ValueError, conv2d, x[:1], w33, b, padding=word) for word in words})


@test_case(name="the gradient of the sum, by image, kernel and bias", points=0)
def slopes(conv2d):
    def total(x, w, b):
        return jnp.sum(conv2d(x, w, b, stride=3) ** 2)

    by_x, by_w, by_b = run(jax.grad(total, argnums=(0, 1, 2)), x[:1], w23, b)
    expect({"by x": by_x, "by w": by_w, "by b": by_b}, rtol=1e-3, atol=1e-3)


# --- hidden: nothing below this line is released ---


@test_case(name="a kernel that isn't square", points=1, hidden=True)
def not_square(conv2d):
    expect(by_hand(conv2d, x, w23, b))
    expect(by_hand(conv2d, x, w23, b, padding="VALID"))


@test_case(name="SAME with an even height of the kernel", points=1, hidden=True)
def even_kernel(conv2d):
    expect(by_hand(conv2d, x, w23, b, padding="SAME"))


@test_case(name="SAME with a stride of 2, on even and odd sizes", points=1, hidden=True)
def same_stride_2(conv2d):
    expect(by_hand(conv2d, x, w33, b, padding="SAME", stride=2))


@test_case(name="a stride of 3 with both paddings", points=1, hidden=True)
def stride_3(conv2d):
    expect(by_hand(conv2d, x, w23, b, stride=3))
    expect(by_hand(conv2d, x, w23, b, padding="SAME", stride=3))


@test_case(name="a 1 by 1 kernel with a stride, on other images", points=1, hidden=True)
def one_by_one(conv2d):
    images, w, bias = normal(6, 3, 9, 10, 2), normal(5, 1, 1, 2, 5), normal(7, 5)
    expect(by_hand(conv2d, images, w, bias, stride=3))
    expect(by_hand(conv2d, images, w, bias, padding="SAME", stride=3))


@test_case(name="gradients by image, kernel and bias", points=1.5, hidden=True)
def three_gradients(conv2d):
    def total(x, w, b):
        out = by_hand(conv2d, x, w, b, padding="SAME", stride=2)
        return jnp.sum(out**2) if not isinstance(out, str) else jnp.nan * x.sum()

    expect(run(jax.grad(total, argnums=(0, 1, 2)), x[:1], w33, b), rtol=1e-3, atol=1e-3)


@test_case(name="another word for padding is refused", points=0.5, hidden=True)
def refused(conv2d):
    words = ("VALID", "FULL", "SAME", "valid")
    expect([raises(ValueError, conv2d, x, w33, b, padding=word) for word in words])
    expect(by_hand(conv2d, x[:1], w33, b, padding="SAME", stride=3))
