import jax
import jax.numpy as jnp
import numpy as np
import optax
from otter.test_files import test_case
from workbook import expect, kind_of, normal, run

OK_FORMAT = False
name = "train_reinforce"


def always(key, params):
    """Two episodes of two steps, which pay the same whatever is done."""
    reward = jnp.array([[1.0, 2.0], [3.0, 0.0]])
    return {"obs": reward, "action": reward, "reward": reward, "mask": reward > 0}


def towards_3(params, batch):
    return (params - 3) ** 2


def lasted(episodes, steps):
    """Which steps take place: the first episode is complete, later ones are shorter."""
    return np.arange(steps) < np.maximum(steps - np.arange(episodes), 1)[:, None]


def sensitive(episodes, steps):
    """A collect whose numbers depend on the parameters, a dictionary of a vector and a pair."""
    grid = np.asarray(normal(episodes + 10 * steps, episodes, steps))
    mask = lasted(episodes, steps)

    def collect(key, params):
        level = params["slope"].sum() + params["rest"][0]
        obs = jnp.sin(level + grid) + params["rest"][1] * 0.5
        reward = mask * (2 + jnp.cos(grid * level))
        return {"obs": obs, "action": grid > 0, "reward": reward, "mask": mask}

    return collect


def fit(params, batch):
    """A loss that depends on parameters and batch, and has no minimum where all is still."""
    shift, scale = params["rest"]
    weight = jnp.where(batch["action"], 1.0, 0.5) * batch["mask"] * batch["reward"]
    error = scale * batch["obs"] - shift - params["slope"][0] * params["slope"][-1]
    return (weight * error**2).sum() / batch["mask"].sum() + (params["slope"] ** 2).mean()


def start(seed, width):
    slope = np.asarray(normal(seed, width))
    return {"slope": jnp.asarray(slope), "rest": (jnp.float32(0.25), jnp.float32(1.5))}


def trained(train, params, optimizer, collect, loss_fn, num_updates, seed=0):
    """The last parameters and the mean returns, by name."""

    def call(key, params):
        return train(key, params, optimizer, collect, loss_fn, num_updates)

    pair = run(call, jax.random.key(seed), params)
    assert isinstance(pair, tuple | list) and len(pair) == 2, (
        f"(parameters, mean returns) should come back, not {kind_of(pair)}"
    )
    return {"params": pair[0], "mean returns": pair[1]}


def by_chance(episodes, steps, low, high):
    """A collect whose rewards are drawn anew with each key."""

    def collect(key, params):
        shape = (episodes, steps)
        reward = jax.random.uniform(key, shape, minval=low, maxval=high)
        return {"obs": reward, "action": reward > 0, "reward": reward, "mask": reward > -9}

    return collect


def draws_of(train, seed, updates, episodes, steps, low, high):
    """What the keys were good for: how many mean returns differ, where they lie, what repeats."""
    collect = by_chance(episodes, steps, low, high)

    def call(key):
        return train(key, jnp.float32(0), optax.sgd(0.25), collect, towards_3, updates)[1]

    keys = [jax.random.key(n) for n in (seed, seed, seed + 1)]
    once, again, other = (np.asarray(run(call, key)) for key in keys)
    assert once.dtype != object, "None came back: is there a return?"
    return {
        "different": len(np.unique(once)) / max(1, once.size),
        "mean": once.mean(),
        "the same key again": np.mean(once == again),
        "another key": np.mean(once == other),
    }


@test_case(name="two updates from 0 towards 3", points=0)
def worked_number(train_reinforce):
    expect(trained(train_reinforce, jnp.float32(0), optax.sgd(0.25), always, towards_3, 2))


@test_case(name="what is collected depends on the parameters: one update, then three", points=0)
def newest(train_reinforce):
    for updates in (1, 3):
        call = optax.sgd(0.05), sensitive(3, 4), fit, updates
        expect(trained(train_reinforce, start(1, 2), *call))


@test_case(name="an optimiser that remembers: momentum", points=0)
def momentum(train_reinforce):
    optimizer = optax.sgd(0.04, momentum=0.9)
    expect(trained(train_reinforce, start(2, 3), optimizer, sensitive(2, 5), fit, 4))


@test_case(name="an optimiser that looks at the parameters", points=0)
def weight_decay(train_reinforce):
    optimizer = optax.adamw(0.05, weight_decay=0.5)
    expect(trained(train_reinforce, start(3, 2), optimizer, sensitive(4, 3), fit, 3))


@test_case(name="a new key for each update, and each key used once", points=0)
def fresh_keys(train_reinforce):
    expect(draws_of(train_reinforce, 5, 12, 4, 6, 0.0, 1.0), atol=0.2)
    with jax.debug_key_reuse(True):
        collect = by_chance(3, 2, -1.0, 1.0)
        given = jnp.float32(0), optax.sgd(0.25), collect, towards_3, 3
        params, _ = train_reinforce(jax.random.key(6), *given)
    expect(params)


@test_case(name="no update at all", points=0)
def none(train_reinforce):
    call = optax.sgd(0.25, momentum=0.5), sensitive(3, 2), fit, 0
    expect(trained(train_reinforce, start(4, 2), *call))


# --- hidden: nothing below this line is released ---


@test_case(name="each batch is played by the newest parameters", points=1, hidden=True)
def newest_parameters(train_reinforce):
    call = optax.sgd(0.03), sensitive(5, 3), fit, 5
    expect(trained(train_reinforce, start(5, 4), *call))
    call = optax.sgd(0.06), sensitive(2, 6), fit, 2
    expect(trained(train_reinforce, start(6, 3), *call, seed=3))


@test_case(name="the optimiser's state goes on", points=1, hidden=True)
def state_goes_on(train_reinforce):
    call = sensitive(3, 7), fit, 4
    expect(trained(train_reinforce, start(7, 2), optax.adam(0.07), *call, seed=1))
    optimizer = optax.chain(optax.add_decayed_weights(0.3), optax.sgd(0.05, momentum=0.7))
    expect(trained(train_reinforce, start(8, 5), optimizer, sensitive(6, 2), fit, 6))


@test_case(name="no key is used twice", points=1, hidden=True)
def keys_once(train_reinforce):
    expect(draws_of(train_reinforce, 8, 20, 3, 5, -1.0, 0.5), atol=0.2)
    with jax.debug_key_reuse(True):
        collect = by_chance(2, 4, 0.0, 3.0)
        given = jnp.float32(1), optax.sgd(0.125, momentum=0.5), collect, towards_3, 5
        params, _ = train_reinforce(jax.random.key(9), *given)
    expect(params)


@test_case(name="the mean return of every update", points=0.5, hidden=True)
def returns_of_updates(train_reinforce):
    call = optax.sgd(0.05), sensitive(4, 5), fit, 7
    expect(trained(train_reinforce, start(9, 3), *call)["mean returns"])


@test_case(name="nothing to do, or one update", points=0.5, hidden=True)
def few(train_reinforce):
    call = optax.adam(0.2), sensitive(2, 3), fit
    expect([trained(train_reinforce, start(10, 3), *call, n, seed=2) for n in (0, 1)])
