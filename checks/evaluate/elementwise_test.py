"""Rules of single numbers, at odd numbers of every kind: alone, and each with each."""

import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from checks.evaluate.held import (
    COVERED,
    EVERY,
    FLOATS,
    INTS,
    NUMBERS,
    SIGNED,
    covers,
    hold,
    odd,
    some,
)

# name: (function, kinds, ulps of float32)
# Left out: exp2 of bfloat16, where XLA rounds x·ln 2 first (2**7 is 127); in igamma, numbers for
# which XLA's own loop takes minutes.
ONE = {
    "abs": (lax.abs, (*FLOATS, *SIGNED), 0),
    "acos": (lax.acos, FLOATS, 16),
    "acosh": (lax.acosh, FLOATS, 16),
    "asin": (lax.asin, FLOATS, 16),
    "asinh": (lax.asinh, FLOATS, 16),
    "atan": (lax.atan, FLOATS, 16),
    "atanh": (lax.atanh, FLOATS, 16),
    "bessel_i0e": (lax.bessel_i0e, FLOATS, 16),
    "bessel_i1e": (lax.bessel_i1e, FLOATS, 16),
    "cbrt": (lax.cbrt, FLOATS, 16),
    "ceil": (lax.ceil, FLOATS, 0),
    "clz": (lax.clz, INTS, 0),
    "cos": (lax.cos, FLOATS, 16),
    "cosh": (lax.cosh, FLOATS, 16),
    "digamma": (lax.digamma, FLOATS, 64),
    "erf": (lax.erf, FLOATS, 16),
    "erf_inv": (lax.erf_inv, FLOATS, 16),
    "erfc": (lax.erfc, FLOATS, 64),
    "exp": (lax.exp, FLOATS, 16),
    "exp2": (lax.exp2, FLOATS[:2], 16),
    "expm1": (lax.expm1, FLOATS, 16),
    "floor": (lax.floor, FLOATS, 0),
    "is_finite": (lax.is_finite, FLOATS, 0),
    "lgamma": (lax.lgamma, FLOATS, 64),
    "log": (lax.log, FLOATS, 16),
    "log1p": (lax.log1p, FLOATS, 16),
    "logistic": (lax.logistic, FLOATS, 16),
    "neg": (lax.neg, NUMBERS, 0),
    "not": (lax.bitwise_not, (*INTS, "bool"), 0),
    "population_count": (lax.population_count, INTS, 0),
    "round": (lax.round, FLOATS, 0),
    "rsqrt": (lax.rsqrt, FLOATS, 16),
    "sign": (lax.sign, NUMBERS, 0),
    "sin": (lax.sin, FLOATS, 16),
    "sinh": (lax.sinh, FLOATS, 16),
    "sqrt": (lax.sqrt, FLOATS, 4),
    "square": (lax.square, NUMBERS, 0),
    "tan": (lax.tan, FLOATS, 16),
    "tanh": (lax.tanh, FLOATS, 16),
}
TWO = {
    "add": (lax.add, NUMBERS, 0),
    "and": (lax.bitwise_and, (*INTS, "bool"), 0),
    "atan2": (lax.atan2, FLOATS, 16),
    "div": (lax.div, NUMBERS, 4),
    "eq": (lax.eq, EVERY, 0),
    "ge": (lax.ge, EVERY, 0),
    "gt": (lax.gt, EVERY, 0),
    "le": (lax.le, EVERY, 0),
    "lt": (lax.lt, EVERY, 0),
    "max": (lax.max, EVERY, 0),
    "min": (lax.min, EVERY, 0),
    "mul": (lax.mul, NUMBERS, 0),
    "ne": (lax.ne, EVERY, 0),
    "nextafter": (lax.nextafter, FLOATS, 0),
    "or": (lax.bitwise_or, (*INTS, "bool"), 0),
    "pow": (lax.pow, FLOATS, 64),
    "rem": (lax.rem, NUMBERS, 4),
    "shift_left": (lax.shift_left, INTS, 0),
    "shift_right_arithmetic": (lax.shift_right_arithmetic, INTS, 0),
    "shift_right_logical": (lax.shift_right_logical, INTS, 0),
    "sub": (lax.sub, NUMBERS, 0),
    "xor": (lax.bitwise_xor, (*INTS, "bool"), 0),
}
# XLA and NumPy choose freely between 0.0 and -0.0, or SciPy drops the sign of an argument.
ANY_ZERO = ("bessel_i1e", "erf_inv", "max", "min", "nextafter")
COVERED.update(ONE, TWO)


@pytest.mark.parametrize("name", ONE)
def test_function_of_one_number(name):
    f, kinds, ulps = ONE[name]
    xs = [np.concatenate([odd(kind), some(kind, (9,))]) for kind in kinds]
    signed, scale = name not in ANY_ZERO, float(name in ("lgamma", "digamma"))  # near their zeros
    f_of_each = lambda *xs: [f(x) for x in xs]  # noqa: E731
    assert name in hold(f_of_each, *xs, ulps=ulps, signed=signed, scale=scale)


@pytest.mark.parametrize("name", TWO)
def test_function_of_two_numbers(name):
    f, kinds, ulps = TWO[name]
    pairs = [np.meshgrid(odd(kind), odd(kind)) for kind in kinds]
    assert name in hold(
        lambda *ps: [f(*p) for p in ps], *pairs, ulps=ulps, signed=name not in ANY_ZERO
    )


@pytest.mark.parametrize("shape", [(), (3, 0)])
def test_functions_of_a_number_and_of_nothing(shape):
    pairs = {kind: (some(kind, shape), some(kind, shape, seed=1)) for kind in ("float32", "int8")}

    def every(pairs):
        for f, kinds, _ in ONE.values():
            yield from (f(pairs[kind][0]) for kind in pairs if kind in kinds)
        for f, kinds, _ in TWO.values():
            yield from (f(*pairs[kind]) for kind in pairs if kind in kinds)

    hold(lambda pairs: list(every(pairs)), pairs, ulps=64)


@covers("igamma", "igammac")
def test_incomplete_gamma():
    a, x = np.meshgrid(*2 * [np.array([0.5, 1, 2.5, 7], np.float32)])
    hold(lambda a, x: [lax.igamma(a, x), lax.igammac(a, x)], a, x, ulps=256)


@covers("integer_pow")
def test_whole_powers():
    # a few ulp for each product
    xs = [np.concatenate([odd(kind), some(kind, (9,))]) for kind in FLOATS]
    for half in (0, 1):
        powers = (-3, -2, -1, 0, 1, 2) if half else (3, 4, 5, 7, 8, 1000)
        hold(lambda *xs: [lax.integer_pow(x, n) for x in xs for n in powers], *xs, ulps=64)  # noqa: B023
    xs = [odd(kind) for kind in INTS]
    hold(lambda *xs: [lax.integer_pow(x, n) for x in xs for n in (0, 1, 2, 3, 5, 130)], *xs)


def test_powers_of_floats_with_integers():
    hold(lambda x, y: lax.pow(x, y), *np.meshgrid(odd("float32"), odd("int32")), ulps=64)


@covers("convert_element_type")
@pytest.mark.parametrize("source", EVERY)
def test_other_kinds(source):
    # JAX leaves open what a float becomes as an integer too small for it: XLA is followed
    hold(lambda x: [lax.convert_element_type(x, kind) for kind in EVERY], odd(source))


@covers("round")
def test_rounding_to_even():
    even = lax.RoundingMethod.TO_NEAREST_EVEN
    hold(lambda *xs: [lax.round(x, even) for x in xs], *map(odd, FLOATS), ulps=0)


@covers("clamp", "select_n")
def test_clamp_and_select():
    xs = [odd(kind) for kind in EVERY]

    def f(which, *xs):
        for x in xs:
            low, high = x[0], x[1]
            if x.dtype != bool:  # which XLA doesn't clamp
                yield lax.clamp(low, x, high)
                yield lax.clamp(high, x, low)
                yield lax.clamp(x, x[::-1], x)
            for n in (1, 2):
                yield lax.select_n(which[: len(x)] > 0, *[x, x[::-1]][:n])
                yield lax.select_n(which[0] > 0, *[x, x[::-1]][:n])
            yield lax.select_n(which[: len(x)], x, x[::-1], x[:1].repeat(len(x)))

    hold(lambda *args: list(f(*args)), np.arange(40, dtype=np.int32) % 3, *xs, signed=False)


@covers("bitcast_convert_type", "reduce_precision")
def test_bits_of_floats():
    def f(x, y, n):
        bits = lax.bitcast_convert_type(x, jnp.uint32)
        back = lax.bitcast_convert_type(n, jnp.float32)
        short = lax.bitcast_convert_type(y, jnp.int16)
        return bits, back, short, lax.reduce_precision(x, 8, 23)

    hold(f, odd("float32"), odd("bfloat16"), odd("int32") // 2 + (1 << 29))


@covers("complex", "conj", "imag", "real")
def test_complex_numbers():
    parts = np.array([1, np.inf, -2], np.float32), np.array([np.inf, 2, -0.5], np.float32)

    def f(x, y, z):
        edges = lax.complex(x, y)
        more = [lax.conj(x), z.astype(jnp.float32), z.astype(jnp.int32), z == z, z + z]
        more += [z * z, z / (z + 1), jnp.abs(z), jnp.exp(z), jnp.sign(z), jnp.sqrt(z), z**-2, -z]
        return [edges, edges.real, edges.imag, jnp.conj(edges), *more]

    hold(f, *parts, np.array([1 + 2j, -3 + 0.5j, 2j], np.complex64), ulps=64)
