from collections import namedtuple

import jax
import jax.numpy as jnp
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


def traced(choose_action, current, best, *observations):
    """The actions for a batch of observations under jit and vmap, in both modes."""
    params, key = Params(jnp.asarray(current), jnp.asarray(best)), jax.random.key(3)

    def act(evaluation):
        of = lambda params, o: choose_action(key, params, None, o, evaluation)[0]  # noqa: E731
        return run(jax.jit(jax.vmap(of, (None, 0))), params, np.stack(observations))

    return [act(False), act(True)]


observation = np.array([2.0, 5.0, -1.0], np.float32)
right, left = np.array([1.0, 0, 0], np.float32), np.array([-1.0, 0, 0], np.float32)
memory = np.array([0.5, -3.0], np.float32)


@test_case(name="searching acts with current, an evaluation with best", points=0)
def two_modes(random_policy_search_choose_action):
    params = Params(current=right, best=left)
    expect(both(random_policy_search_choose_action, params, memory, observation))


@test_case(name="whoever isn't told otherwise is searching", points=0)
def by_default(random_policy_search_choose_action):
    params = Params(current=left, best=right)
    key = jax.random.key(1)
    pair = run(random_policy_search_choose_action, key, params, None, observation)
    expect([list(pair), both(random_policy_search_choose_action, params, None, observation)])


@test_case(name="many observations, and weights whose products are near 0", points=0)
def near_zero(random_policy_search_choose_action):
    current, best, *observations = np.asarray(normal(2, 14, 5))
    params = Params(0.05 * current, 0.05 * best)
    states = {"count": np.array(3, np.int32), "trace": memory}, memory, None
    expect(
        [
            both(random_policy_search_choose_action, params, states[n % 3], o)
            for n, o in enumerate(observations)
        ]
    )


@test_case(name="under jit, for a batch of observations", points=0)
def compiled(random_policy_search_choose_action):
    expect(traced(random_policy_search_choose_action, *np.asarray(normal(4, 9, 3))))


# --- hidden: nothing below this line is released ---


@test_case(name="the other way round", points=0.5, hidden=True)
def other_way_round(random_policy_search_choose_action):
    params = Params(current=left, best=right)
    expect(both(random_policy_search_choose_action, params, memory, observation))


@test_case(name="any actor_state comes back as it was", points=0.25, hidden=True)
def any_state(random_policy_search_choose_action):
    params = Params(current=right, best=left)
    states = {"count": np.array(7, np.int32), "trace": memory}, None, np.ones(3, np.float32)
    expect([both(random_policy_search_choose_action, params, s, observation) for s in states])
    key = jax.random.key(2)
    expect(list(run(random_policy_search_choose_action, key, params, memory, observation)))


@test_case(name="observations of six numbers", points=0.25, hidden=True)
def six_numbers(random_policy_search_choose_action):
    current, best, *observations = np.asarray(normal(1, 12, 6))
    params = Params(0.1 * current, 0.1 * best)
    expect([both(random_policy_search_choose_action, params, memory, o) for o in observations])
    expect(traced(random_policy_search_choose_action, *np.asarray(normal(5, 10, 4))))
