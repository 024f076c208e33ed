"""Random programs of jax.numpy: NumPy's and XLA's results agree."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from workbook.evaluate import evaluate

from checks.evaluate.held import some

A, B = 3, 4  # every array is A×B; what makes another shape is brought back to it


def back(x):
    """Any array as one of A×B: repeated, or cut."""
    return jnp.resize(x, (A, B))


def small(x):
    """Numbers as places, some past the end."""
    return (x % 5 - 2).astype("int32") if jnp.issubdtype(x.dtype, jnp.integer) else order(x)


def order(x):
    return jnp.argsort(x, 1).astype("int32")


FLOAT_TO_FLOAT = {
    "tanh": jnp.tanh,
    "exp of it tamed": lambda x: jnp.exp(jnp.clip(x, -5, 5)),
    "sin": jnp.sin,
    "log": lambda x: jnp.log(jnp.abs(x) + 1),
    "sqrt": lambda x: jnp.sqrt(jnp.abs(x)),
    "square": lambda x: x**2,
    "third power": lambda x: x**3,
    "negative": jnp.negative,
    "abs": jnp.abs,
    "floor": jnp.floor,
    "sign": jnp.sign,
    "reciprocal": lambda x: 1 / (jnp.abs(x) + 0.5),
    "sigmoid": jax.nn.sigmoid,
    "relu": jax.nn.relu,
    "gelu": jax.nn.gelu,
    "softmax": lambda x: jax.nn.softmax(x, -1),
    "log softmax": lambda x: jax.nn.log_softmax(x, 0),
    "logsumexp": lambda x: back(jax.nn.logsumexp(x, 1, keepdims=True) + x * 0),
    "normal": lambda x: (x - x.mean(1, keepdims=True)) / (x.std(1, keepdims=True) + 1.0),
    "sum": lambda x: back(x.sum(0)),
    "mean": lambda x: back(x.mean(1)),
    "prod": lambda x: back(jnp.prod(jnp.tanh(x), 0)),
    "max": lambda x: x + x.max(0),
    "min": lambda x: back(x.min(1, keepdims=True)),
    "var": lambda x: back(x.var()),
    "cumsum": lambda x: jnp.cumsum(x, 1),
    "sort": lambda x: jnp.sort(x, 0),
    "transpose": lambda x: back(x.T),
    "reshape": lambda x: x.reshape(2, 6).T.reshape(A, B),
    "flip": lambda x: x[::-1, ::-1],
    "roll": lambda x: jnp.roll(x, 2, 1),
    "pad": lambda x: jnp.pad(x, ((1, 0), (0, 2)))[:A, 2:],
    "diff": lambda x: back(jnp.diff(x, axis=1)),
    "row": lambda x: back(x[1]),
    "matmul": lambda x: x @ x.T @ x / (1 + jnp.sum(x * x)),
    "einsum": lambda x: jnp.einsum("ij,kj->ik", x, x) @ x / (1 + jnp.sum(x * x)),
    "vmap": lambda x: jax.vmap(lambda row: row / (1 + jnp.abs(row).sum()))(x),
    "gradient": jax.grad(lambda x: (jnp.tanh(x) * x).sum() / 2),
    "gradient of norms": jax.grad(lambda x: jnp.log1p((x**2).sum(1)).sum()),
    "gradient of the largest": jax.grad(lambda x: jnp.sort(x, 1)[:, -1].sum() + x.max()),
    "gradient of places": jax.grad(lambda x: (x[jnp.array([0, 0, 2])] ** 2).sum()),
    "scan": lambda x: jax.lax.scan(lambda c, r: (jnp.tanh(c + r), c), x[0], x)[1],
    "loop": lambda x: jax.lax.fori_loop(0, 3, lambda n, s: s * 0.5 + n, x),
    "cond": lambda x: jax.lax.cond(x[0, 0] > 0, jnp.sin, jnp.cos, x),
}
INT_TO_INT = {
    "negative": jnp.negative,
    "abs": jnp.abs,
    "square": lambda x: x * x,
    "divided": lambda x: x // 3,
    "modulo": lambda x: x % 4,
    "shifted": lambda x: x >> 1,
    "sum": lambda x: back(x.sum(1)),
    "cumsum": lambda x: jnp.cumsum(x, 0),
    "sort": lambda x: jnp.sort(x, 1),
    "argmax": lambda x: back(jnp.argmax(x, 1)),
    "clip": lambda x: jnp.clip(x, -3, 3),
    "powers of two": lambda x: 1 << x,
}
TWO_FLOATS = {
    "add": jnp.add,
    "subtract": jnp.subtract,
    "multiply": jnp.multiply,
    "divide": lambda x, y: x / (1 + jnp.abs(y)),
    "maximum": jnp.maximum,
    "minimum": jnp.minimum,
    "arctan2": jnp.arctan2,
    "hypot": jnp.hypot,
    "matmul": lambda x, y: back(x @ y.T),
    "outer": lambda x, y: back(jnp.outer(x[0], y[:, 0])),
    "concatenate": lambda x, y: back(jnp.concatenate([x[1:], y], 0)),
    "stack": lambda x, y: jnp.stack([x, y]).sum(0),
    "vmap of dot": lambda x, y: back(jax.vmap(jnp.dot)(x, y)),
    "where": lambda x, y: jnp.where(x > y, x, y * 2),
    "gradient": jax.grad(lambda x, y: jnp.tanh(x @ y.T).sum()),
    "remainder": lambda x, y: jnp.fmod(jnp.round(x), jnp.round(y) + 0.5),
}
TWO_INTS = {
    "add": jnp.add,
    "subtract": jnp.subtract,
    "multiply": jnp.multiply,
    "divide": jnp.floor_divide,
    "remainder": jnp.remainder,
    "and": jnp.bitwise_and,
    "xor": jnp.bitwise_xor,
    "maximum": jnp.maximum,
    "shift": jnp.left_shift,
}
FLOAT_AND_INT = {
    "take along": lambda x, n: jnp.take_along_axis(x, small(n), 1),
    "take": lambda x, n: back(x[small(n)[0]]),
    "take clipped": lambda x, n: jnp.take(x, small(n)[:, 0], 0, mode="clip"),
    "pick": lambda x, n: back(x[jnp.arange(A), small(n)[:, 0]]),
    "set": lambda x, n: x.at[small(n)[0, 0]].set(1.0),
    "add": lambda x, n: x.at[small(n)[0]].add(x[0]),
    "largest there": lambda x, n: x.at[:, small(n)[0]].max(0.5),
    "one-hot": lambda x, n: jax.nn.one_hot(small(n)[:, 0], B, dtype=x.dtype) * x,
    "vmapped place": lambda x, n: back(jax.vmap(lambda r, k: r[k])(x, small(n)[:, 0])),
    "dynamic slice": lambda x, n: back(jax.lax.dynamic_slice(x, (n[0, 0], n[0, 1]), (2, 2))),
    "gradient": lambda x, n: jax.grad(lambda x: (x[small(n)[0]] ** 2).sum())(x),
    "where even": lambda x, n: jnp.where(n % 2 == 0, x, 0.0),
    "times": lambda x, n: x * n.astype(x.dtype),
}
STEPS = [(name, table, kinds) for table, kinds in (
    (FLOAT_TO_FLOAT, "f"), (INT_TO_INT, "i"), (TWO_FLOATS, "ff"), (TWO_INTS, "ii"), (FLOAT_AND_INT, "fi"),
) for name in table]  # fmt: skip


@st.composite
def programs(draw):
    """A list of steps: (its name, its table, which of the values so far it takes)."""
    kinds, steps = list("ffi"), []
    for name, table, wanted in draw(st.lists(st.sampled_from(STEPS), min_size=2, max_size=7)):
        taken = [
            draw(st.sampled_from([n for n, kind in enumerate(kinds) if kind == one]))
            for one in wanted
        ]
        steps.append((name, table, taken))
        kinds.append("f" if "f" in wanted else "i")
    return steps


def run(steps, *values):
    """The values of all steps."""
    values = list(values)
    for name, table, taken in steps:
        values.append(table[name](*[values[n] for n in taken]))
    return values[3:]


def far_apart(xs, ys):
    """Which of two lists of arrays differ by more than a step's rounding, times what was lost."""
    found = []
    for n, (x, y) in enumerate(zip(xs, ys, strict=True)):
        assert (x.shape, x.dtype) == (y.shape, y.dtype)
        x, y = np.asarray(x), np.asarray(y)
        if x.dtype.kind == "f":
            size = np.abs(np.where(np.isfinite(y), y, 0)).max(initial=1)
            same = np.allclose(x, y, 1e-4, 1e-5 * size, equal_nan=True)
        else:
            same = np.array_equal(x, y)
        if not same:
            found.append(n)
    return found


def check(steps, seed, spoiled):
    x, y, n = (
        some("float32", (A, B), seed),
        some("float32", (A, B), seed + 1),
        some("int32", (A, B), seed),
    )
    if spoiled:
        x[0, 1], y[2, 0] = spoiled, -spoiled

    def f(*values):
        return run(steps, *values)

    traced = jax.jit(f).trace(x, y, n)
    ours = evaluate(traced.jaxpr, [x, y, n])
    right = traced.lower().compile()(x, y, n)
    if apart := far_apart(ours, right):
        # steps like floor and sort make much of little, and XLA simplifies what may be NaN: where
        # op by op and as one program differ too, there is no one right value
        alone = f(*map(jnp.asarray, (x, y, n)))
        assume(not far_apart(alone, right))
        raise AssertionError([(name, taken) for name, _, taken in steps], apart)


@settings(max_examples=15, derandomize=True)
@given(programs(), st.integers(0, 99))
def test_programs_of_ordinary_numbers(steps, seed):
    check(steps, seed, None)


@pytest.mark.slow
@settings(max_examples=60, derandomize=True)
@given(programs(), st.integers(0, 99), st.sampled_from([np.nan, np.inf, 0.0, 1e30, 1e-39]))
def test_programs_of_odd_numbers(steps, seed, spoiled):
    check(steps, seed, spoiled)


@pytest.mark.parametrize(("table", "kinds"), [
    (FLOAT_TO_FLOAT, "f"), (INT_TO_INT, "i"), (TWO_FLOATS, "ff"), (TWO_INTS, "ii"), (FLOAT_AND_INT, "fi"),
], ids=["f", "i", "ff", "ii", "fi"])  # fmt: skip
def test_each_step_alone(table, kinds):
    places = {"f": [0], "i": [2], "ff": [0, 1], "ii": [2, 2], "fi": [0, 2]}[kinds]
    check([(name, table, places) for name in table], 5, None)
    check([(name, table, places) for name in table], 6, 0.0)
