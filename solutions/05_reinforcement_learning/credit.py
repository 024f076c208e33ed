"""Pictures of section 4: which action gets the credit, and how noisy that is."""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

import cartpole
import training
from workbook.draw import BLUE, GREEN, GREY, ORANGE, PALE, RED

REWARDS = np.array(
    [0, 0, 1, 0, -1, 0, 0, 0.5, 0, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 3], np.float32
)


def three_discounts(compute_rewards_to_go):
    """The same rewards, and what is still to come under three discounts."""
    fig, axes = plt.subplots(4, 1, figsize=(9, 6.4), sharex=True)
    axes[0].bar(range(len(REWARDS)), REWARDS, color=GREY)
    axes[0].set(ylabel="reward")
    for ax, discount, color in zip(axes[1:], (0.5, 0.9, 1.0), (GREEN, ORANGE, BLUE)):
        to_go = compute_rewards_to_go(jnp.asarray(REWARDS), discount)
        ax.bar(range(len(REWARDS)), np.asarray(to_go), color=color)
        ax.set(ylabel=f"$G_t$, γ = {discount}")
        ax.axhline(0, color=GREY, lw=0.8)
    axes[-1].set_xlabel("step t")
    fig.suptitle("The larger the discount, the earlier a reward is felt")


def three_temperatures(sample_action, draws=5000):
    """How often each action comes, beside its probability."""
    logits = jnp.array([0.5, 2.0, -0.5, 1.2])
    fig, axes = plt.subplots(1, 3, figsize=(11, 3.2), sharey=True)
    for ax, temperature in zip(axes, (0.3, 1.0, 3.0)):
        scaled = logits / temperature
        keys = jax.random.split(jax.random.key(0), draws)
        actions = jax.vmap(lambda key, x=scaled: sample_action(key, x))(keys)
        places = np.arange(len(logits))
        ax.bar(
            places - 0.2, jax.nn.softmax(scaled), 0.4, color=PALE, edgecolor=GREY, label="softmax"
        )
        ax.bar(
            places + 0.2, np.bincount(actions, minlength=4) / draws, 0.4, color=BLUE, label="drawn"
        )
        ax.set(title=f"temperature {temperature}", xlabel="action", xticks=places)
    axes[0].set_ylabel("share")
    axes[0].legend()
    fig.suptitle("Draws follow the softmax; the temperature decides how sure they are")


# ---------------------------------------------------------------- the simplex

CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(3) / 2]])


def simplex(policy_gradient_loss):
    """Where small steps of gradient descent move a policy of three actions."""
    rewards = jnp.array([1.0, 2.0, 3.0])
    grid = [(i, j, 12 - i - j) for i in range(1, 11) for j in range(1, 12 - i)]
    probs = jnp.array(grid) / 12.0

    def expected_loss(logits, weights):
        losses = jax.vmap(policy_gradient_loss, (0, None, 0))(jnp.arange(3), logits, rewards)
        return weights @ losses  # the mean over drawn actions

    @jax.jit
    @jax.vmap
    def moved(p):
        logits = jnp.log(p)
        return jax.nn.softmax(logits - 0.35 * jax.grad(expected_loss)(logits, p)) - p

    start, arrow = np.asarray(probs) @ CORNERS, np.asarray(moved(probs)) @ CORNERS
    _, ax = plt.subplots(figsize=(6.6, 5.4))
    ax.add_patch(plt.Polygon(CORNERS, facecolor="none", edgecolor=GREY))
    style = {"angles": "xy", "scale_units": "xy", "scale": 1, "color": BLUE, "width": 0.005}
    ax.quiver(*start.T, *arrow.T, **style)
    for n, (x, y) in enumerate(CORNERS):
        ax.text(x, y + (0.03 if n == 2 else -0.07), f"action {n} pays {n + 1}", ha="center")
    ax.set(xlim=(-0.2, 1.2), ylim=(-0.12, 0.95), aspect="equal")
    ax.axis("off")
    ax.set_title("A point is a policy: all arrows lead to what pays, near corners slowly")


# ---------------------------------------------------------------- advantages


def episodes(seed=2, count=16, steps=120):
    """Masks of episodes that an undecided policy with a little sense plays."""
    weights = jnp.array([0.0, 0.1, 0.5, 0.5])

    def act(key, obs):
        return jax.random.bernoulli(key, jax.nn.sigmoid(4 * obs @ weights)).astype(int)

    return cartpole.rollout(act, jax.random.key(seed), count, steps)["mask"]


def three_ways(compute_rewards_to_go, compute_advantages):
    """Rewards, rewards-to-go and advantages of one episode of a batch, under each other."""
    mask = episodes()
    to_go = jax.vmap(lambda r: compute_rewards_to_go(r, 0.99))(mask.astype(jnp.float32))
    mean = training.mean_of_those_that_run(to_go, mask)
    advantages = np.asarray(compute_advantages(to_go, mean, mask))
    lengths = np.asarray(mask.sum(axis=1))
    short, long = np.argsort(lengths)[[2, -2]]
    fig, axes = plt.subplots(3, 1, figsize=(9, 6), sharex=True)
    for n, color in ((short, RED), (long, BLUE)):
        steps, label = range(lengths[n]), f"an episode of {lengths[n]} steps"
        axes[0].plot(steps, np.ones(lengths[n]) + (0.02 if n == long else 0), color=color)
        axes[1].plot(steps, to_go[n, : lengths[n]], color=color, label=label)
        axes[2].plot(steps, advantages[n, : lengths[n]], color=color)
    axes[1].plot(mean[long, : lengths[long]], color=GREY, ls="--", label="baseline")
    axes[2].axhline(0, color=GREY, lw=0.8)
    for ax, name in zip(axes, ("reward", "reward-to-go", "advantage")):
        ax.set_ylabel(name)
    axes[0].set_ylim(0, 1.3)
    axes[1].set_ylim(0, 100)
    axes[1].legend(ncols=3, loc="upper right")
    axes[2].set_xlabel("step")
    fig.suptitle("Rewards are all alike; advantages tell the good episode from the bad one")


def noise_of_gradients(collect, losses, batches=200):
    """The gradients of 200 batches of one untrained policy, under several losses by name."""
    params = training.policy_network().init(jax.random.key(1), jnp.zeros(4))

    @jax.jit
    def gradients(key):
        batch = collect(key, params, steps=100)
        found = [jax.grad(loss)(params, batch) for loss in losses.values()]
        return jnp.stack([jax.flatten_util.ravel_pytree(gradient)[0] for gradient in found])

    seen = np.asarray(jax.lax.map(gradients, jax.random.split(jax.random.key(0), batches)))
    norms = np.linalg.norm(seen, axis=2)
    mean = seen.mean(axis=0)
    cosines = (seen * mean).sum(2) / (norms * np.linalg.norm(mean, axis=1))
    fig, axes = plt.subplots(1, 2, figsize=(11, 3.6))
    lengths = np.geomspace(norms.min(), norms.max(), 50)
    for n, (name, color) in enumerate(zip(losses, (ORANGE, GREEN, BLUE))):
        axes[0].hist(
            norms[:, n], bins=lengths, color=color, alpha=0.6, label=name.replace("_", " ")
        )
        axes[1].hist(cosines[:, n], bins=np.linspace(-1, 1, 41), color=color, alpha=0.6)
    axes[0].set(xlabel="length of the gradient", ylabel="batches", xscale="log")
    axes[1].set(xlabel="cosine with the mean of 200 batches", ylabel="batches", xticks=[-1, 0, 1])
    axes[0].legend(fontsize=9, loc="upper right")
    means = ", ".join(f"{c:.2f}" for c in cosines.mean(axis=0))
    fig.suptitle(f"How well gradients agree, in the same order: mean cosine {means}")
