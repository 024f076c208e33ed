import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "random_walk_pe"


def undirected(count, text):
    """The matrix of edges written as "0-1 1-2:2.5", with a weight behind the colon."""
    adj = np.zeros((count, count), np.float32)
    for edge in text.split():
        ends, _, weight = edge.partition(":")
        a, b = map(int, ends.split("-"))
        adj[a, b] = adj[b, a] = float(weight or 1)
    return adj


def ring(start, count):
    return " ".join(f"{start + n}-{start + (n + 1) % count}" for n in range(count))


def walk(random_walk_pe, adj, k):
    """The value under jit."""
    return run(jax.jit(lambda a: random_walk_pe(a, k)), adj)


# weights, a loop at 1, nobody at 4
weighted = undirected(5, "0-1:3 1-1:2 1-2:0.5 2-3:4 0-3:1 0-2:0.25")


@test_case(name="a triangle", points=0)
def worked_number(random_walk_pe):
    expect(walk(random_walk_pe, undirected(3, ring(0, 3)), 3))


@test_case(name="a path with a tail, and one step", points=0)
def path(random_walk_pe):
    adj = undirected(5, "0-1 1-2 2-3 2-4 3-4")
    expect(walk(random_walk_pe, adj, 4))
    expect(walk(random_walk_pe, adj, 1))


@test_case(name="a node without edges", points=0)
def lonely(random_walk_pe):
    expect(walk(random_walk_pe, undirected(4, "0-2 2-3 0-3"), 3))


@test_case(name="weights and a loop", points=0)
def weights(random_walk_pe):
    expect(walk(random_walk_pe, weighted, 5))
    expect(walk(random_walk_pe, weighted / 16, 3))


@test_case(name="a matrix of ints, and a node whose only edge is a loop", points=0)
def ints(random_walk_pe):
    adj = undirected(4, "0-0:3 1-2:2 2-3 1-3 2-2").astype(np.int32)
    out = walk(random_walk_pe, adj, 4)
    assert np.asarray(out).dtype == np.float32, (
        f"chances are float32, yours {np.asarray(out).dtype}"
    )
    expect(out)


# --- hidden: nothing below this line is released ---


@test_case(name="a ring and two triangles", points=0.5, hidden=True)
def ring_and_triangles(random_walk_pe):
    both = undirected(12, ring(0, 6) + " " + ring(6, 3) + " " + ring(9, 3))
    expect(walk(random_walk_pe, both, 6))


@test_case(name="weights, loops and a lonely node", points=1, hidden=True)
def weights_and_loops(random_walk_pe):
    adj = undirected(7, "0-1:2 1-2:0.5 2-2:3 2-4:1.5 4-5:0.25 0-5:4 5-5:0.5 1-4:1 6-6:0.1")
    expect(walk(random_walk_pe, adj, 4))


@test_case(name="a random weighted graph, other names", points=0.5, hidden=True)
def random_weights(random_walk_pe):
    numbers = np.abs(normal(31, 9, 9)) * (normal(32, 9, 9) > 0.3)
    adj = (numbers + numbers.T).astype(np.float32)
    expect(walk(random_walk_pe, adj, 5))
    order = np.argsort(normal(33, 9))
    expect(walk(random_walk_pe, jnp.asarray(adj[order][:, order]), 3))


@test_case(name="one step, and ints", points=0.5, hidden=True)
def one_step(random_walk_pe):
    adj = undirected(6, "0-0 0-1:3 1-2 2-3:2 3-3:5 4-4:2").astype(np.int32)
    for k in (1, 2):
        expect(walk(random_walk_pe, adj, k))


@test_case(name="two sides that never meet after an odd number of steps", points=0.5, hidden=True)
def bipartite(random_walk_pe):
    adj = undirected(8, "0-4 0-5:2 1-5 1-6 2-6:3 2-4 3-6")
    expect(walk(random_walk_pe, adj, 7))
