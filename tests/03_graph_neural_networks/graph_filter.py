import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "graph_filter"

path = jnp.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])  # 0 -> 1 -> 2


def inputs(seed, B, G, F, N, K):
    """Signals, taps, a shift that isn't symmetric, and a bias."""
    x, h, b = normal(seed, B, G, N), normal(seed + 1, K, G, F), normal(seed + 3, F)
    return x, h, normal(seed + 2, N, N) / np.sqrt(N), b


def slopes(graph_filter, *arrays):
    """The gradient of a sum by each argument."""

    def total(x, h, S, b):
        return jnp.sum(jnp.sin(graph_filter(x, h, S, b)))

    by = run(jax.grad(total, argnums=(0, 1, 2, 3)), *arrays)
    return dict(zip(("by x", "by h", "by S", "by b"), by))


@test_case(name="a signal runs along 0, 1, 2", points=0)
def along_a_path(graph_filter):
    x, h = jnp.array([[[1.0, 0, 0]]]), jnp.array([10.0, 20, 30]).reshape(3, 1, 1)
    y = run(graph_filter, x, h, path, jnp.array([5.0]))
    assert np.shape(y) == (1, 1, 3), f"y should be (1, 1, 3) here, yours is {np.shape(y)}"
    expect(y)


@test_case(name="one tap: the shift doesn't matter", points=0)
def one_tap(graph_filter):
    x, h, S, b = inputs(10, 2, 3, 4, 5, 1)
    expect(run(graph_filter, x, h, 1e6 * S, b))


@test_case(name="three taps, several signals in and out", points=0)
def three_taps(graph_filter):
    expect(run(graph_filter, *inputs(20, 2, 3, 4, 6, 3)))


@test_case(name="mapped over shifts, and as many numbers on all axes", points=0)
def mapped(graph_filter):
    x, h, S, b = inputs(30, 4, 4, 4, 4, 4)
    expect(run(jax.vmap(graph_filter, (None, None, 0, None)), x, h, jnp.stack([S, S.T]), b))


@test_case(name="the gradients", points=0)
def gradients(graph_filter):
    expect(slopes(graph_filter, *inputs(40, 3, 2, 1, 4, 2)))


# --- hidden: nothing below this line is released ---


@test_case(name="other sizes, one tap to five", points=1, hidden=True)
def sizes(graph_filter):
    expect(run(graph_filter, *inputs(50, 3, 2, 5, 4, 2)))
    expect(run(graph_filter, *inputs(60, 1, 4, 2, 3, 5)), atol=1e-4)


@test_case(name="one tap, whatever the shift holds", points=0.5, hidden=True)
def no_shift(graph_filter):
    x, h, S, b = inputs(70, 4, 2, 3, 5, 1)
    expect(run(graph_filter, x, h, jnp.full_like(S, 1e6), b))
    x, h, S, b = inputs(75, 2, 1, 2, 8, 1)
    expect(run(graph_filter, x, h, -2e5 * S, b))


@test_case(name="an impulse on a graph with one-way edges", points=1, hidden=True)
def one_way_ring(graph_filter):
    ring = jnp.roll(jnp.eye(7), 2, axis=0).at[0, 3].set(0.5)
    x, h = jnp.zeros((2, 1, 7)).at[0, 0, 5].set(2.0).at[1, 0, 3].set(-1.0), normal(80, 4, 1, 3)
    expect(run(graph_filter, x, h, ring, normal(81, 3)))


@test_case(name="the identity as shift, and renamed nodes", points=0.5, hidden=True)
def renamed(graph_filter):
    x, h, S, b = inputs(90, 2, 3, 2, 5, 4)
    order = np.array([3, 0, 4, 1, 2])
    expect(run(graph_filter, x, h, jnp.eye(5), b))
    expect(run(graph_filter, x[..., order], h, S[order][:, order], b))


@test_case(name="gradients, and a map over everything", points=1, hidden=True)
def derivatives(graph_filter):
    x, h, S, b = inputs(100, 2, 3, 4, 5, 3)
    expect(slopes(graph_filter, x, h, S, b), rtol=1e-3)
    stacked = [jnp.stack([a, -0.5 * a]) for a in (x, h[:2], S, b)]
    expect(run(jax.vmap(graph_filter), *stacked))
