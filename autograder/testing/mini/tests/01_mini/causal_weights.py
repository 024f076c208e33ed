import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "causal_weights"


@test_case(name="every query spreads one unit of attention", points=0)
def one_unit(causal_weights):
    expect(np.asarray(run(causal_weights, normal(1, 3, 4))).sum(-1))


@test_case(name="the weights of three queries over four keys", points=0)
def worked(causal_weights):
    expect(run(causal_weights, normal(1, 3, 4)))


# --- hidden: nothing below this line is released ---


@test_case(name="large scores stay finite", points=1, hidden=True)
def large_scores(causal_weights):
    expect(run(causal_weights, 1e4 * normal(2, 3, 4)))


@test_case(name="weights of five queries over two keys", points=2, hidden=True)
def five_queries(causal_weights):
    expect(run(causal_weights, normal(5, 5, 2)))
