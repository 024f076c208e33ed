import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "rank_metrics"


def scores(*numbers):
    return np.array(numbers, np.float32)


@test_case(name="two positives, three negatives, one tie", points=0)
def worked(rank_metrics):
    metrics = run(rank_metrics, scores(5, 2), scores(3, 2, 1))
    assert isinstance(metrics, dict), "a dictionary is wanted"
    expect(metrics)


@test_case(name="four positives among six negatives, other k", points=0)
def other_ks(rank_metrics):
    neg = scores(-1, 0.5, 3, 2, -4, 7)
    expect(run(rank_metrics, scores(2.5, -3, 8, 0), neg, ks=(1, 3, 5)))


@test_case(name="a model that gives everything the same score", points=0)
def all_equal(rank_metrics):
    expect(run(rank_metrics, np.zeros(3, np.float32), np.zeros(8, np.float32), ks=(1, 4, 5)))


@test_case(name="one positive; and k beyond the number of negatives", points=0)
def one_positive(rank_metrics):
    expect(
        run(rank_metrics, scores(0.25), scores(0.5, 0.25, 1, 0.25, 0.75, 0.5, 0.125), ks=(5, 6, 20))
    )


@test_case(name="scores that lie close together", points=0)
def close(rank_metrics):
    neg = scores(100, 2e-9, 0)
    expect(run(rank_metrics, scores(100.0005, 1e-9), neg, ks=(1, 2)))


# --- hidden: nothing below this line is released ---


@test_case(name="many scores without ties", points=1, hidden=True)
def no_ties(rank_metrics):
    expect(run(rank_metrics, normal(1, 9) + 0.5, normal(2, 30), ks=(1, 2, 10)))


@test_case(name="many ties", points=1.25, hidden=True)
def many_ties(rank_metrics):
    pos, neg = jnp.round(normal(3, 12)), jnp.round(normal(4, 25))
    expect(run(rank_metrics, pos, neg, ks=(3, 5, 8)))
    expect(run(rank_metrics, np.full(4, 0.7, np.float32), np.full(11, 0.7, np.float32), ks=(6, 7)))


@test_case(
    name="scores on another scale, of a single positive, with the usual k", points=1, hidden=True
)
def other_scale(rank_metrics):
    pos, neg = normal(5, 7), normal(6, 18)
    expect(run(rank_metrics, jnp.exp(3 * pos), jnp.exp(3 * neg), ks=(2, 4)))
    expect(run(rank_metrics, 100 + 50 * pos[:1], 100 + 50 * neg))
    expect(run(rank_metrics, 2e-9 * pos, 2e-9 * neg, ks=(3,)))


@test_case(name="the best and the worst that there is", points=0.75, hidden=True)
def extremes(rank_metrics):
    pos, neg = np.abs(normal(7, 5)) + 0.1, -np.abs(normal(8, 6)) - 0.1
    expect(run(rank_metrics, pos, neg, ks=(1,)))
    expect(run(rank_metrics, neg, pos, ks=(4, 6, 9)))
