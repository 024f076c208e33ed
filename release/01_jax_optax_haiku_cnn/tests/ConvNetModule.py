import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, module, normal

OK_FORMAT = False
name = "ConvNetModule"

small = normal(1, 3, 8, 8, 1)  # three images
wide = normal(2, 2, 12, 8, 3)


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
