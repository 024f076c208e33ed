import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "compute_rewards_to_go"

rewards = np.array([1.0, -0.5, 2.25, 0.0, 3.0, -1.75], np.float32)


def to_go(compute_rewards_to_go, rewards, discount):
    return run(lambda r: compute_rewards_to_go(r, discount), rewards)


@test_case(name="rewards 1, 2, 4 with a discount of 0.5", points=0)
def worked_number(compute_rewards_to_go):
    result = to_go(compute_rewards_to_go, np.array([1.0, 2.0, 4.0], np.float32), 0.5)
    assert np.shape(result) == (3,), f"three rewards give three results, not {np.shape(result)}"
    expect(result)


@test_case(name="without a discount: the sum of what is still to come", points=0)
def no_discount(compute_rewards_to_go):
    expect(run(compute_rewards_to_go, rewards))


@test_case(name="a discount of 0, and an episode of one step", points=0)
def short(compute_rewards_to_go):
    expect(
        [to_go(compute_rewards_to_go, rewards[:n], d) for n, d in ((4, 0.0), (1, 0.7), (2, 0.7))]
    )


@test_case(name="a hundred and fifty steps with a discount of 0.5", points=0)
def long(compute_rewards_to_go):
    expect(to_go(compute_rewards_to_go, np.asarray(normal(3, 150)), 0.5))


@test_case(name="a batch under jit and vmap", points=0)
def compiled(compute_rewards_to_go):
    batched = jax.jit(jax.vmap(lambda r: compute_rewards_to_go(r, 0.75)))
    expect(run(batched, np.asarray(normal(4, 2, 5))))


# --- hidden: nothing below this line is released ---


@test_case(name="fractions, losses and a discount of 0.9", points=0.5, hidden=True)
def fractions(compute_rewards_to_go):
    expect(to_go(compute_rewards_to_go, rewards, 0.9))


@test_case(name="a discount of 0 sees the next reward only", points=0.5, hidden=True)
def short_sighted(compute_rewards_to_go):
    expect(to_go(compute_rewards_to_go, rewards, 0.0))


@test_case(name="an episode of one step", points=0.25, hidden=True)
def one_step(compute_rewards_to_go):
    expect(to_go(compute_rewards_to_go, np.array([-2.5], np.float32), 0.9))


@test_case(name="forty steps, and two hundred", points=0.5, hidden=True)
def forty_steps(compute_rewards_to_go):
    expect(to_go(compute_rewards_to_go, np.asarray(normal(1, 40)), 0.97))
    expect(to_go(compute_rewards_to_go, np.asarray(normal(5, 200)), 0.4))


@test_case(name="a batch under vmap", points=0.5, hidden=True)
def batch(compute_rewards_to_go):
    batched = jax.jit(jax.vmap(lambda r: compute_rewards_to_go(r, 0.8)))
    expect(run(batched, np.asarray(normal(2, 3, 6))))
    expect(run(jax.vmap(compute_rewards_to_go), np.asarray(normal(6, 4, 3))))


@test_case(name="twice the rewards, twice the result", points=0.25, hidden=True)
def linear(compute_rewards_to_go):
    expect(to_go(compute_rewards_to_go, 3 * rewards + 0.5 * rewards[::-1], 0.9))


@test_case(name="each reward pays its step and all before it", points=0.5, hidden=True)
def who_is_paid(compute_rewards_to_go):
    single = np.eye(6, dtype=np.float32)  # one reward in each episode
    expect([to_go(compute_rewards_to_go, row, 0.5) for row in single])
