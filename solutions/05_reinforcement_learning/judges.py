"""What graders make of policies, outside the process that trained them. NumPy alone, no JAX."""

import numpy as np


def search_found_balance(search):
    """Whether a search kept the best of the weights that it tried, and these balance when reversed.

    The weights must be among those tried, as anyone may send some that were found elsewhere.
    """
    tried, returns, best = (np.asarray(search[name]) for name in ("tried", "returns", "best"))
    if tried.ndim != 2 or returns.shape != tried.shape[:1] or best.shape != tried.shape[1:]:
        return False
    winner = tried[np.argmax(returns)]
    fresh = len(np.unique(tried, axis=0)) >= 0.9 * len(tried)
    return fresh and np.array_equal(best, winner) and balances_when_reversed(best)


def balances_when_reversed(weights):
    """Whether a linear policy keeps the pole up on a cart that drives to the other side.

    Reversed, because there all weights 1, which anyone may send, are a bad policy.
    """
    weights = np.asarray(weights, np.float64)
    if weights.shape != (4,) or not np.isfinite(weights).all():
        return False
    return bool(_steps_upright(-weights, episodes=20, limit=120).mean() >= 80)


def _steps_upright(weights, episodes, limit):
    """How long each episode lasts: gymnasium's physics, all episodes side by side."""
    rng = np.random.RandomState(0)
    state = rng.uniform(-0.05, 0.05, (4, episodes))
    going, lasted = np.ones(episodes, bool), np.zeros(episodes)
    for _ in range(limit):
        lasted += going
        _, speed, angle, turning = state
        force = np.where(weights @ state > 0, 10.0, -10.0)
        sin, cos = np.sin(angle), np.cos(angle)
        push = (force + 0.05 * turning**2 * sin) / 1.1
        twist = (9.8 * sin - cos * push) / (0.5 * (4 / 3 - 0.1 * cos**2 / 1.1))
        pull = push - 0.05 * twist * cos / 1.1
        state = state + 0.02 * np.array([speed, pull, turning, twist])
        going &= (np.abs(state[0]) <= 2.4) & (np.abs(state[2]) <= 12 * 2 * np.pi / 360)
    return lasted


def random_world(seed, states=7, actions=3):
    """P, R and terminal of a made-up world, the same for the same seed; the last state is the end."""
    rng = np.random.RandomState(seed)
    P = rng.dirichlet(0.4 * np.ones(states), size=(states, actions)).astype(np.float32)
    R = rng.normal(size=(states, actions)).astype(np.float32)
    return P, R, np.arange(states) == states - 1


def worth_in_world_4(policy, gamma=0.9):
    """What each state is worth to whoever follows this policy, by solving a linear system."""
    P, R, terminal = random_world(4)
    policy, states = np.asarray(policy), np.arange(len(R))
    if policy.shape != states.shape or policy.dtype.kind not in "iu":
        return None
    if policy.min() < 0 or policy.max() >= R.shape[1]:
        return None
    goes_on = np.where(terminal, 0.0, 1.0)
    moves, rewards = P[states, policy] * goes_on[:, None], R[states, policy] * goes_on
    return np.linalg.solve(np.eye(len(R)) - gamma * moves, rewards).astype(np.float32)
