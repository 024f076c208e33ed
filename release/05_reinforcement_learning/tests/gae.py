import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "gae"

T, N = 7, 3
rewards, values, after = (np.asarray(normal(seed, T, N)) for seed in (1, 2, 3))
never = np.zeros((T, N), bool)
# an end in the middle, one in the first step, one in the last
middle = never.copy()
middle[3, 0] = middle[0, 1] = middle[6, 2] = True


def estimated(gae, terminated=never, truncated=never, rewards=rewards, **settings):
    """[advantages, returns]."""
    pair = run(lambda *x: gae(*x, **settings), rewards, values, after, terminated, truncated)
    assert isinstance(pair, tuple | list) and len(pair) == 2, (
        "advantages and returns should come back"
    )
    return list(pair)


@test_case(name="two steps: advantages 0.5 and 0, or 0 and -2", points=0)
def worked_number(gae):
    ones, flags = np.ones(2, np.float32), np.array([False, False])
    given = ones, np.array([2.0, 3.0], np.float32), np.array([3.0, 4.0], np.float32)
    call = lambda *x: gae(*x, gamma=0.5, lam=0.5)  # noqa: E731
    expect([run(call, *given, ends, flags) for ends in (flags, np.array([False, True]))])


@test_case(name="no episode ends", points=0)
def nothing_ends(gae):
    expect(estimated(gae, gamma=0.9, lam=0.8))


@test_case(name="a truncation stops the sum, and the next value counts", points=0)
def stopped_watching(gae):
    expect(estimated(gae, truncated=middle, gamma=0.9, lam=0.8))


@test_case(name="a termination in the middle, at first, at last", points=0)
def ended(gae):
    expect(estimated(gae, terminated=middle, gamma=0.9, lam=0.8))


@test_case(name="both kinds of ends, some in one step, and numbers for flags", points=0)
def both_kinds(gae):
    flags = [x.astype(np.int32) for x in (middle, middle[:, ::-1] | middle[::-1])]
    expect(estimated(gae, *flags, gamma=0.8, lam=0.5))


@test_case(name="the usual settings, and λ = 0", points=0)
def settings(gae):
    expect([estimated(gae, middle[::-1], middle), estimated(gae, middle, gamma=0.7, lam=0.0)])


@test_case(name="another shape under jit, and no gradient", points=0)
def compiled(gae):
    four = [np.asarray(normal(seed, 4, 2)) for seed in (4, 5, 6)]
    ends = np.arange(8).reshape(4, 2) % 3 == 1
    call = jax.jit(lambda *x: gae(*x, gamma=0.9, lam=0.6))
    expect(run(call, *four, ends, ~ends))

    def score(values):
        advantages, returns = gae(four[0], values, four[2], ends, ~ends)
        return (advantages**2).sum() + (returns**2).sum()

    expect(run(jax.value_and_grad(score), four[1]))
