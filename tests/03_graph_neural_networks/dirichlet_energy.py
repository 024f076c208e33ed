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


# --- hidden: nothing below this line is released ---


@test_case(name="a larger graph, several features", points=1, hidden=True)
def larger(dirichlet_energy):
    expect(run(jax.jit(dirichlet_energy), normal(3, 9, 4), a_graph(4, 9)))
    expect(run(dirichlet_energy, normal(5, 11, 1), a_graph(6, 11, 0.2)))


@test_case(name="what it is after each of four rounds of smoothing", points=0.75, hidden=True)
def rounds(dirichlet_energy):
    adj = a_graph(7, 8)
    at_rest, x = np.sqrt(1 + adj.sum(axis=1, keepdims=True)), normal(8, 8, 2)
    energies = [run(dirichlet_energy, 2 * at_rest, adj)]
    for _ in range(4):
        energies.append(run(dirichlet_energy, x, adj))
        x = smoothed(x, adj)
    expect(energies)


@test_case(name="nodes without edges, and the gradient there", points=0.75, hidden=True)
def lonely_slope(dirichlet_energy):
    adj, x = matrix(6, (1, 2), (2, 4), (2, 5), (4, 5)), normal(9, 6, 3)
    value, gradient = run(jax.value_and_grad(dirichlet_energy), x, adj)
    expect({"energy": value, "gradient": gradient})


@test_case(name="other numbers for the nodes, other sizes of the features", points=0.5, hidden=True)
def renamed(dirichlet_energy):
    adj, x, order = a_graph(10, 7), normal(11, 7, 5), np.array([3, 0, 6, 1, 5, 2, 4])
    expect(run(dirichlet_energy, x[order], adj[order][:, order]))
    expect(run(dirichlet_energy, -0.5 * x, adj))
    expect(run(dirichlet_energy, jnp.abs(x), adj))
