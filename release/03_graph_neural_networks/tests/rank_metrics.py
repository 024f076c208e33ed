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
