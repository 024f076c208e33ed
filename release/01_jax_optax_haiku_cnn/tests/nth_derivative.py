import jax
import jax.numpy as jnp
import numpy as np
from otter.test_files import test_case
from workbook import expect, kind_of

OK_FORMAT = False
name = "nth_derivative"


def quartic(x):
    return 6 * x**4 - 9 * x + 4


def wave(x):
    return jnp.exp(0.5 * x) * jnp.sin(2 * x)


def at(f, x):
    """The value of what should be a function, compiled: op by op takes many times as long."""
    assert callable(f), f"a function is wanted, {kind_of(f)} came back: {f!s:.40}"
    try:
        return jax.jit(f)(x)
    except RecursionError:  # its own words name what was called last, which varies
        raise AssertionError("RecursionError: the function calls itself without end") from None


@test_case(name="the first derivative of the quartic, at 1.5", points=0)
def first(nth_derivative):
    expect(at(nth_derivative(quartic, 1), 1.5), rtol=1e-5)


@test_case(name="with n=0 it is the function itself", points=0)
def zeroth(nth_derivative):
    expect(at(nth_derivative(quartic, 0), 1.5))


@test_case(name="the second derivative, at 1.5", points=0)
def second(nth_derivative):
    expect(at(nth_derivative(quartic, 2), 1.5), rtol=1e-5)


@test_case(
    name="the third derivative, and the second of a function that is no polynomial", points=0
)
def third_and_other(nth_derivative):
    expect({"third derivative": at(nth_derivative(quartic, 3), -0.5)})
    expect({"second derivative of exp(x/2) sin(2x)": at(nth_derivative(wave, 2), 1.25)})


@test_case(name="the result works under vmap too, and without any transformation", points=0)
def mapped(nth_derivative):
    x = np.array([-1.0, 0.5, 2.0], np.float32)
    expect({"under vmap": at(jax.vmap(nth_derivative(quartic, 1)), x)})
    expect({"called on a float": nth_derivative(jnp.square, 1)(3.0)})
