import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, module, normal, run

OK_FORMAT = False
name = "MyLinearModel"

x = normal(1, 2, 4)  # two rows of width 4, to be mapped to width 3


def numbers(params):
    """Parameters of the given structure, filled with fixed numbers."""
    leaves, tree = jax.tree.flatten(params)
    return jax.tree.unflatten(tree, [normal(n + 2, *leaf.shape) for n, leaf in enumerate(leaves)])


@test_case(name="w and b, with their shapes", points=0)
def parameters(MyLinearModel):
    expect(module(MyLinearModel, 3).shapes(x))


@test_case(name="x w + b", points=0)
def values(MyLinearModel):
    layer = module(MyLinearModel, 3)
    expect(layer(layer.fill(x), x))


@test_case(name="linear_network: init returns the parameters of a module named linear", points=0)
def network_parameters(linear_network):
    network = linear_network(3)
    assert hasattr(network, "init"), (
        f"what hk.transform makes is wanted, a {type(network).__name__} came back"
    )
    params = jax.jit(network.init)(jax.random.key(0), x)
    assert params, "init returned no parameters at all"
    shapes = [
        (f"{path}/{n}", a.shape) for path, leaves in params.items() for n, a in leaves.items()
    ]
    expect(sorted(shapes))
