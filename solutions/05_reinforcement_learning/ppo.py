"""PPO: its objective as a picture, and an agent that balances with it."""

import haiku as hk
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import optax

import cartpole
from workbook.draw import BLUE, GREY, ORANGE, PALE

ENVIRONMENTS, STEPS, EPOCHS, PARTS, ITERATIONS = 16, 128, 4, 4, 60
GAMMA, LAM = 0.99, 0.95


def two_panels(ppo_loss, clip=0.2):
    """The objective of one action and its slope against the ratio, for both signs of the advantage."""
    ratios = jnp.linspace(0.403, 1.803, 141)  # no point at a corner, where slopes jump

    def objective(ratio, advantage):
        log_prob = jnp.log(ratio)[None]
        return -ppo_loss(log_prob, jnp.zeros(1), jnp.full(1, advantage), clip)[0]

    both = jax.jit(jax.value_and_grad(objective))
    fig, axes = plt.subplots(1, 2, figsize=(11, 3.8), sharex=True)
    for ax, advantage, title in zip(axes, (1.0, -1.0), ("it paid", "it failed")):
        value, slope = zip(*[both(ratio, advantage) for ratio in ratios])
        ax.axvspan(1 - clip, 1 + clip, color=PALE)
        ax.axvline(1, color=GREY, lw=0.8)
        ax.plot(ratios, value, color=BLUE, lw=2, label="objective")
        ax.plot(ratios, slope, color=ORANGE, lw=2, ls="--", label="its slope")
        ax.set(xlabel="ratio ρ", ylim=(-2, 2), title=f"{title}: A = {advantage:+.0f}")
    axes[0].set_ylabel("objective, slope")
    axes[0].legend(loc="lower right")
    fig.suptitle("No reward for going too far, but mistakes can always be undone")


def networks():
    """Logits and value, by two networks of 64 tanh units."""

    def both(obs):
        obs = obs / cartpole.SCALE
        logits = hk.nets.MLP([64, 2], activation=jnp.tanh, name="policy")(obs)
        value = hk.nets.MLP([64, 64, 1], activation=jnp.tanh, name="value")(obs)
        return logits, value[..., 0]

    return hk.without_apply_rng(hk.transform(both))


def train(sample_action, gae, ppo_loss, seed=0):
    """(returns of greedy episodes after each iteration, environment steps)."""
    network = networks()
    optimizer = optax.chain(optax.clip_by_global_norm(0.5), optax.adam(1e-3))

    def play_step(params, carry, key):
        obs, age = carry
        act, fresh = jax.random.split(key)
        logits, value = network.apply(params, obs)
        action = jax.vmap(sample_action)(jax.random.split(act, ENVIRONMENTS), logits)
        after, ended = jax.vmap(cartpole.step)(obs, action)
        stopped = age + 1 >= cartpole.LIMIT
        seen = {"obs": obs, "action": action, "value": value, "terminated": ended}
        seen |= {"next_value": network.apply(params, after)[1], "truncated": stopped}
        seen["logp"] = _log_prob(logits, action)
        begin = jax.vmap(cartpole.reset)(jax.random.split(fresh, ENVIRONMENTS))
        over = ended | stopped
        return (jnp.where(over[:, None], begin, after), jnp.where(over, 0, age + 1)), seen

    def loss_of(params, batch):
        logits, value = network.apply(params, batch["obs"])
        spread = batch["advantage"].std() + 1e-8
        advantage = (batch["advantage"] - batch["advantage"].mean()) / spread
        loss, _ = ppo_loss(_log_prob(logits, batch["action"]), batch["logp"], advantage)
        return loss + 0.5 * ((value - batch["return"]) ** 2).mean() * (1 - GAMMA)

    def learn(carry, batch):
        params, state = carry
        changes, state = optimizer.update(jax.grad(loss_of)(params, batch), state)
        return (optax.apply_updates(params, changes), state), None

    def iteration(carry, key):
        params, state, envs = carry
        play, shuffle, examine = jax.random.split(key, 3)
        steps = jax.random.split(play, STEPS)
        envs, seen = jax.lax.scan(lambda c, k: play_step(params, c, k), envs, steps)
        flags = seen["terminated"], seen["truncated"]
        rewards = jnp.ones((STEPS, ENVIRONMENTS))
        found = gae(rewards, seen["value"], seen["next_value"], *flags, GAMMA, LAM)
        seen["advantage"], seen["return"] = found
        flat = jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), seen)
        for epoch in jax.random.split(shuffle, EPOCHS):
            order = jax.random.permutation(epoch, STEPS * ENVIRONMENTS).reshape(PARTS, -1)
            batches = jax.tree.map(lambda x, o=order: x[o], flat)
            (params, state), _ = jax.lax.scan(learn, (params, state), batches)
        greedy = lambda _, obs: jnp.argmax(network.apply(params, obs)[0])  # noqa: E731
        return (params, state, envs), cartpole.returns(greedy, examine, 16).mean()

    @jax.jit
    def run(key):
        first, begin, rest = jax.random.split(key, 3)
        params = network.init(first, jnp.zeros(4))
        obs = jax.vmap(cartpole.reset)(jax.random.split(begin, ENVIRONMENTS))
        start = params, optimizer.init(params), (obs, jnp.zeros(ENVIRONMENTS, int))
        return jax.lax.scan(iteration, start, jax.random.split(rest, ITERATIONS))[1]

    returns = np.asarray(run(jax.random.key(seed)))
    return returns, np.arange(1, ITERATIONS + 1) * STEPS * ENVIRONMENTS


def _log_prob(logits, action):
    return jnp.take_along_axis(jax.nn.log_softmax(logits), action[..., None], axis=-1)[..., 0]


def learning_curve(trained):
    """Greedy returns against environment steps."""
    returns, steps = trained
    _, ax = plt.subplots(figsize=(9, 3.6))
    ax.plot(steps, returns, "o-", color=BLUE, ms=3)
    ax.set(xlabel="environment steps", ylabel="greedy steps, mean of 16 episodes", ylim=(0, 520))
    ax.set_title(f"PPO on one seed: {returns[-1]:.0f} at the end")
