import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, kind_of, module, normal, run

OK_FORMAT = False
name = "MyLinearModel"

x = normal(1, 2, 4)  # two rows of width 4, to be mapped to width 3


def numbers(params):
    """Parameters of the given structure, filled with fixed numbers."""
    leaves, tree = jax.tree.flatten(params)
    return jax.tree.unflatten(tree, [normal(n + 2, *leaf.shape) for n, leaf in enumerate(leaves)])


def draws(MyLinearModel, d_in, output_dim):
    """The first w for the seeds 3, 3 and 4, and b."""
    layer, inputs = module(MyLinearModel, output_dim), jnp.ones((1, d_in))
    found = [next(iter(layer.init(inputs, seed=seed).values())) for seed in (3, 3, 4)]
    return [np.asarray(params["w"]) for params in found], np.asarray(found[0]["b"])


def correlations(first, *others):
    """How much other draws are like the first: 1 for the same numbers, about 0 for other ones."""
    return [float(np.vdot(first, w) / (np.vdot(first, first) + 1e-9)) for w in others]


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
        f"what hk.transform makes is wanted, {kind_of(network)} came back"
    )
    params = jax.jit(network.init)(jax.random.key(0), x)
    assert params, "init returned no parameters at all"
    shapes = [
        (f"{path}/{n}", a.shape) for path, leaves in params.items() for n, a in leaves.items()
    ]
    expect(sorted(shapes))


@test_case(name="linear_network: apply, with other parameters and another width", points=0)
def network_applied(linear_network):
    network, wide = linear_network(5), normal(8, 3, 2)
    params = numbers(jax.jit(network.init)(jax.random.key(2), wide))
    expect(run(network.apply, params, wide))


@test_case(name="an input with one axis, and with three", points=0)
def other_axes(MyLinearModel):
    layer, inputs = module(MyLinearModel, 2), normal(9, 2, 3, 5)
    params = layer.fill(inputs)
    expect([layer(params, inputs), layer(params, inputs[0, 0])])


@test_case(name="the first w: mean 0 and spread 1/√d_in, drawn from the key; b is 0", points=0)
def first_weights(MyLinearModel):
    (w, same, other), b = draws(MyLinearModel, 128, 80)
    expect({"b": np.abs(b).max()})
    expect({"standard deviation of w": w.std()}, rtol=0.05, atol=0)
    expect({"mean of w": w.mean()}, atol=0.006)
    expect(dict(zip(("same key", "another key"), correlations(w, same, other))), atol=0.05)
