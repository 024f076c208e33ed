import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, module, normal, raises

OK_FORMAT = False
name = "GNNModule"


def inputs(seed, B, G, N):
    """Signals, and a shift that isn't symmetric."""
    return normal(seed, B, G, N), normal(seed + 1, N, N) / np.sqrt(N)


def wave(x):
    return jnp.sin(2 * x) - 0.25


def refused(GNNModule, layers, k, f):
    """Whether such a network is refused, when it is made or called."""

    def make(x, S):
        return GNNModule(layers, k, f, jnp.tanh)(x, S)

    x, S = jnp.zeros((2, f[0], 3)), jnp.eye(3)
    return raises(ValueError, jax.eval_shape, hk.transform(make).init, jax.random.key(0), x, S)


def spread(values, bound):
    """What share of numbers lies in each sixth of the range, and outside of it."""
    edges = bound * np.linspace(-1.0001, 1.0001, 7)
    inside, _ = np.histogram(np.asarray(values), edges)
    return {"inside": inside / np.size(values), "outside": 1 - inside.sum() / np.size(values)}


def drawn(GNNModule, k, f, seed):
    """The spread of all parameters as they are drawn."""
    net = module(GNNModule, len(k), k, f, jnp.tanh)
    (params,) = net.init(*inputs(5, 1, f[0], 3), seed=seed).values()
    limits = {i: 1 / np.sqrt(taps * width) for i, (taps, width) in enumerate(zip(k, f))}
    return {f"{p}_{i}": spread(params[f"{p}_{i}"], limits[i]) for i in limits for p in "hb"}


def beginnings(GNNModule, layers, seeds):
    """How many different numbers the parameters of equal layers begin with, over some keys."""
    net = module(GNNModule, layers, (2,) * layers, (2,) * (layers + 1), jnp.tanh)
    drawn = [net.init(*inputs(5, 1, 2, 3), seed=seed) for seed in seeds]
    return len({float(np.ravel(leaf)[0]) for leaf in jax.tree.leaves(drawn)})


@test_case(name="the parameters of 609 numbers", points=0)
def parameters(GNNModule):
    net, sizes = module(GNNModule, 3, (4, 4, 1), (1, 16, 8, 1), jax.nn.relu), inputs(1, 2, 1, 5)
    shapes = net.shapes(*sizes)
    expect(shapes)
    expect({"numbers": int(sum(np.prod(shape) for _, shape in shapes))})


@test_case(name="one layer: a filter, and nothing after it", points=0)
def one_layer(GNNModule):
    net, arrays = module(GNNModule, 1, (3,), (2, 4), jnp.tanh), inputs(10, 3, 2, 5)
    expect(net(net.fill(*arrays), *arrays))


@test_case(name="two layers with tanh between them", points=0)
def two_layers(GNNModule):
    net, arrays = module(GNNModule, 2, (3, 2), (1, 4, 3), jnp.tanh), inputs(20, 2, 1, 6)
    expect(net(net.fill(*arrays), *arrays))


@test_case(name="three layers with another sigma, one of them wide", points=0)
def three_layers(GNNModule):
    net, arrays = module(GNNModule, 3, (1, 2, 3), (2, 3, 3, 2), wave), inputs(30, 2, 2, 4)
    expect(net.shapes(*arrays))
    expect(net(net.fill(*arrays), *arrays))


@test_case(name="how parameters are drawn", points=0)
def first_numbers(GNNModule):
    expect(drawn(GNNModule, (2, 3), (3, 300, 250), 1), atol=0.09)
    expect({"different numbers": beginnings(GNNModule, 2, (1, 2))})


@test_case(name="lists that don't fit are refused", points=0)
def wrong_lengths(GNNModule):
    calls = [
        (2, [3, 1], [1, 4, 2]),
        (2, [3], [1, 4, 2]),
        (2, [3, 1], [1, 4]),
        (1, [2, 2], [1, 4, 2]),
    ]
    expect({"l = {}, k = {}, f = {}".format(*call): refused(GNNModule, *call) for call in calls})
