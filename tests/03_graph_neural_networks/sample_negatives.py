import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, raises

OK_FORMAT = False
name = "sample_negatives"


def ends(*edges):
    """Senders and receivers of edges, each stored as it is given."""
    both = jnp.array(edges, jnp.int32).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def pairs(sample_negatives, seed, graph, num_nodes, n):
    """The pairs that are drawn (n, 2), as they come; what isn't two int arrays, as it is."""
    drawn = sample_negatives(jax.random.key(seed), *graph, num_nodes, n)
    if drawn is None or len(drawn) != 2:
        return drawn
    first, second = (np.asarray(each) for each in drawn)
    if first.shape != second.shape or first.dtype.kind + second.dtype.kind not in ("ii", "uu"):
        return drawn
    return np.stack([first, second], axis=1).astype(np.int32)


def in_order(drawn):
    """Pairs sorted, to be compared as a set."""
    if not isinstance(drawn, np.ndarray):
        return drawn
    return np.array(sorted(map(tuple, drawn.tolist())), np.int32)


def counts(drawn):
    """How many pairs there are, how many different ones, how many with the smaller end first."""
    return [len(drawn), len(np.unique(drawn, axis=0)), np.sum(drawn[:, 0] < drawn[:, 1])]


def shares(drawn, num_nodes):
    """How often the first end, the second end and their distance lie in each fifth."""
    fifths = np.linspace(0, num_nodes, 6)
    kinds = (drawn[:, 0], drawn[:, 1], drawn[:, 1] - drawn[:, 0])
    histograms = [np.histogram(values, fifths)[0] for values in kinds]
    return np.array(histograms, np.float32) / len(drawn)


def a_hub(num_nodes, hub, friends):
    """Somebody who is joined to many; and a few other edges."""
    others = [(i, (i + 3) % num_nodes) for i in range(0, num_nodes, 4)]
    return ends(*[(hub, i) for i in friends if i != hub], *others)


def overlap(a, b):
    """The share of pairs that two draws have in common."""
    return len(set(map(tuple, a.tolist())) & set(map(tuple, b.tolist()))) / len(a)


@test_case(name="a ring of four nodes: both pairs that are left, and no third", points=0)
def ring(sample_negatives):
    graph = ends((0, 1), (1, 2), (2, 3), (3, 0), (1, 0), (2, 1), (3, 2), (0, 3))
    expect(in_order(pairs(sample_negatives, 1, graph, 4, 2)))
    key = jax.random.key(1)
    expect([raises(ValueError, sample_negatives, key, *graph, 4, n) for n in (3, 2, 7)])


@test_case(name="edges stored once, in either direction; node 5 has none", points=0)
def stored_once(sample_negatives):
    graph = ends((3, 2), (0, 4), (4, 1), (1, 3))
    expect(in_order(pairs(sample_negatives, 2, graph, 6, 11)))


@test_case(name="the same key, the same pairs; another key, others", points=0)
def keys(sample_negatives):
    graph = a_hub(40, 30, range(20))
    once, again, other = (pairs(sample_negatives, seed, graph, 40, 150) for seed in (3, 3, 4))
    expect([np.all(once == again), np.any(once != other)])
    expect([overlap(once, again), overlap(once, other)], rtol=0, atol=0.12)


@test_case(name="each pair as likely as any other", points=0)
def equally_likely(sample_negatives):
    graph = a_hub(60, 50, range(45))
    drawn = pairs(sample_negatives, 5, graph, 60, 700)
    expect(counts(drawn))
    expect(shares(drawn, 60), rtol=0, atol=0.07)


# --- hidden: nothing below this line is released ---


@test_case(name="all pairs that are left, of directed edges", points=1, hidden=True)
def all_left(sample_negatives):
    graph = ends((6, 0), (2, 5), (5, 1), (4, 2), (1, 0), (5, 2))
    expect(in_order(pairs(sample_negatives, 11, graph, 7, 16)))
    expect(in_order(pairs(sample_negatives, 12, ends(), 5, 10)))


@test_case(name="one pair is left; and too many are wanted", points=0.75, hidden=True)
def one_left(sample_negatives):
    complete = ends(*[(i, j) for i in range(8) for j in range(i) if (i, j) != (6, 2)])
    expect(in_order(pairs(sample_negatives, 13, complete, 8, 1)))
    key, path = jax.random.key(14), ends((1, 0), (1, 2))
    expect([raises(ValueError, sample_negatives, key, *complete, 8, n) for n in (1, 2)])
    expect([raises(ValueError, sample_negatives, key, *path, 5, n) for n in (9, 8, 40, 2)])


@test_case(name="frequencies in a large graph, and no pair twice", points=1.25, hidden=True)
def frequencies(sample_negatives):
    graph = a_hub(70, 12, range(5, 69))
    drawn = pairs(sample_negatives, 15, graph, 70, 900)
    expect(counts(drawn))
    expect(shares(drawn, 70), rtol=0, atol=0.065)


@test_case(name="draws with several keys", points=1, hidden=True)
def several_keys(sample_negatives):
    graph = a_hub(50, 3, range(30))
    draws = [pairs(sample_negatives, seed, graph, 50, 400) for seed in (16, 17, 16, 18)]
    expect([overlap(draws[0], each) for each in draws[1:]], rtol=0, atol=0.1)
    few = np.concatenate([pairs(sample_negatives, seed, graph, 50, 4) for seed in range(20, 40)])
    expect(shares(few, 50), rtol=0, atol=0.25)
