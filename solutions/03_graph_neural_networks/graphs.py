"""Graphs of networkx as arrays."""

import jax.numpy as jnp
import jraph
import networkx as nx
import numpy as np
from jaxtyping import Array, Float, Int
from numpy.typing import ArrayLike


def both_ways(pairs: ArrayLike) -> Int[np.ndarray, "2M 2"]:
    """Sender and receiver of undirected edges: all one way, then all the other."""
    ends = np.array([*pairs], np.int32).reshape(-1, 2)
    return np.concatenate([ends, ends[:, ::-1]])


def undirected(graph: nx.Graph, features: ArrayLike) -> jraph.GraphsTuple:
    """A GraphsTuple of a graph with these features of its nodes, each edge stored twice."""
    ends = both_ways(graph.edges)
    return jraph.GraphsTuple(
        nodes=jnp.asarray(features, jnp.float32),
        edges=None,
        senders=jnp.asarray(ends[:, 0]),
        receivers=jnp.asarray(ends[:, 1]),
        globals=None,
        n_node=jnp.array([len(features)]),
        n_edge=jnp.array([len(ends)]),
    )


def adjacency(graph: nx.Graph) -> Float[Array, "N N"]:
    """The matrix of a graph, without weights."""
    return jnp.asarray(nx.to_numpy_array(graph, weight=None), jnp.float32)
