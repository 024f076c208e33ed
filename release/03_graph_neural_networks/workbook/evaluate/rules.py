"""What NumPy does for each of JAX's primitives: the registry, and primitives of single numbers.

A rule takes an equation of a jaxpr and gives a function of NumPy arrays. Key arrays travel as
uint64 of the same shape. Whatever a rule gives is held to the equation's shapes and kinds.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

Rule = Callable[[Any], Callable[..., Any]]
RULES: dict[str, Rule] = {}
BOOL = np.dtype(bool)


class Unsuitable(Exception):
    """This program is better compiled: too much work, or a value that a rule doesn't know."""


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Register the rule of the primitives of these names."""

    def register(function):
        RULES.update(dict.fromkeys(names, function))
        return function

    return register


def dtype_of(eqn: Any, n: int = 0) -> np.dtype:
    """The NumPy kind of an equation's n-th input."""
    dtype = eqn.invars[n].aval.dtype
    return dtype if isinstance(dtype, np.dtype) else np.dtype(np.uint64)  # a key's two words


def shape_of(eqn: Any, n: int = 0) -> tuple[int, ...]:
    """The shape of an equation's n-th input."""
    return eqn.invars[n].aval.shape


def is_half(dtype: np.dtype) -> bool:
    """Whether sums of this kind are kept in float32 until they are done."""
    return dtype.name in ("float16", "bfloat16")


def lowest(dtype: np.dtype) -> Any:
    """What every number of this kind is at least."""
    if dtype == BOOL:
        return False
    return np.iinfo(dtype).min if dtype.kind in "iu" else dtype.type(-np.inf)


def highest(dtype: np.dtype) -> Any:
    """What every number of this kind is at most."""
    if dtype == BOOL:
        return True
    return np.iinfo(dtype).max if dtype.kind in "iu" else dtype.type(np.inf)


# ---------------------------------------------------------------- the same in NumPy

PLAIN = {
    "abs": np.abs,
    "acos": np.arccos,
    "acosh": np.arccosh,
    "add": np.add,
    "add_any": np.add,
    "and": np.bitwise_and,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atan2": np.arctan2,
    "atanh": np.arctanh,
    "cbrt": np.cbrt,
    "ceil": np.ceil,
    "cos": np.cos,
    "cosh": np.cosh,
    "eq": np.equal,
    "exp": np.exp,
    "exp2": np.exp2,
    "expm1": np.expm1,
    "floor": np.floor,
    "ge": np.greater_equal,
    "gt": np.greater,
    "imag": np.imag,
    "is_finite": np.isfinite,
    "le": np.less_equal,
    "log": np.log,
    "log1p": np.log1p,
    "lt": np.less,
    "max": np.maximum,
    "min": np.minimum,
    "mul": np.multiply,
    "ne": np.not_equal,
    "neg": np.negative,
    "nextafter": np.nextafter,
    "not": np.invert,
    "or": np.bitwise_or,
    "real": np.real,
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "square": np.square,
    "sub": np.subtract,
    "tan": np.tan,
    "tanh": np.tanh,
    "xor": np.bitwise_xor,
}


@rule(*PLAIN)
def _plain(eqn):
    return PLAIN[eqn.primitive.name]


SPECIAL = {
    "erf": "erf",
    "erf_inv": "erfinv",
    "erfc": "erfc",
    "lgamma": "gammaln",
    "digamma": "psi",
    "bessel_i0e": "i0e",
    "bessel_i1e": "i1e",
    "igamma": "gammainc",
    "igammac": "gammaincc",
}
# Where SciPy and XLA differ: (which numbers, XLA's value there).
AT_EDGES = {"lgamma": (np.isinf, np.inf), "digamma": (lambda x: x == 0, np.nan)}


@rule(*SPECIAL)
def _special(eqn):
    from scipy import special

    name, dtype = eqn.primitive.name, dtype_of(eqn)
    function = getattr(special, SPECIAL[name])
    if name in AT_EDGES:
        function = _mended(function, *AT_EDGES[name])
    if not is_half(dtype):
        return function
    return lambda *xs: function(*(np.asarray(x, np.float32) for x in xs)).astype(dtype)


def _mended(function, is_edge, there):
    value = np.float32(there)
    return lambda x: np.where(is_edge(x), value, function(x))


@rule("copy", "copy_p", "stop_gradient", "optimization_barrier", "name", "sharding_constraint")
def _same(eqn):
    return (lambda *xs: xs) if eqn.primitive.multiple_results else (lambda x: x)


@rule("device_put")
def _device_put(eqn):
    if any(place is not None for place in eqn.params.get("devices", [])):
        raise Unsuitable("a device is asked for")
    return lambda *xs: xs


# ---------------------------------------------------------------- numbers


@rule("div")
def _div(eqn):
    if dtype_of(eqn).kind not in "iu":
        return np.divide

    def divide(x, y):
        zero = y == 0
        safe = np.where(zero, y.dtype.type(1), y)
        quotient = x // safe
        quotient = quotient + ((x % safe != 0) & ((x < 0) != (safe < 0))).astype(x.dtype)
        return np.where(zero, ~np.zeros_like(x), quotient)

    return divide


@rule("sign")
def _sign(eqn):
    if dtype_of(eqn).kind in "iuc":
        return np.sign
    return lambda x: np.copysign(np.sign(x), x)  # zeros keep theirs


@rule("conj")
def _conj(eqn):  # complex, of real numbers too
    return lambda x, dtype=eqn.outvars[0].aval.dtype: np.conj(x).astype(dtype)


@rule("rem")
def _rem(eqn):
    if dtype_of(eqn).kind not in "iu":
        return np.fmod
    return lambda x, y: np.where(y == 0, x, np.fmod(x, np.where(y == 0, y.dtype.type(1), y)))


@rule("integer_pow")
def _integer_pow(eqn):
    y, dtype = eqn.params["y"], dtype_of(eqn)
    if dtype.kind in "iu" and y < 0:
        raise Unsuitable("an integer to a negative power")
    if y == 2:
        return np.square
    one = np.ones((), dtype)

    def power(x):  # the products that XLA takes, in its order
        result, factor, left = None, x, abs(y)
        while left:
            if left & 1:
                result = factor if result is None else result * factor
            left >>= 1
            if left:
                factor = factor * factor
        if result is None:
            return np.ones_like(x)
        return one / result if y < 0 else result

    return power


@rule("pow")
def _pow(eqn):
    dtype = dtype_of(eqn)
    if dtype.kind in "iuc":
        raise Unsuitable("a power of something that isn't real")
    return lambda x, y: np.power(x, np.asarray(y, dtype))


@rule("rsqrt")
def _rsqrt(eqn):
    one = np.ones((), dtype_of(eqn))
    return lambda x: one / np.sqrt(x)


@rule("logistic")
def _logistic(eqn):
    one = np.ones((), dtype_of(eqn))
    return lambda x: one / (one + np.exp(-x))


@rule("round")
def _round(eqn):
    if int(eqn.params["rounding_method"]) == 1:  # to even
        return np.rint

    def away_from_zero(x):
        whole = np.trunc(x)
        return np.where(np.abs(x - whole) >= 0.5, whole + np.sign(x), whole).astype(x.dtype)

    return away_from_zero


@rule("reduce_precision")
def _reduce_precision(eqn):
    facts = np.finfo(dtype_of(eqn)) if dtype_of(eqn).name in ("float32", "float64") else None
    wanted = (eqn.params["exponent_bits"], eqn.params["mantissa_bits"])
    if facts is None or wanted != (facts.nexp, facts.nmant):
        raise Unsuitable("a kind of float that NumPy lacks")
    return lambda x: x


@rule("clamp")
def _clamp(eqn):
    return lambda low, x, high: np.minimum(np.maximum(x, low), high)


@rule("select_n")
def _select_n(eqn):
    if dtype_of(eqn) == BOOL:
        if len(eqn.invars) == 2:
            return lambda which, only: only
        return lambda which, no, yes: np.where(which, yes, no)

    def choose(which, *cases):
        result = cases[0]
        for number, case in enumerate(cases[1:], 1):
            result = np.where(which >= number, case, result)
        return result

    return choose


@rule("complex")
def _complex(eqn):
    dtype = eqn.outvars[0].aval.dtype

    def complex_of(real, imaginary):
        result = np.empty(np.shape(real), dtype)
        result.real, result.imag = real, imaginary
        return result

    return complex_of


# ---------------------------------------------------------------- bits


@rule("mulhi")
def _mulhi(eqn):
    dtype = dtype_of(eqn)
    wide, bits = np.dtype(f"{dtype.kind}8"), 8 * dtype.itemsize
    if bits > 32:
        raise Unsuitable("products of 128 bits")
    return lambda x, y: ((x.astype(wide) * y.astype(wide)) >> wide.type(bits)).astype(dtype)


@rule("shift_left", "shift_right_logical", "shift_right_arithmetic")
def _shift(eqn):
    dtype, name = dtype_of(eqn), eqn.primitive.name
    bits, unsigned = 8 * dtype.itemsize, np.dtype(f"u{dtype.itemsize}")
    signed = np.dtype(f"i{dtype.itemsize}")

    def shift(x, y):
        amount = np.asarray(y).view(unsigned)
        far = amount >= bits
        if (
            name == "shift_right_arithmetic"
        ):  # the first bit counts as a sign in unsigned numbers too
            amount = np.where(far, bits - 1, amount).astype(signed)
            return (np.asarray(x).view(signed) >> amount).view(dtype)
        value, amount = np.asarray(x).view(unsigned), np.where(far, 0, amount).astype(unsigned)
        moved = value << amount if name == "shift_left" else value >> amount
        return np.where(far, unsigned.type(0), moved).view(dtype)

    return shift


@rule("population_count")
def _population_count(eqn):
    dtype = dtype_of(eqn)
    unsigned = np.dtype(f"u{dtype.itemsize}")
    return lambda x: np.bitwise_count(np.asarray(x).view(unsigned)).astype(dtype)


@rule("clz")
def _clz(eqn):
    dtype = dtype_of(eqn)
    bits, unsigned = 8 * dtype.itemsize, np.dtype(f"u{dtype.itemsize}")

    def leading_zeros(x):
        x = np.asarray(x).view(unsigned)
        for shift in (1 << n for n in range(bits.bit_length() - 1)):
            x = x | (x >> unsigned.type(shift))
        return (bits - np.bitwise_count(x)).astype(dtype)

    return leading_zeros


@rule("eq_to", "le_to", "lt_to")
def _total_order(eqn):
    compare = {"eq_to": np.equal, "le_to": np.less_equal, "lt_to": np.less}[eqn.primitive.name]
    dtype = dtype_of(eqn)
    if dtype.kind in "iub":
        return compare
    signed = np.dtype(f"i{dtype.itemsize}")
    rest = np.iinfo(signed).max

    def place(x):  # negative floats are ordered by their size, backwards
        bits = np.asarray(x).view(signed)
        return np.where(bits < 0, bits ^ rest, bits)

    return lambda x, y: compare(place(x), place(y))


@rule("bitcast_convert_type")
def _bitcast(eqn):
    source, target = dtype_of(eqn), np.dtype(eqn.params["new_dtype"])
    if source.itemsize != target.itemsize or BOOL in (source, target):
        raise Unsuitable("bits of another width")
    return lambda x: np.asarray(x).view(target)


@rule("convert_element_type")
def _convert(eqn):
    source, target = dtype_of(eqn), eqn.outvars[0].aval.dtype
    if source == target:
        return lambda x: x
    if target == BOOL:
        return lambda x: np.not_equal(x, source.type(0))
    if source.kind == "c" and target.kind != "c":
        source = np.dtype(source.type(0).real.dtype)
        inner = _to_real(source, target)
        return lambda x: inner(np.real(x))
    return _to_real(source, target)


def _to_real(source, target):
    if target.kind in "iu" and source.kind not in "biu":
        return lambda x: _saturated(x, target)
    return lambda x: x.astype(target)


def _saturated(x, target):
    """Floats as integers: NaN becomes 0, what is too large the largest."""
    wide, facts = np.asarray(x, np.float64), np.iinfo(target)
    inside = np.where(np.isnan(wide), 0.0, np.clip(wide, float(facts.min), float(facts.max)))
    exact = inside >= float(facts.max)  # a float64 may not hold the largest
    return np.where(exact, facts.max, np.where(exact, 0.0, inside).astype(target)).astype(target)
