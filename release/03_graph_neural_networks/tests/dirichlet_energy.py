import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "dirichlet_energy"


def matrix(num_nodes, *edges):
    """The adjacency of an undirected graph."""
    adj = np.zeros((num_nodes, num_nodes), np.float32)
    for i, j in edges:
        adj[i, j] = adj[j, i] = 1
    return adj


def a_graph(seed, num_nodes, share=0.5):
    """A random graph; nobody is joined to itself."""
    drawn = np.random.RandomState(seed).uniform(size=(num_nodes, num_nodes)) < share
    upper = np.triu(drawn, 1).astype(np.float32)
    return upper + upper.T


def smoothed(x, adj):
    """One round of averaging over neighbours and oneself."""
    adj = adj + np.eye(len(adj), dtype=np.float32)
    root = np.sqrt(adj.sum(axis=1))
    return (adj / root / root[:, None]) @ x


@test_case(name="a path of three nodes", points=0)
def path(dirichlet_energy):
    energy = run(
        dirichlet_energy, np.array([[0.0], [1], [0]], np.float32), matrix(3, (0, 1), (1, 2))
    )
    assert np.shape(energy) == (), f"one number is wanted, yours has the shape {np.shape(energy)}"
    expect(energy)


@test_case(name="a triangle with a tail, two features", points=0)
def tail(dirichlet_energy):
    adj = matrix(4, (0, 1), (0, 2), (1, 2), (2, 3))
    expect(run(dirichlet_energy, np.array([[1.0, 2], [0, -1], [3, 1], [-2, 5]], np.float32), adj))


@test_case(name="a node without edges, and three times the features", points=0)
def lonely(dirichlet_energy):
    adj, x = matrix(5, (0, 3), (0, 4), (1, 4)), normal(1, 5, 3)
    expect([run(dirichlet_energy, times * x, adj) for times in (1, 3)])


@test_case(name="the gradient, with jit", points=0)
def slope(dirichlet_energy):
    adj, x = matrix(5, (0, 3), (0, 4), (1, 4)), normal(2, 5, 2)
    expect(run(jax.jit(jax.grad(dirichlet_energy)), x, adj))
