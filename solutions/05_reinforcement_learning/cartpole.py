"""CartPole's physics in JAX, so that whole batches of episodes run inside one compiled program.

The numbers are those of gymnasium's CartPole-v1: Euler steps of 0.02 s, a push of 10 N, a cart of
1 kg, a pole of 0.1 kg and 1 m. The notebook compares the two step by step.
"""

import jax
import jax.numpy as jnp
import numpy as np

WIDEST, STEEPEST = 2.4, 12 * 2 * np.pi / 360  # beyond these the episode is lost
LIMIT = 500  # steps; then the episode is truncated
SCALE = np.array([2.4, 2.0, 0.21, 2.0], np.float32)  # observations of about one size for networks


def reset(key):
    """A state near the upright pole: position, velocity, angle, angular velocity."""
    return jax.random.uniform(key, (4,), minval=-0.05, maxval=0.05)


def step(state, action):
    """(next state, whether the task ended there) after a push to the left (0) or the right (1)."""
    _, velocity, angle, turning = state
    force = jnp.where(action == 1, 10.0, -10.0)
    sin, cos = jnp.sin(angle), jnp.cos(angle)
    push = (force + 0.05 * turning**2 * sin) / 1.1
    twist = (9.8 * sin - cos * push) / (0.5 * (4 / 3 - 0.1 * cos**2 / 1.1))
    pull = push - 0.05 * twist * cos / 1.1
    state = state + 0.02 * jnp.array([velocity, pull, turning, twist])
    return state, (jnp.abs(state[0]) > WIDEST) | (jnp.abs(state[2]) > STEEPEST)


def rollout(act, key, episodes, steps=LIMIT):
    """Episodes of act(key, observation): arrays (episodes, steps) of what was seen and done.

    `mask` is true for the steps that took place; after its end an episode is played on unseen.
    """
    first, rest = jax.random.split(key)
    states = jax.vmap(reset)(jax.random.split(first, episodes))

    def one(carry, key):
        states, going = carry
        actions = jax.vmap(act)(jax.random.split(key, episodes), states)
        after, ended = jax.vmap(step)(states, actions)
        paid = going.astype(jnp.float32)  # 1 a step, and nothing after the end
        seen = {"obs": states, "action": actions, "reward": paid, "mask": going}
        return (after, going & ~ended), seen

    begin = states, jnp.ones(episodes, bool)
    _, seen = jax.lax.scan(one, begin, jax.random.split(rest, steps))
    return jax.tree.map(lambda x: jnp.swapaxes(x, 0, 1), seen)


def returns(act, key, episodes, steps=LIMIT):
    """The return of each episode: one point a step."""
    return rollout(act, key, episodes, steps)["mask"].sum(axis=1)


def compare(env, episodes=50):
    """Play random episodes in gymnasium and here: (largest difference, steps whose end differs)."""
    rng, here = np.random.RandomState(0), jax.jit(step)
    worst, flags, steps = 0.0, 0, 0
    for seed in range(episodes):
        true, _ = env.reset(seed=seed)
        ended = False
        while not ended:
            action = rng.randint(2)
            mine, fell = here(jnp.asarray(true), action)
            true, _, ended, truncated, _ = env.step(action)
            worst = max(worst, float(np.abs(np.asarray(mine) - true).max()))
            flags, steps = flags + (bool(fell) != ended), steps + 1
            ended = ended or truncated
    return worst, flags, steps
