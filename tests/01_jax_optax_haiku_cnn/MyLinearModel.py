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


# --- hidden: nothing below this line is released ---


@test_case(name="inputs with one axis, two and three", points=1, hidden=True)
def axes(MyLinearModel):
    layer = module(MyLinearModel, 3)
    params = layer.fill(x)
    expect([layer(params, normal(5, 4)), layer(params, normal(6, 2, 5, 4))])


@test_case(name="linear_network: apply uses the parameters that it is given", points=1, hidden=True)
def network_values(linear_network):
    network = linear_network(3)
    params = numbers(jax.jit(network.init)(jax.random.key(0), x))
    expect(run(network.apply, params, x))


@test_case(name="another width", points=1, hidden=True)
def other_width(linear_network, MyLinearModel):
    network, wide = linear_network(6), normal(7, 3, 2)
    params = jax.jit(network.init)(jax.random.key(0), wide)
    expect([params["linear"]["w"].shape, params["linear"]["b"].shape])
    expect(run(network.apply, numbers(params), wide))
    expect(module(MyLinearModel, 6).shapes(wide))


@test_case(name="the first weights have the right spread, and b is zero", points=1, hidden=True)
def initial_spread(MyLinearModel):
    layer = module(MyLinearModel, 50)
    (params,) = layer.init(jnp.ones((1, 400)), seed=3).values()
    w = np.asarray(params["w"])
    expect({"standard deviation of w": w.std(), "b": np.abs(params["b"]).max()}, rtol=0.15)


@test_case(name="another key draws other weights, the same key the same", points=1, hidden=True)
def keys(MyLinearModel):
    layer = module(MyLinearModel, 50)
    inputs = jnp.ones((1, 400))
    draws = [next(iter(layer.init(inputs, seed=s).values()))["w"].ravel() for s in (3, 3, 4)]
    size = np.linalg.norm(draws[0]) + 1e-9
    same, other = (float(draws[0] @ draw) / size**2 for draw in draws[1:])
    expect({"correlation, same key": same, "correlation, other key": other}, atol=0.05)
