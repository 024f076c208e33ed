import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, module, normal

OK_FORMAT = False
name = "ConvNetModule"

small = normal(1, 3, 8, 8, 1)  # three images
wide = normal(2, 2, 12, 10, 3)


@test_case(name="the layers and their shapes", points=0)
def parameters(ConvNetModule):
    expect(module(ConvNetModule).shapes(small))


@test_case(name="three images give three rows of ten logits", points=0)
def values(ConvNetModule):
    net = module(ConvNetModule)
    logits = net(net.fill(small), small)
    assert np.shape(logits) == (3, 10), (
        f"3 images and 10 classes should give (3, 10), yours is {np.shape(logits)}"
    )
    expect(logits, rtol=1e-3, atol=1e-3)


@test_case(name="one convolution, five classes, images of 4 by 6 with 2 colours", points=0)
def one_convolution(ConvNetModule):
    net, images = module(ConvNetModule, (3,), 5), normal(3, 2, 4, 6, 2)
    expect(net.shapes(images))
    expect(net(net.fill(images), images), rtol=1e-3, atol=1e-3)


@test_case(name="three convolutions, and a batch of one", points=0)
def three_convolutions(ConvNetModule):
    net, images = (
        module(ConvNetModule, channels=(2, 4, 3), num_classes=4),
        3 * normal(4, 2, 8, 8, 1),
    )
    params = net.fill(images)
    expect(net(params, images), rtol=1e-3, atol=1e-3)
    expect(net(params, images[1:]), rtol=1e-3, atol=1e-3)
