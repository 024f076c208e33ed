import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, integers, normal, run

OK_FORMAT = False
name = "repaired_dqn_loss"


def linear(params, obs):
    """A network of one layer: values (B, A) of observations (B, D)."""
    return obs @ params["w"] + params["b"]


def weights(seed, width, actions):
    return {"w": normal(seed, width, actions), "b": normal(seed + 1, actions)}


def batch_of(seed, count, width, actions, terminated=0.3, truncated=0.3):
    """Transitions of which some terminated, some were truncated, and some both."""
    flags = [np.asarray(normal(seed + n, count)) for n in (1, 2)]
    return {
        "obs": normal(seed + 3, count, width),
        "action": integers(seed + 4, 0, actions, count),
        "reward": normal(seed + 5, count),
        "terminated": flags[0] < np.quantile(flags[0], terminated),
        "truncated": flags[1] < np.quantile(flags[1], truncated),
        "next_obs": normal(seed + 6, count, width),
    }


def loss_of(f, params, target_params, batch, *discount):
    """The loss, as one number."""
    return run(lambda p, t, b: f(p, t, linear, b, *discount), params, target_params, batch)


def loss_and_slopes(f, params, target_params, batch, *discount):
    """The loss, and its gradients with respect to both sets of parameters."""

    def of(p, t, b):
        return f(p, t, linear, b, *discount)

    return run(jax.value_and_grad(of, argnums=(0, 1)), params, target_params, batch)


TABLE = np.array([[1.0, 2.0], [0.0, 3.0]], np.float32)  # values of two states


def from_table(params, obs):
    return obs @ params


def transitions(actions, rewards, terminated, truncated):
    """From state 0 to state 1, once for each action."""
    count = len(actions)
    here, there = (np.tile(np.eye(2, dtype=np.float32)[n], (count, 1)) for n in (0, 1))
    flags = np.array(terminated, bool), np.array(truncated, bool)
    numbers = {"action": np.array(actions, np.int32), "reward": np.array(rewards, np.float32)}
    ends = {"terminated": flags[0], "truncated": flags[1]}
    return {"obs": here, "next_obs": there} | numbers | ends


@test_case(name="two transitions: 2.25 and 0 have the mean 1.125", points=0)
def worked_number(repaired_dqn_loss):
    batch = transitions([0, 0], [1, 1], [0, 1], [0, 0])
    call = lambda q, b: repaired_dqn_loss(q, q, from_table, b, 0.5)  # noqa: E731
    expect(run(call, TABLE, batch))


@test_case(name="one transition each: it goes on, is truncated, terminated, both", points=0)
def four_ends(repaired_dqn_loss):
    call = lambda q, b: repaired_dqn_loss(q, q, from_table, b, 0.5)  # noqa: E731
    ends = (0, 0), (0, 1), (1, 0), (1, 1)
    expect([run(call, TABLE, transitions([0], [2], [a], [b])) for a, b in ends])


@test_case(name="the action that was taken, of three", points=0)
def action_taken(repaired_dqn_loss):
    batch = batch_of(10, 5, 4, 3, 0.0, 0.0)
    both = weights(20, 4, 3), weights(22, 4, 3)
    expect(loss_of(repaired_dqn_loss, *both, batch, 0.9))


@test_case(name="who is trained, and who judges what follows", points=0)
def two_networks(repaired_dqn_loss):
    batch = batch_of(30, 4, 3, 2)
    both = weights(40, 3, 2), weights(42, 3, 2)
    expect(loss_and_slopes(repaired_dqn_loss, *both, batch, 0.8))


@test_case(name="the usual discount, others, and only bad things to come", points=0)
def discounts(repaired_dqn_loss):
    batch, both = batch_of(50, 6, 2, 4), [weights(60, 2, 4), weights(62, 2, 4)]
    both[1] = both[1] | {"b": both[1]["b"] - 20}
    settings = (), (0.0,), (0.7,), (1.0,)
    expect([loss_of(repaired_dqn_loss, *both, batch, *x) for x in settings])


@test_case(name="under jit, with a gradient", points=0)
def compiled(repaired_dqn_loss):
    @jax.jit
    def step(p, t, b):
        return jax.value_and_grad(repaired_dqn_loss)(p, t, linear, b)

    expect(run(step, weights(70, 2, 3), weights(72, 2, 3), batch_of(80, 7, 2, 3)))


# --- hidden: nothing below this line is released ---


@test_case(name="the time limit is no end", points=0.75, hidden=True)
def time_limit(repaired_dqn_loss):
    both = weights(100, 5, 3), weights(102, 5, 3)
    for terminated, truncated in ((0.0, 0.5), (0.4, 0.5)):
        batch = batch_of(110, 6, 5, 3, terminated, truncated)
        expect(loss_of(repaired_dqn_loss, *both, batch, 0.6))


@test_case(name="only the value of the action taken is moved", points=0.75, hidden=True)
def what_moves(repaired_dqn_loss):
    both = weights(120, 3, 4), weights(122, 3, 4)
    expect(loss_and_slopes(repaired_dqn_loss, *both, batch_of(130, 3, 3, 4, 0.0, 0.0), 0.9))


@test_case(name="what is to come counts less", points=0.75, hidden=True)
def less(repaired_dqn_loss):
    both = weights(140, 4, 2), weights(142, 4, 2)
    batch = batch_of(150, 8, 4, 2, 0.2, 0.0)
    expect([loss_of(repaired_dqn_loss, *both, batch, *x) for x in ((), (0.25,), (0.85,))])


@test_case(name="another batch, and the gradients of both networks", points=0.75, hidden=True)
def both_gradients(repaired_dqn_loss):
    both = weights(160, 2, 5), weights(162, 2, 5)
    expect(loss_and_slopes(repaired_dqn_loss, *both, batch_of(170, 9, 2, 5)))
    one = weights(180, 3, 2)
    expect(loss_and_slopes(repaired_dqn_loss, one, one, batch_of(190, 1, 3, 2), 0.5))
