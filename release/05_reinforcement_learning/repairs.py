"""Pictures of section 7: how much a maximum flatters, and which horizon is best."""

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

from workbook.draw import BLUE, GREEN, GREY, ORANGE

COUNTS = (1, 2, 3, 5, 10, 20)


def flattery(single_target, double_target, draws=10_000):
    """The mean of both targets when all actions are worth 0 and estimates have the error 1."""
    rng = np.random.RandomState(0)
    means = []
    for count in COUNTS:
        one, two = rng.normal(size=(2, draws, count)).astype(np.float32)
        nothing, goes_on = jnp.zeros(draws), jnp.zeros(draws, bool)
        single = jax.jit(jax.vmap(single_target))(nothing, goes_on, one)
        double = jax.jit(jax.vmap(double_target))(nothing, goes_on, one, two)
        means.append((single.mean(), double.mean()))
    means = np.array(means)
    _, ax = plt.subplots(figsize=(8.4, 3.8))
    ax.axhline(0, color=GREY, lw=1, ls="--")
    ax.plot(COUNTS, means[:, 0], "o-", color=ORANGE, label="the maximum of one estimate")
    ax.plot(COUNTS, means[:, 1], "o-", color=BLUE, label="one chooses, another one judges")
    ax.set(xlabel="number of actions", ylabel="mean target (the truth is 0)", xticks=COUNTS)
    ax.legend()
    ten = np.round(means[COUNTS.index(10)], 2) + 0.0  # no −0.00
    ax.set_title(
        f"With ten actions the maximum errs by {ten[0]:.2f}, the double estimate by {ten[1]:.2f}"
    )


# ---------------------------------------------------------------- the chain

STATES, STEPS, GAMMA = 10, 120, 0.95


def bias_and_variance(gae, rollouts=400):
    """The error of A + V against λ, on a chain with known values and two estimates of V."""
    rng = np.random.RandomState(0)
    mean_reward = rng.normal(size=STATES)
    moves = rng.dirichlet(np.ones(STATES), size=STATES)
    truth = np.linalg.solve(np.eye(STATES) - GAMMA * moves, mean_reward)
    states = _walk(rng, moves, rollouts)
    here, there = states[:-1], states[1:]
    rewards = mean_reward[here] + 0.5 * rng.normal(size=here.shape)
    right = mean_reward[here] + GAMMA * truth[there]
    lams = (0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98, 1.0)
    _, ax = plt.subplots(figsize=(8.4, 4))
    for size, color in ((1.0, BLUE), (3.0, ORANGE)):
        wrong = truth + size * rng.normal(size=STATES)
        errors = _errors(gae, lams, rewards, wrong[here], wrong[there], right)
        best = int(np.argmin(errors))
        ax.plot(lams, errors, "o-", color=color, label=f"V off by about {size}")
        ax.plot(lams[best], errors[best], "o", ms=13, mfc="none", color=GREEN)
    ax.set(xlabel="λ", ylabel="mean squared error of $A_t+V(s_t)$", ylim=(0, None))
    ax.set_title("Between trusting V (λ = 0) and trusting luck (λ = 1) lies the best mixture")
    ax.legend()


def _walk(rng, moves, rollouts):
    """States (STEPS + 1, rollouts) of a chain that never ends."""
    cumulative, states = moves.cumsum(axis=1), [rng.randint(STATES, size=rollouts)]
    for _ in range(STEPS):
        draws = rng.uniform(size=(rollouts, 1))
        after = (cumulative[states[-1]] < draws).sum(axis=1)
        states.append(np.minimum(after, STATES - 1))
    return np.array(states)


def _errors(gae, lams, rewards, values, next_values, right):
    """Mean squared errors in the first fifth of the rollouts, where later steps are left to sum."""
    never = jnp.zeros(rewards.shape, bool)
    inputs = [jnp.asarray(x, jnp.float32) for x in (rewards, values, next_values)]

    errors = []
    for lam in lams:
        estimate = np.asarray(gae(*inputs, never, never, GAMMA, lam)[1])  # A + V
        errors.append(((estimate - right) ** 2)[: STEPS // 5].mean())
    return np.array(errors)
