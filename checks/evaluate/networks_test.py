"""Networks, optimisers and graphs as practicals have them: steps of training, whole."""

import haiku as hk
import jax
import jax.numpy as jnp
import jraph
import numpy as np
import optax
import pytest

from checks.evaluate.held import hold, some

pytestmark = pytest.mark.slow
LONG = {"ulps": 4096, "scale": 1, "signed": False}  # errors of many sums add up


@pytest.fixture(autouse=True)
def default_promotion():
    with jax.numpy_dtype_promotion("standard"):
        yield


def gradient(network, *inputs):
    """Hold a network's initial parameters, and the gradient of its squares, to XLA."""
    model, key = hk.transform_with_state(network), jax.random.key(0)
    hold(lambda key, *xs: model.init(key, *xs), key, *inputs, ulps=64, scale=1)
    params, state = model.init(key, *inputs)

    def squares(params, state, key, *xs):
        return (model.apply(params, state, key, *xs)[0] ** 2).mean()

    hold(jax.value_and_grad(squares), params, state, key, *inputs, **LONG)


def convolutional(x):
    x = jax.nn.relu(hk.BatchNorm(True, True, 0.9)(hk.Conv2D(4, 3)(x), True))
    x = hk.avg_pool(hk.max_pool(x, 2, 2, "SAME"), 2, 1, "VALID")
    x = hk.DepthwiseConv2D(2, 3)(hk.Conv2DTranspose(3, 3, 2)(x))
    return hk.dropout(hk.next_rng_key(), 0.3, hk.Flatten()(x))


def recurrent(x):
    core = hk.LSTM(6)
    return hk.dynamic_unroll(core, x, core.initial_state(2))[0]


def attention(x):
    mask = jnp.tril(jnp.ones((1, 1, x.shape[1], x.shape[1])))
    heads = hk.MultiHeadAttention(2, 4, w_init=hk.initializers.VarianceScaling(1.0))
    return hk.LayerNorm(-1, True, True)(x + hk.Linear(x.shape[-1])(heads(x, x, x, mask=mask)))


def test_networks():
    gradient(convolutional, some("float32", (2, 8, 8, 3)))
    gradient(recurrent, some("float32", (5, 2, 3)))
    gradient(attention, some("float32", (2, 5, 3)))


@pytest.mark.parametrize("optimiser", ["adamw", "sgd", "rmsprop", "lion"])
def test_steps_of_training(optimiser):
    x, y = some("float32", (8, 5)), np.arange(8, dtype=np.int32) % 3
    model = hk.without_apply_rng(hk.transform(lambda x: hk.nets.MLP([7, 3])(x)))
    rule = getattr(optax, optimiser)(optax.cosine_decay_schedule(0.01, 9))
    rule = optax.chain(optax.clip_by_global_norm(1.0), rule)

    def loss(params, x, y):
        return optax.softmax_cross_entropy_with_integer_labels(model.apply(params, x), y).mean()

    def steps(params, x, y):
        def step(carry, _):
            value, change = jax.value_and_grad(loss)(carry[0], x, y)
            change, state = rule.update(change, carry[1], carry[0])
            return (optax.apply_updates(carry[0], change), state), value

        return jax.lax.scan(step, (params, rule.init(params)), length=3)

    params = model.init(jax.random.key(0), x)
    hold(steps, params, x, y, may_refuse=True, **LONG)


def test_losses():
    x, y = some("float32", (8, 5)), some("float32", (8, 5), 1)

    def f(x, y):
        yield optax.huber_loss(x, y), optax.l2_loss(x, y), optax.cosine_similarity(x, y)
        yield optax.sigmoid_binary_cross_entropy(x, jax.nn.sigmoid(y)), optax.log_cosh(x, y)

    hold(lambda *xs: list(f(*xs)), x, y, ulps=64, scale=10)


def test_graphs():
    senders, receivers = np.array([[0, 1, 2, 3, 4, 0, 2], [1, 2, 3, 4, 0, 2, 2]], np.int32)
    counts = np.array([3, 2], np.int32), np.array([4, 3], np.int32)
    numbers = [some("float32", (n, 3)) for n in (5, 7, 2)]
    graph = jraph.GraphsTuple(
        nodes=numbers[0], edges=numbers[1], globals=numbers[2],
        senders=senders, receivers=receivers, n_node=counts[0], n_edge=counts[1],
    )  # fmt: skip

    def f(graph):
        edges, to = graph.edges, graph.receivers
        yield jraph.segment_softmax(edges[:, 0], to, 5), jraph.segment_mean(edges, to, 5)
        yield jraph.segment_max(edges, to, 5), jraph.segment_variance(edges, to, 5)
        yield jraph.GraphConvolution(lambda n: n * 2, add_self_edges=True)(graph).nodes
        yield jraph.GraphNetwork(
            lambda e, *_: e * 2, lambda n, s, r, g: n + r, lambda n, e, g: g + n
        )(graph)

    hold(lambda graph: list(f(graph)), graph, ulps=64, scale=10)
