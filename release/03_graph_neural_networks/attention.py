"""Attention on the edges of a graph: training, reading weights off, pictures."""

from functools import partial

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import optax
from jaxtyping import Array, Float, Int
from matplotlib.axes import Axes

import drawing
from graphs import both_ways
from karate import CLUB, COLORS, WENT_TO
from workbook.draw import GREY, no_ticks


def karate() -> tuple[Int[Array, "E"], Int[Array, "E"]]:
    """Senders and receivers of the karate club: both directions, and each member to itself."""
    selves = np.arange(len(CLUB), dtype=np.int32)
    ends = np.concatenate([both_ways(CLUB.edges), np.stack([selves, selves], axis=1)])
    return jnp.asarray(ends[:, 0]), jnp.asarray(ends[:, 1])


def params(key: Array, width: int, heads: int, features: int, concat: bool = True) -> dict:
    """All six parameters of an attention layer."""
    keys = jax.random.split(key, 5)
    w, w_receiver = (
        jax.random.normal(k, (width, heads, features)) / np.sqrt(features) for k in keys[:2]
    )
    vectors = jax.random.normal(keys[2], (3, heads, features)) / np.sqrt(features)
    names = ("a_sender", "a_receiver", "a")
    b = jnp.zeros(heads * features if concat else features)
    return {"w": w, "w_receiver": w_receiver, "b": b, **dict(zip(names, vectors))}


@partial(jax.jit, static_argnums=0)
def train(loss, params: dict, steps: int = 200) -> dict:
    """Adam steps on a loss of the parameters alone."""
    optimizer = optax.adam(1e-2)

    def step(_, carry):
        params, state = carry
        updates, state = optimizer.update(jax.grad(loss)(params), state)
        return optax.apply_updates(params, updates), state

    return jax.lax.fori_loop(0, steps, step, (params, optimizer.init(params)))[0]


def weights(
    layer, params: dict, nodes: Float[Array, "N F"], senders, receivers, **options
) -> Float[Array, "N heads N"]:
    """Each receiver's weights over senders, read off by giving every sender a name tag.

    The tags are N more features of the messages, to which no score listens.
    """
    N, heads = len(nodes), params["w"].shape[1]
    tags = jnp.repeat(jnp.eye(N)[:, None], heads, axis=1)
    none = jnp.zeros((params["w"].shape[0], heads, N))
    tagged = {
        "w": jnp.concatenate(
            [
                jnp.concatenate([params["w"], none], axis=2),
                jnp.concatenate([jnp.zeros((N, *params["w"].shape[1:])), tags], axis=2),
            ]
        ),
        "w_receiver": jnp.pad(params["w_receiver"], ((0, N), (0, 0), (0, N))),
        "b": jnp.zeros(heads * (params["w"].shape[2] + N)),
    }
    for word in ("a_sender", "a_receiver", "a"):
        tagged[word] = jnp.pad(params[word], ((0, 0), (0, N)))
    given = jnp.concatenate([nodes, jnp.eye(N)], axis=1)
    out = layer(tagged, given, senders, receivers, N, **options)
    return out.reshape(N, heads, -1)[..., params["w"].shape[2] :]


# ---------------------------------------------------------------- pictures


def heads(given: Float[Array, "N heads N"], right: int) -> None:
    """The karate club; the half of an edge at a receiver is as wide as its weight there."""
    given = np.asarray(given)
    place = {n: np.array(xy) for n, xy in drawing.karate()[1].items()}
    count = given.shape[1]
    fig, axes = plt.subplots(1, count, figsize=(5 * count, 4.6), layout="constrained")
    for head, ax in enumerate(axes):
        _club(ax, given[:, head], place)
        heard = given[:, head].sum(axis=0)
        mean = np.where(given[:, head] > 1e-7, 1, 0)
        mean = (mean / mean.sum(axis=1, keepdims=True)).sum(axis=0)
        most = np.argmax(heard - mean)
        ax.set_title(
            f"head {head}: member {most} gets {heard[most]:.1f} of 34 shares,\n"
            f"where a mean would give it {mean[most]:.1f}"
        )
    fig.suptitle(f"Each member shares out a weight of 1 ({right} of 34 on the right side)")
    plt.show()


def _club(ax: Axes, weight: np.ndarray, place: dict) -> None:
    for r, s in zip(*np.nonzero(weight)):
        if r != s:
            middle = (place[r] + place[s]) / 2
            ax.plot(
                *np.stack([place[r], middle]).T, color=GREY, lw=0.3 + 7 * weight[r, s], zorder=1
            )
    for n, (x, y) in place.items():
        ax.plot(x, y, "o", color=COLORS[WENT_TO[n]], ms=12, zorder=2)
        ax.text(x, y, n, color="white", ha="center", va="center", fontsize=7, zorder=3)
    no_ticks(ax)


def three_by_three(layer) -> None:
    """Weights of three receivers over the same three senders, for three kinds of score."""
    eye, none = np.eye(3, dtype=np.float32), np.zeros((3, 3), np.float32)
    loudness = np.array([[-0.5, 0, 0], [0, 0, 0], [0.5, 0, 0]], np.float32)
    common = {
        "w": np.concatenate([8 * eye, 8 * loudness])[:, None],
        "w_receiver": np.concatenate([none, -8 * (1 - eye)])[:, None],
        "a_sender": np.array([[0.25, 0.0, -0.25]], np.float32),
        "a_receiver": np.ones((1, 3), np.float32),
        "a": np.ones((1, 3), np.float32),
        "b": np.zeros(3, np.float32),
    }
    senders, receivers = np.tile(np.arange(3), 3), np.repeat(np.arange(3, 6), 3)
    kinds = {
        "no bend: receivers don't matter": {"negative_slope": 1.0},
        "static: one ranking for all": {},
        "dynamic: each to its own": {"dynamic": True},
    }
    _, axes = plt.subplots(1, 3, figsize=(9.6, 3.3), layout="constrained")
    for ax, (title, options) in zip(axes, kinds.items()):
        out = layer(common, jnp.eye(6), jnp.asarray(senders), jnp.asarray(receivers), 6, **options)
        drawing.matrix(ax, np.asarray(out)[3:] / 8, digits=2, most=1)  # sender i says 8 in place i
        ax.set(xticklabels="abc", yticklabels="ABC", title=title)
    plt.show()
