import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal

OK_FORMAT = False
name = "wl_colors"


def undirected(count, text):
    """The matrix of a graph whose edges are written as "0-1 1-2"."""
    adj = np.zeros((count, count), np.float32)
    for edge in text.split():
        a, b = map(int, edge.split("-"))
        adj[a, b] = adj[b, a] = 1
    return adj


def ring(start, count):
    return " ".join(f"{start + n}-{start + (n + 1) % count}" for n in range(count))


def random_graph(seed, count, edges):
    """A graph of the pairs with the largest random numbers."""
    numbers = np.triu(normal(seed, count, count), 1)
    least = np.sort(numbers, axis=None)[-edges]
    above = np.triu(numbers >= least, 1)
    return (above | above.T).astype(np.float32)


def colours(wl_colors, adj, rounds):
    """Who has the same colour as whom, and then the colours."""
    colors = np.asarray(wl_colors(adj, rounds))
    alike = colors[:, None] == colors if colors.ndim == 1 else None
    return {"alike": alike, "colours": colors}


path5 = undirected(5, "0-1 1-2 2-3 3-4")
# a triangle with a tail of two at node 1, and with one more leaf at node 4
kite = undirected(7, "4-1 1-6 6-4 1-0 0-5 4-3 2-5")
rings = undirected(6, ring(0, 6))
triangles = undirected(6, ring(0, 3) + " " + ring(3, 3))


@test_case(name="a path of five nodes", points=0)
def worked_number(wl_colors):
    for rounds in (0, 1, 2):
        expect(colours(wl_colors, path5, rounds))


@test_case(name="nodes that differ in how many neighbours of a colour they have", points=0)
def how_many(wl_colors):
    for rounds in (1, 2):
        expect(colours(wl_colors, undirected(8, "3-0 3-1 3-2 4-5 4-6 4-7 3-4"), rounds))
    two_stars = undirected(9, "0-1 2-3 2-4 2-5 2-6 2-7 2-8")
    for rounds in (1, 2):
        expect(colours(wl_colors, two_stars, rounds))


@test_case(name="a kite, round by round", points=0)
def kite_by_round(wl_colors):
    for rounds in (1, 2, 3, 4):
        expect(colours(wl_colors, kite, rounds))


@test_case(name="a random graph, as a JAX array", points=0)
def random_nodes(wl_colors):
    adj = jnp.asarray(random_graph(1, 9, 11))
    for rounds in (1, 2, 3):
        expect(colours(wl_colors, adj, rounds))


@test_case(name="a ring and two triangles", points=0)
def one_colour(wl_colors):
    both = undirected(12, ring(0, 6) + " " + ring(6, 3) + " " + ring(9, 3))
    for rounds in (0, 1, 5):
        expect(colours(wl_colors, both, rounds))


@test_case(name="other names, the same groups; and nothing is changed in place", points=0)
def renamed(wl_colors):
    order = np.array([3, 5, 0, 6, 2, 1, 4])
    adj = kite[order][:, order]
    expect(colours(wl_colors, adj, 2))
    expect(bool((adj == kite[order][:, order]).all()))
