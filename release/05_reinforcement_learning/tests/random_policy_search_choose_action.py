from collections import namedtuple

import jax
import numpy as np
from otter.test_files import test_case
from workbook import expect, normal, run

OK_FORMAT = False
name = "random_policy_search_choose_action"

Params = namedtuple("ParamsContainer", "current best")


def acted(choose_action, params, state, observation, evaluation):
    """[action, actor_state]."""
    pair = run(choose_action, jax.random.key(0), params, state, observation, evaluation)
    assert isinstance(pair, tuple | list) and len(pair) == 2, (
        "an action and the actor_state should come back"
    )
    return list(pair)


def both(choose_action, params, state, observation):
    """What comes back while searching, and in an evaluation."""
    return [acted(choose_action, params, state, observation, mode) for mode in (False, True)]


observation = np.array([2.0, 5.0, -1.0], np.float32)
right, left = np.array([1.0, 0, 0], np.float32), np.array([-1.0, 0, 0], np.float32)
memory = np.array([0.5, -3.0], np.float32)


@test_case(name="searching acts with current, an evaluation with best", points=0)
def two_modes(random_policy_search_choose_action):
    params = Params(current=right, best=left)
    expect(both(random_policy_search_choose_action, params, memory, observation))
