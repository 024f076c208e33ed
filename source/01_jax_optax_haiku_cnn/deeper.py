"""Section 12: normalisation, learnt bits, curvature."""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import optax
from jax.flatten_util import ravel_pytree

from workbook.draw import BLUE, GREEN, GREY, ORANGE, RED, show_image

COLORS = (BLUE, ORANGE, GREEN)

# ---------------------------------------------------------------- batch normalisation


def _three_channels(seed=0):
    """A batch of 8 images with three channels of different mean and spread."""
    rng = np.random.RandomState(seed)
    x = rng.normal(size=(8, 6, 6, 3)) * [0.3, 1.0, 2.5] + [3, -1, -5]
    params = {"scale": jnp.ones(3), "offset": jnp.zeros(3)}
    state = {"mean": jnp.zeros(3), "var": jnp.ones(3)}
    return jnp.asarray(x, jnp.float32), params, state


def histograms(batchnorm):
    """Three channels before and after."""
    x, params, state = _three_channels()
    y, _ = batchnorm(x, params, state, train=True)
    fig, axes = plt.subplots(1, 2, figsize=(10.5, 3.4))
    for ax, values, title in zip(axes, (x, y), ("before", "after")):
        bins = np.linspace(np.min(values), np.max(values), 60)
        for channel, color in enumerate(COLORS):
            numbers = np.asarray(values)[..., channel].ravel()
            ax.hist(numbers, bins=bins, color=color, alpha=0.6, label=f"channel {channel}")
        ax.set(xlabel="activation", title=title)
    axes[0].set_ylabel("count")
    axes[0].legend(frameon=False)
    fig.suptitle("Three channels of different mean and spread, on one scale afterwards")


def batch_of_one(batchnorm):
    """The same row in both modes, after the running averages have settled."""
    x, params, state = _three_channels()
    rows = x.reshape(-1, 3)
    for _ in range(60):
        _, state = batchnorm(rows, params, state, train=True)
    one = rows[:1]
    _, ax = plt.subplots(figsize=(7.5, 3.2))
    for train, color, shift in ((True, RED, -0.1), (False, BLUE, 0.1)):
        y, _ = batchnorm(one, params, state, train=train)
        places = np.arange(3) + shift
        ax.vlines(places, 0, np.asarray(y)[0], color=color, lw=3)
        ax.plot(places, np.asarray(y)[0], "o", color=color, ms=9, label=f"train={train}")
    ax.axhline(0, color=GREY, lw=0.8)
    ax.set_xticks(range(3), [f"channel {n}: {float(v):.2f}" for n, v in enumerate(one[0])])
    ax.set(ylabel="y", xlabel="the one row that goes in")
    ax.set_title("A batch of one: in training mode nothing is left of it")
    ax.legend(frameon=False)


# ---------------------------------------------------------------- straight-through rounding


def _fit(round_, target, steps=300):
    """Four grey levels made of two images of bits: bits and levels are learnt."""
    rng = np.random.RandomState(0)
    start = {
        "scores": jnp.asarray(0.5 * rng.normal(size=(2, *target.shape)), jnp.float32),
        "levels": jnp.array([0.2, 0.3, 0.4]),
    }

    def parts(params):
        bits = round_(jax.nn.sigmoid(params["scores"]))
        base, *levels = params["levels"]
        return bits, base + levels[0] * bits[0] + levels[1] * bits[1]

    def loss(params):
        return jnp.mean((parts(params)[1] - target) ** 2)

    optimizer = optax.adam(0.05)

    def step(carry, _):
        params, state = carry
        value, grads = jax.value_and_grad(loss)(params)
        updates, state = optimizer.update(grads, state)
        return (optax.apply_updates(params, updates), state), value

    (params, _), losses = jax.lax.scan(step, (start, optimizer.init(start)), None, length=steps)
    return *parts(params), losses


def learnt_bits(straight_through_round, digit):
    """A digit from two bits a pixel, learnt with the straight-through step and without."""
    target = jnp.asarray(digit)
    bits, image, losses = jax.jit(lambda: _fit(straight_through_round, target))()
    _, plain_image, plain_losses = jax.jit(lambda: _fit(jnp.round, target))()
    fig = plt.figure(figsize=(12.5, 3.4))
    left, right = fig.subfigures(1, 2, width_ratios=[2.3, 1])
    pictures = {
        "the digit": digit,
        "first bit": bits[0],
        "second bit": bits[1],
        "straight through": image,
        "plain rounding": plain_image,
    }
    for ax, (title, picture) in zip(left.subplots(1, 5), pictures.items()):
        show_image(ax, picture)
        ax.set_title(title, fontsize=11)
    ax = right.subplots()
    ax.semilogy(losses, color=BLUE, label="straight through")
    ax.semilogy(plain_losses, color=RED, label="plain rounding")
    ax.set(xlabel="step", ylabel="mean squared error")
    ax.legend(frameon=False, fontsize=10)
    fig.suptitle("Two bits a pixel: bits can be learnt if the gradient is let through")


# ---------------------------------------------------------------- curvature


def _directions(product, size, count=2, rounds=80):
    """The directions of largest curvature, by power iteration, and the curvatures on the way."""
    found, history = [], []
    for n in range(count):
        v = jnp.asarray(np.random.RandomState(n).normal(size=size), jnp.float32)
        values = []
        for _ in range(rounds):
            for known in found:
                v = v - known * jnp.vdot(known, v)
            v = v / jnp.linalg.norm(v)
            w = product(v)
            values.append(float(jnp.vdot(v, w)))
            v = w
        found.append(v / jnp.linalg.norm(v))
        history.append(values)
    return found, history


def curvature(hvp, loss, trained, data, rows=256):
    """Curvature on the way of a power iteration, and the loss along three directions."""
    x, unravel = ravel_pytree(trained.after)
    batch = data.train.images[:rows], data.train.labels[:rows]

    def f(flat):
        return loss(unravel(flat), *batch)

    found, history = _directions(jax.jit(lambda v: hvp(f, x, v)), x.size)
    rng = np.random.RandomState(9)
    random = jnp.asarray(rng.normal(size=x.size), jnp.float32)
    directions = [*found, random / jnp.linalg.norm(random)]
    names = ["steepest direction", "second steepest", "a random direction"]
    fig, (left, right) = plt.subplots(1, 2, figsize=(11.5, 3.8))
    for values, name, color in zip(history, names, COLORS):
        left.plot(range(1, len(values) + 1), values, color=color, lw=2, label=name)
    left.set(xlabel="round of the power iteration", ylabel="curvature vᵀHv")
    left.set_title(f"largest curvature: {history[0][-1]:.1f}")
    left.legend(frameon=False)
    steps = jnp.linspace(-1, 1, 41)
    along = jax.jit(lambda v: jax.lax.map(lambda s: f(x + s * v), steps))
    for direction, name, color in zip(directions, names, (*COLORS[:2], GREY)):
        right.plot(steps, along(direction), color=color, lw=2, label=name)
    right.set(xlabel="how far the parameters are moved", ylabel="loss", title="the loss along them")
    right.legend(frameon=False)
    limit = 2 / max(history[0][-1], 1e-9)
    fig.suptitle(
        f"Two steep directions of {x.size}, a random one is flat: SGD steps above 2/λ = {limit:.2f} climb"
    )
