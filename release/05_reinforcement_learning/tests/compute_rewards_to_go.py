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
