"""Webs of springs: data, training, and pictures of forces."""

from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import jraph
import matplotlib.pyplot as plt
import numpy as np
import optax
from jaxtyping import Array, Float

from workbook.draw import BLUE, GREEN, GREY, ORANGE, no_ticks

TRAIN, TEST, BATCH, STEPS = 640, 192, 32, 1500
SLOTS = (300, 1100, BATCH + 1)  # nodes, edges and graphs of a padded batch

Web = tuple[jraph.GraphsTuple, np.ndarray, np.ndarray]


# ---------------------------------------------------------------- data


def pairs_of_web(random: np.random.RandomState, size: int) -> np.ndarray:
    """Pairs (M, 2) of a random tree, and each other pair with a chance of 0.35."""
    tree = {(int(random.randint(n)), n) for n in range(1, size)}
    every = [(a, b) for b in range(size) for a in range(b)]
    return np.array([p for p in every if p in tree or random.uniform() < 0.35], np.int32)


def one_web(random: np.random.RandomState) -> Web:
    """A web, the forces (N, 2) on its nodes and its energy (1, 1)."""
    size = random.randint(5, 11)
    place = random.uniform(-1, 1, (size, 2)).astype(np.float32)
    pairs = pairs_of_web(random, size)
    stiff = random.uniform(-2, 2, (len(pairs), 1)).astype(np.float32)
    wind = random.normal(size=(1, 2)).astype(np.float32)
    senders, receivers = np.concatenate([pairs, pairs[:, ::-1]]).T
    stiff = np.concatenate([stiff, stiff])
    stretch = place[senders] - place[receivers]
    force = np.repeat(wind, size, axis=0)
    np.add.at(force, receivers, stiff * stretch)
    energy = np.sum(stiff * stretch**2, keepdims=True) / 4  # ½ k s², and each spring is there twice
    counts = np.array([size], np.int32), np.array([len(senders)], np.int32)
    web = jraph.GraphsTuple(place, stiff, receivers, senders, wind, *counts)
    return web, force, energy[:1, :1]


def padded(webs: list[Web]) -> Web:
    """A batch of webs in fixed numbers of slots."""
    graphs, forces, energies = zip(*webs)
    whole = jraph.pad_with_graphs(jraph.batch_np(graphs), *SLOTS)
    force, energy = np.zeros((SLOTS[0], 2), np.float32), np.zeros((SLOTS[2], 1), np.float32)
    force[: sum(map(len, forces))] = np.concatenate(forces)
    energy[: len(webs)] = np.concatenate(energies)
    return whole, force, energy


def batches(random: np.random.RandomState, webs: list[Web], orders: int) -> Web:
    """Padded batches of webs, stacked; every order is another division into batches."""
    made = []
    for _ in range(orders):
        order = random.permutation(len(webs)).reshape(-1, BATCH)
        made += [padded([webs[n] for n in numbers]) for numbers in order]
    return jax.tree.map(lambda *leaves: jnp.asarray(np.stack(leaves)), *made)


def data(seed: int = 0) -> tuple[Web, Web]:
    """Training batches, in five orders, and test batches."""
    random = np.random.RandomState(seed)
    train, test = ([one_web(random) for _ in range(count)] for count in (TRAIN, TEST))
    return batches(random, train, 5), batches(random, test, 1)


# ---------------------------------------------------------------- networks


def mlp_params(key: Array, *widths: int) -> list:
    """Weights and biases of a network of these widths."""
    keys = jax.random.split(key, len(widths) - 1)
    return [
        (jax.random.normal(k, (a, b)) / np.sqrt(a), jnp.zeros(b))
        for k, a, b in zip(keys, widths, widths[1:])
    ]


def params(seed: int = 0) -> dict:
    """Fresh parameters of the three networks."""
    edge, node, whole = jax.random.split(jax.random.key(seed), 3)
    return {
        "edge": mlp_params(edge, 1 + 2 + 2 + 2, 32, 32),
        "node": mlp_params(node, 2 + 32 + 2, 32, 2),
        "global": mlp_params(whole, 2 + 32 + 2, 32, 1),
    }


def mlp(layers: list, *inputs: Float[Array, "n _"]) -> Float[Array, "n out"]:
    """A network with ReLU between its layers, of inputs side by side."""
    x = jnp.concatenate(inputs, axis=-1)
    for w, b in layers[:-1]:
        x = jax.nn.relu(x @ w + b)
    return x @ layers[-1][0] + layers[-1][1]


# ---------------------------------------------------------------- training


@partial(jax.jit, static_argnums=0)
def train(loss, params: dict, webs: tuple, see: Float[Array, "2"]) -> dict:
    """1500 Adam steps with a learning rate that falls to 0, each on the next batch."""
    optimizer = optax.adam(optax.cosine_decay_schedule(1e-2, STEPS))

    def step(carry, n):
        params, state = carry
        batch = jax.tree.map(lambda x: x[n % len(x)], webs)
        grads = jax.grad(loss)(params, see, *batch)
        updates, state = optimizer.update(grads, state)
        return (optax.apply_updates(params, updates), state), None

    start = params, optimizer.init(params)
    return jax.lax.scan(step, start, jnp.arange(STEPS))[0][0]


@partial(jax.jit, static_argnums=0)
def predictions(forward, params: dict, see: Float[Array, "2"], webs: jraph.GraphsTuple):
    """What a network says of all batches."""
    return jax.vmap(forward, in_axes=(None, None, 0))(params, see, webs)


def explained(forward, params: dict, see: Float[Array, "2"], webs: tuple) -> dict:
    """R² of forces and energies of test webs: 1 is exact, 0 no better than their mean."""
    predicted = predictions(forward, params, see, webs[0])
    node = np.asarray(jax.vmap(jraph.get_node_padding_mask)(webs[0]))
    web = np.asarray(jax.vmap(jraph.get_graph_padding_mask)(webs[0]))
    return {
        "force": _r2(np.asarray(predicted.nodes)[node], np.asarray(webs[1])[node]),
        "energy": _r2(np.asarray(predicted.globals)[web], np.asarray(webs[2])[web]),
    }


def _r2(guess: np.ndarray, true: np.ndarray) -> float:
    return float(1 - np.sum((guess - true) ** 2) / np.sum((true - true.mean(axis=0)) ** 2))


# ---------------------------------------------------------------- pictures


def bars(runs: dict[str, list[dict]]) -> None:
    """R² of force and energy for each variant; a dot is a run."""
    fig, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained", sharey=True)
    for ax, what in zip(axes, ("force", "energy")):
        for x, (variant, color) in enumerate(zip(runs, (BLUE, ORANGE, GREEN))):
            values = [run[what] for run in runs[variant]]
            ax.bar(x, max(np.median(values), 0), color=color, alpha=0.5, width=0.6)
            shown = np.maximum(values, -0.1)
            ax.plot(np.full(len(values), x), shown, "o", color=color, ms=5, clip_on=False)
        ax.set(xticks=range(len(runs)), xticklabels=list(runs), ylim=(-0.12, 1.05))
        ax.axhline(0, color="black", lw=0.8)
        ax.set_title(f"R² of the {what}")
    axes[0].set_ylabel("R² on test webs: 1 exact, 0 like\nthe mean (dots at −0.1: below 0)")
    fig.suptitle("Each fact is needed where it enters the formula")
    plt.show()


def arrows(forward, params: dict, webs: tuple) -> None:
    """True and predicted forces on the test web whose nodes lie furthest apart."""
    batch = jax.tree.map(lambda x: x[0], webs)
    graph = jax.tree.map(np.asarray, batch[0])
    guess = np.asarray(predictions(forward, params, jnp.ones(2), webs[0]).nodes[0])
    ends = np.cumsum([0, *graph.n_node])
    here = max((slice(*pair) for pair in pairwise(ends[: BATCH + 1])), key=partial(_gap, graph))
    place, true = graph.nodes, np.asarray(batch[1])
    _, ax = plt.subplots(figsize=(7.5, 4.6), layout="constrained")
    for s, r, k in zip(graph.senders, graph.receivers, graph.edges[:, 0]):
        if here.start <= s < r < here.stop:
            color, style = (GREY, "-") if k > 0 else (ORANGE, ":")
            ax.plot(*place[[s, r]].T, style, color=color, lw=0.5 + 2 * abs(k), zorder=1)
    for force, color, width, label in (
        (true, BLUE, 0.016, "true"),
        (guess, GREEN, 0.006, "predicted"),
    ):
        options = {"angles": "xy", "scale_units": "xy", "scale": 4, "width": width, "zorder": 3}
        ax.quiver(*place[here].T, *force[here].T, color=color, label=label, **options)
    ax.plot(*place[here].T, "o", color="black", ms=6, zorder=4)
    ax.plot([], [], "-", color=GREY, label="spring that pulls together")
    ax.plot([], [], ":", color=ORANGE, lw=2, label="spring that pushes apart")
    ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False)
    ax.set_title(f"Forces on a web it never saw: R² {_r2(guess[here], true[here]):.2f}")
    ax.update_datalim(place[here] + true[here] / 4)  # where the arrows end
    ax.margins(0.1)
    ax.set_aspect("equal")
    no_ticks(ax)
    plt.show()


def _gap(graph: jraph.GraphsTuple, here: slice) -> float:
    """The smallest distance between two nodes of a web of seven or more; 0 for smaller ones."""
    place = graph.nodes[here]
    apart = np.linalg.norm(place[:, None] - place[None], axis=-1) + 9 * np.eye(len(place))
    return float(apart.min()) if len(place) >= 7 else 0.0
