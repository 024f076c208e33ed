import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "influence"


def arrows(num_nodes, *edges):
    """A[r, s] = 1 for each edge from s to r, and for each node itself."""
    adj = np.eye(num_nodes, dtype=np.float32)
    for sender, receiver in edges:
        adj[receiver, sender] = 1
    return adj


def layers(adj, *weights):
    """A network: gather, multiply by a matrix, tanh, once for each matrix."""

    def f(x):
        for w in weights:
            x = jnp.tanh(adj @ x @ w)
        return x

    return f


def heard(influence, f, x, i, j):
    """What i hears from j, of a point that is given late."""
    return run(lambda x: influence(f, x, i, j), x)


# 0 → 1 → 2 → 3 → 4, and 2 → 0
chain = arrows(5, (0, 1), (1, 2), (2, 3), (3, 4), (2, 0))
two_layers = layers(chain, normal(1, 3, 4), normal(2, 4, 2))


@test_case(name="a weight of 3 times two features", points=0)
def weight_of_3(influence):
    adj = np.array([[0, 3, 0], [1, 0, 0], [0, 2, 1]], np.float32)
    value = heard(influence, lambda x: adj @ x, normal(3, 3, 2), 0, 1)
    assert np.shape(value) == (), f"one number is wanted, yours has the shape {np.shape(value)}"
    expect(value, rtol=1e-3)


@test_case(name="a matrix from 3 to 2 features, along arrows and against them", points=0)
def with_matrix(influence):
    adj, w, x = normal(4, 4, 4), normal(5, 3, 2), normal(6, 4, 3)
    expect(heard(influence, lambda x: adj @ x @ w, x, 1, 3), rtol=1e-3)
    expect(heard(influence, lambda x: adj @ x @ w, x, 3, 1), rtol=1e-3)


@test_case(name="two layers with tanh, under jit", points=0)
def two_tanh(influence):
    def value(x, i, j):
        return influence(two_layers, x, i, j)

    expect(run(jax.jit(value), 0.3 * normal(7, 5, 3), jnp.array(2), jnp.array(0)), rtol=1e-3)


@test_case(name="all senders at once, two hops away and three", points=0)
def all_senders(influence):
    x = 0.3 * normal(8, 5, 3)
    heard = run(jax.vmap(lambda j: influence(two_layers, x, 3, j)), jnp.arange(5))
    expect(heard, rtol=1e-3, atol=0)
