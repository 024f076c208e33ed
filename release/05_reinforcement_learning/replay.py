"""Environments that run side by side, and a replay memory of what they saw."""

import jax
import jax.numpy as jnp

import cartpole

ENVIRONMENTS, BATCH = 8, 64


def begin(key):
    """Environments at the start of an episode."""
    obs = jax.vmap(cartpole.reset)(jax.random.split(key, ENVIRONMENTS))
    return {"obs": obs, "age": jnp.zeros(ENVIRONMENTS, int)}


def empty_memory(size, **flags):
    """A memory of as many steps; flags names what is kept of how a step ended, and its dtype."""
    vectors = jnp.zeros((size, 4))
    memory = {"obs": vectors, "action": jnp.zeros(size, int), "next_obs": vectors}
    ends = {name: jnp.zeros(size, dtype) for name, dtype in flags.items()}
    return memory | ends | {"reward": jnp.zeros(size)}


def advance(envs, memory, now, action, key, *, reward, limit):
    """One step of every environment, into the memory; what ended begins anew.

    After `limit` steps an episode is truncated, which isn't stored as terminated.
    """
    after, terminated = jax.vmap(cartpole.step)(envs["obs"], action)
    over = terminated | (envs["age"] + 1 >= limit)
    seen = {"obs": envs["obs"], "action": action, "next_obs": after, "terminated": terminated}
    seen |= {"truncated": over & ~terminated, "reward": jnp.full(ENVIRONMENTS, reward)}
    places = (now * ENVIRONMENTS + jnp.arange(ENVIRONMENTS)) % len(memory["reward"])
    memory = {n: m.at[places].set(seen[n].astype(m.dtype)) for n, m in memory.items()}
    obs = jnp.where(over[:, None], begin(key)["obs"], after)
    return {"obs": obs, "age": jnp.where(over, 0, envs["age"] + 1)}, memory


def draw(memory, now, key):
    """A batch of remembered steps, drawn at random."""
    stored = jnp.minimum((now + 1) * ENVIRONMENTS, len(memory["reward"]))
    chosen = jax.random.randint(key, (BATCH,), 0, stored)
    return jax.tree.map(lambda m: m[chosen], memory)


def copied(target, params, now, every):
    """The target network's parameters: a copy of the others after as many updates."""
    return jax.tree.map(lambda t, p: jnp.where(now % every == 0, p, t), target, params)
