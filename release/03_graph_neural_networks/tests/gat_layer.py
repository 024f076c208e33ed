import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "gat_layer"


def arrows(text):
    """Senders and receivers of edges written as "0>2 1>2"."""
    pairs = np.array([edge.split(">") for edge in text.split()], np.int32)
    return pairs[:, 0], pairs[:, 1]


def numbers(seed, width, heads, features, concat=True):
    """All six parameters, of such a size that scores are near 1."""
    shapes = {
        "w": (width, heads, features),
        "w_receiver": (width, heads, features),
        "a_sender": (heads, features),
        "a_receiver": (heads, features),
        "a": (heads, features),
        "b": (heads * features if concat else features,),
    }
    scale = {"w": width**-0.5, "w_receiver": width**-0.5}
    return {
        word: normal(seed + n, *shape) * scale.get(word, 1)
        for n, (word, shape) in enumerate(shapes.items())
    }


def layer(gat_layer, params, nodes, edges, **options):
    """The value under jit."""
    count = len(nodes)
    call = jax.jit(lambda p, x, s, r: gat_layer(p, x, s, r, count, **options))
    return run(call, params, nodes, *edges)


ones = {word: np.ones((1, 1, 1), np.float32) for word in ("w", "w_receiver")}
ones |= {word: np.ones((1, 1), np.float32) for word in ("a_sender", "a")}
worked = ones | {"a_receiver": np.zeros((1, 1), np.float32), "b": np.zeros(1, np.float32)}
# a node that is no receiver, one that hears itself, both directions of one edge
five = arrows("0>2 3>2 1>0 2>0 4>0 0>1 3>3 0>3 1>3")
# three senders, three receivers that each hear all three
table = arrows(" ".join(f"{s}>{r}" for r in (3, 4, 5) for s in (0, 1, 2)))


@test_case(name="the worked number", points=0)
def worked_number(gat_layer):
    nodes = np.array([[0], [np.log(3)], [5]], np.float32)
    expect(layer(gat_layer, worked, nodes, arrows("0>2 1>2")))


@test_case(name="two heads with three features, side by side", points=0)
def two_heads(gat_layer):
    out = layer(gat_layer, numbers(1, 4, 2, 3), normal(10, 5, 4), five)
    assert np.shape(out) == (5, 6), f"five nodes and 2 · 3 features; yours is {np.shape(out)}"
    expect(out)


@test_case(name="the mean of three heads", points=0)
def mean_heads(gat_layer):
    expect(layer(gat_layer, numbers(20, 4, 3, 2, False), normal(30, 5, 4), five, concat=False))


@test_case(name="dynamic attention", points=0)
def dynamic(gat_layer):
    nodes = normal(40, 5, 3)
    expect(layer(gat_layer, numbers(41, 3, 2, 4), nodes, five, dynamic=True))
    params = numbers(50, 3, 2, 4, False)
    expect(layer(gat_layer, params, nodes, five, dynamic=True, concat=False))


@test_case(name="other slopes, 1 among them", points=0)
def slopes(gat_layer):
    params, nodes = numbers(60, 4, 2, 3), normal(70, 5, 4)
    for slope in (0.0, 0.6, 1.0):
        expect(layer(gat_layer, params, nodes, five, negative_slope=slope))
    expect(layer(gat_layer, params, nodes, five, negative_slope=0.6, dynamic=True))


@test_case(name="scores of size 10 000", points=0)
def large_scores(gat_layer):
    params = numbers(80, 4, 2, 3)
    large = params | {word: 1e4 * params[word] for word in ("a_sender", "a_receiver", "a")}
    for kind in (False, True):
        expect(layer(gat_layer, large, normal(90, 5, 4), five, dynamic=kind), rtol=1e-3)


@test_case(name="three receivers, each to its own", points=0)
def each_to_its_own(gat_layer):
    eye = np.eye(3, dtype=np.float32)
    none = np.zeros((3, 3), np.float32)
    params = {
        "w": np.concatenate([8 * eye, none])[:, None],
        "w_receiver": np.concatenate([none, -8 * (1 - eye)])[:, None],
        "a_sender": np.full((1, 3), 0.2, np.float32),
        "a_receiver": np.full((1, 3), 0.3, np.float32),
        "a": np.ones((1, 3), np.float32),
        "b": np.zeros(3, np.float32),
    }
    out = layer(gat_layer, params, np.eye(6, dtype=np.float32), table, dynamic=True)
    expect(np.asarray(out)[3:] / 8, rtol=1e-3)


@test_case(name="padding, and edges in another order", points=0)
def padding(gat_layer):
    params, nodes = numbers(100, 4, 2, 3), normal(110, 8, 4)
    order = np.array([5, 2, 11, 8, 0, 9, 4, 10, 7, 1, 6, 3])
    senders, receivers = (np.append(ends, [5, 5, 5])[order].astype(np.int32) for ends in five)
    expect(np.asarray(layer(gat_layer, params, nodes, (senders, receivers)))[:5])


@test_case(name="gradients by parameters and nodes, with a lonely node", points=0)
def gradients(gat_layer):
    for kind in (False, True):

        def total(params, nodes, senders, receivers, kind=kind):
            return jnp.sum(gat_layer(params, nodes, senders, receivers, 5, dynamic=kind) ** 2) / 10

        params, nodes = numbers(120, 3, 2, 2), normal(130, 5, 3)
        expect(run(jax.grad(total, argnums=(0, 1)), params, nodes, *five), rtol=1e-3, atol=1e-4)
