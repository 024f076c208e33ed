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


# --- hidden: nothing below this line is released ---

# seven nodes; nothing arrives at 3 and 6
seven = arrows("1>0 2>0 4>0 6>0 0>1 3>1 5>1 0>2 1>2 3>2 6>2 5>4 4>4 2>5 3>5 6>5")


@test_case(name="static attention with three heads", points=1, hidden=True)
def three_heads(gat_layer):
    expect(layer(gat_layer, numbers(201, 5, 3, 2), normal(210, 7, 5), seven))


@test_case(name="the mean of heads", points=1, hidden=True)
def mean_of_heads(gat_layer):
    params = numbers(220, 3, 4, 5, False)
    expect(layer(gat_layer, params, normal(230, 7, 3), seven, concat=False, negative_slope=0.1))


@test_case(name="dynamic attention, side by side and averaged", points=1, hidden=True)
def dynamic_attention(gat_layer):
    nodes = normal(240, 7, 2)
    expect(layer(gat_layer, numbers(241, 2, 3, 5), nodes, seven, dynamic=True))
    params, keys = numbers(250, 2, 5, 3, False), {"dynamic": True, "negative_slope": 0.3}
    expect(layer(gat_layer, params, nodes, seven, concat=False, **keys))


@test_case(name="receivers with the same senders", points=1, hidden=True)
def same_senders(gat_layer):
    params, nodes = numbers(260, 4, 2, 3), normal(270, 6, 4)
    for keys in ({}, {"dynamic": True}, {"negative_slope": 1.0}):
        expect(layer(gat_layer, params, nodes, table, **keys))
    eye, none = np.eye(3, dtype=np.float32), np.zeros((3, 3), np.float32)
    own = params | {
        "w": np.concatenate([6 * eye, none])[:, None],
        "w_receiver": np.concatenate([none, -6 * (1 - eye)])[:, None],
        "a": np.full((1, 3), 1.2, np.float32),
        "a_sender": np.full((1, 3), 0.1, np.float32),
        "a_receiver": np.full((1, 3), 0.2, np.float32),
        "b": np.ones(3, np.float32),
    }
    expect(layer(gat_layer, own, np.eye(6, dtype=np.float32), table, dynamic=True), rtol=1e-3)


@test_case(name="large scores and lonely nodes", points=1, hidden=True)
def large_and_lonely(gat_layer):
    params = numbers(280, 3, 2, 4)
    large = params | {word: 2e4 * params[word] for word in ("a_sender", "a_receiver", "a")}
    for kind in (False, True):
        out = layer(gat_layer, large, normal(290, 7, 3), seven, dynamic=kind)
        expect(out, rtol=1e-3)


@test_case(name="weights sum to 1", points=0.5, hidden=True)
def sums_of_weights(gat_layer):
    nodes = np.concatenate([np.ones((7, 1)), normal(300, 7, 2)], axis=1).astype(np.float32)
    params = numbers(310, 3, 2, 2)
    w = np.array(params["w"])
    w[1:, :, 0], w[0, :, 0] = 0, 3  # the first feature of all messages is 3
    expect(layer(gat_layer, params | {"w": w}, nodes, seven))


@test_case(name="padding and slopes", points=1, hidden=True)
def padding_and_slopes(gat_layer):
    params, nodes = numbers(320, 2, 3, 4), normal(330, 10, 2)
    padded = [np.append(ends, [7, 7, 7, 7]).astype(np.int32)[::-1] for ends in seven]
    for slope in (0.0, 0.45):
        for kind in (False, True):
            keys = {"negative_slope": slope, "dynamic": kind}
            expect(np.asarray(layer(gat_layer, params, nodes, padded, **keys))[:7])


@test_case(name="gradients by all that is learned", points=0.5, hidden=True)
def learned_numbers(gat_layer):
    for kind in (False, True):

        def total(params, nodes, senders, receivers, kind=kind):
            out = gat_layer(
                params, nodes, senders, receivers, 7, dynamic=kind, concat=False, negative_slope=0.3
            )
            return jnp.sum(out**2) / 10

        params, nodes = numbers(340, 4, 3, 2, False), normal(350, 7, 4)
        expect(run(jax.grad(total, argnums=(0, 1)), params, nodes, *seven), rtol=1e-3, atol=1e-4)
