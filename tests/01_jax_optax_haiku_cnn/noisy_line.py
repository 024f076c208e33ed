import jax
import numpy as np
from otter.test_files import test_case
from scipy.special import ndtri
from workbook import expect, kind_of, over_keys, run

OK_FORMAT = False
name = "noisy_line"


def drawn(noisy_line, seed, num_points, **line):
    """x and y of one call, (num_points,) each."""
    found = run(noisy_line, jax.random.key(seed), num_points, **line)
    assert isinstance(found, tuple | list) and len(found) == 2, (
        f"(x, y) is wanted, {kind_of(found)} came back"
    )
    x, y = (np.asarray(part) for part in found)
    assert x.shape == y.shape == (num_points,), (
        f"{num_points} points were asked for, x has the shape {x.shape} and y {y.shape}"
    )
    return x, y


def spread(numbers):
    """Smallest, largest, mean, standard deviation and five quantiles."""
    quantiles = np.quantile(numbers, [0.05, 0.25, 0.5, 0.75, 0.95])
    ends = [np.min(numbers), np.max(numbers), np.mean(numbers), np.std(numbers)]
    return np.array([*ends, *quantiles], np.float32)


def residuals(x, y, slope, intercept, noise=1.0):
    """How far, in units of the noise, each y is from the line."""
    return (y - slope * x - intercept) / noise


def moments(x, r):
    """Mean products of x, of x as a normal quantile, and of residuals: 0 where independent."""
    normal_x = ndtri(np.clip((x + 2) / 4, 1e-6, 1 - 1e-6))
    columns = np.stack([x, normal_x, r])
    uneven = [np.mean(x * (r**2 - 1)), np.mean((x**2 - 4 / 3) * (r**2 - 1))]
    return np.array([*(columns @ columns.T / x.size).ravel(), *uneven], np.float32)


def reused(noisy_line, seed, num_points):
    """Raises an error where a key is used twice."""
    with jax.debug_key_reuse(True):
        run(noisy_line, jax.random.key(seed), num_points)


@test_case(name="two arrays of floats, as many points as asked for", points=0)
def shapes(noisy_line):
    x, y = drawn(noisy_line, 1, 7)
    single = drawn(noisy_line, 2, 1)
    default = run(noisy_line, jax.random.key(3))
    expect([[str(a.dtype), a.shape] for a in (x, y, *single, *map(np.asarray, default))])


@test_case(name="40 000 points: x fills the range from -2 to 2 evenly", points=0)
def range_of_x(noisy_line):
    x, _ = drawn(noisy_line, 4, 40_000)
    expect(spread(x), atol=0.08)


@test_case(name="without noise all points lie on the line", points=0)
def no_noise(noisy_line):
    x, y = drawn(noisy_line, 5, 50, slope=2.0, intercept=0.5, noise=0.0)
    expect(spread(y - 2 * x), atol=1e-4)


@test_case(name="the noise around y = 3x - 1: a bell curve of spread 0.05", points=0)
def noise_by_default(noisy_line):
    x, y = drawn(noisy_line, 6, 40_000)
    expect(spread(residuals(x, y, 3, -1, 0.05))[2:], atol=0.08)


@test_case(name="noise of spread 0.8", points=0)
def wide_noise(noisy_line):
    x, y = drawn(noisy_line, 7, 40_000, noise=0.8)
    expect(spread(residuals(x, y, 3, -1, 0.8))[2:], atol=0.08)


@test_case(name="x says nothing about the noise, and no key is used twice", points=0)
def independent(noisy_line):
    reused(noisy_line, 9, 30)
    x, y = drawn(noisy_line, 8, 20_000, slope=1.0, intercept=0.0, noise=0.5)
    expect(moments(x, residuals(x, y, 1, 0, 0.5)), atol=0.1)


@test_case(name="one key, one set of points; another key, other points", points=0)
def keys(noisy_line):
    (x, y), (x2, y2), (x3, y3) = (drawn(noisy_line, seed, 8000) for seed in (10, 10, 11))
    r, r2, r3 = (residuals(*points, 3, -1, 0.05) for points in ((x, y), (x2, y2), (x3, y3)))
    pairs = [x @ x2, x @ x3, r @ r2, r @ r3]
    expect(np.array(pairs, np.float32) / 8000, atol=0.12)


@test_case(name="four points from each of many keys, by vmap", points=0)
def many_keys(noisy_line):
    x, y = run(over_keys(noisy_line, 10_000), jax.random.key(12), num_points=4)
    r = np.asarray(residuals(x, y, 3, -1, 0.05))
    x = np.asarray(x) - np.mean(x)
    expect(np.concatenate([x.T @ x, r.T @ r, x.T @ r]).astype(np.float32) / 10_000, atol=0.12)


# --- hidden: nothing below this line is released ---


@test_case(name="other numbers of points, and where x lies", points=0.5, hidden=True)
def other_counts(noisy_line):
    x, y = drawn(noisy_line, 21, 30_000, noise=0.3)
    few = drawn(noisy_line, 22, 13)
    expect([*(a.shape for a in few), str(x.dtype), str(y.dtype)])
    expect(spread(x), atol=0.09)


@test_case(name="other lines, without noise", points=0.5, hidden=True)
def other_lines(noisy_line):
    for seed, (slope, intercept) in enumerate([(-1.5, 4.0), (0.25, -3.0), (0.0, 2.0)]):
        x, y = drawn(noisy_line, 23 + seed, 60, slope=slope, intercept=intercept, noise=0.0)
        expect([spread(residuals(x, y, slope, intercept)), len(np.unique(x))], atol=1e-4)
    x, y = drawn(noisy_line, 26, 9000)
    expect(np.polyfit(x, y, 1).astype(np.float32), atol=0.01)


@test_case(name="noise of other spreads", points=0.5, hidden=True)
def other_noise(noisy_line):
    for seed, (noise, count) in enumerate([(0.05, 40_000), (2.0, 36_000)]):
        x, y = drawn(noisy_line, 27 + seed, count, slope=-2.0, intercept=0.3, noise=noise)
        expect([x.shape, spread(residuals(x, y, -2.0, 0.3, noise))[2:]], atol=0.09)


@test_case(name="x and noise are independent, each key is used once", points=1, hidden=True)
def no_relation(noisy_line):
    reused(noisy_line, 31, 12)
    x, y = drawn(noisy_line, 29, 24_000, slope=0.5, intercept=-2.0, noise=1.5)
    expect(moments(x, residuals(x, y, 0.5, -2.0, 1.5)), atol=0.1)
    x, y = run(over_keys(noisy_line, 15_000), jax.random.key(30), num_points=3, noise=0.2)
    both = np.concatenate([x - np.mean(x), residuals(x, y, 3, -1, 0.2)], axis=1)
    expect((both.T @ both / 15_000).astype(np.float32), atol=0.12)


@test_case(name="the key decides, and nothing else", points=0.5, hidden=True)
def key_decides(noisy_line):
    points = [drawn(noisy_line, seed, 9000, noise=0.1) for seed in (32, 32, 33)]
    x = np.stack([x for x, _ in points])
    r = np.stack([residuals(x, y, 3, -1, 0.1) for x, y in points])
    expect(np.stack([x @ x.T, r @ r.T]).astype(np.float32) / 9000, atol=0.12)
