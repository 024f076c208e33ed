"""Rules for moving numbers: shapes, axes, parts; and for sums and orders along axes."""

import numpy as np

from workbook.evaluate.rules import (
    BOOL,
    Unsuitable,
    dtype_of,
    highest,
    is_half,
    lowest,
    rule,
    shape_of,
)


@rule("broadcast_in_dim")
def _broadcast_in_dim(eqn):
    shape, given = eqn.params["shape"], shape_of(eqn)
    if len(eqn.invars) > 1:
        raise Unsuitable("a shape that isn't known")
    between = [1] * len(shape)
    for axis, size in zip(eqn.params["broadcast_dimensions"], given):
        between[axis] = size
    if tuple(between) == shape:
        return lambda x: x.reshape(shape)
    return lambda x: np.broadcast_to(x.reshape(between), shape)


@rule("reshape")
def _reshape(eqn):
    shape, order = eqn.params["new_sizes"], eqn.params.get("dimensions")
    if order:
        return lambda x: np.transpose(x, order).reshape(shape)
    return lambda x: x.reshape(shape)


@rule("squeeze", "expand_dims")
def _squeeze(eqn):
    shape = eqn.outvars[0].aval.shape
    return lambda x: x.reshape(shape)


@rule("tile")
def _tile(eqn):
    times = eqn.params["reps"]
    return lambda x: np.tile(x, times)


@rule("transpose")
def _transpose(eqn):
    order = eqn.params["permutation"]
    return lambda x: x.transpose(order)


@rule("rev")
def _rev(eqn):
    axes = eqn.params["dimensions"]
    where = tuple(slice(None, None, -1 if n in axes else 1) for n in range(len(shape_of(eqn))))
    return lambda x: x[where]


@rule("slice")
def _slice(eqn):
    facts = (eqn.params[name] for name in ("start_indices", "limit_indices", "strides"))
    starts, limits, strides = facts
    where = tuple(map(slice, starts, limits, strides or [1] * len(starts)))
    return lambda x: x[where]


@rule("split")
def _split(eqn):
    ends, axis = np.cumsum(eqn.params["sizes"])[:-1], eqn.params["axis"]
    return lambda x: np.split(x, ends, axis)


@rule("concatenate")
def _concatenate(eqn):
    axis = eqn.params["dimension"]
    return lambda *xs: np.concatenate(xs, axis)


@rule("stack")
def _stack(eqn):
    axis = eqn.params["axis"]
    return lambda *xs: np.stack(xs, axis)


@rule("unstack")
def _unstack(eqn):
    axis = eqn.params["axis"]
    return lambda x: list(np.moveaxis(x, axis, 0))


@rule("pad")
def _pad(eqn):
    config, dtype, shape = eqn.params["padding_config"], dtype_of(eqn), eqn.outvars[0].aval.shape
    where, kept = [], []
    for (low, _, inside), size, full in zip(config, shape_of(eqn), shape):
        places = low + np.arange(size) * (inside + 1)
        good = np.flatnonzero((places >= 0) & (places < full))
        first, last = (good[0], good[-1]) if len(good) else (0, -1)
        kept.append(slice(first, last + 1))
        start = places[first] if len(good) else 0
        where.append(slice(start, start + (last - first) * (inside + 1) + 1, inside + 1))
        if not len(good):
            where[-1] = slice(0, 0)

    def pad(x, value):
        result = np.full(shape, value, dtype)
        result[tuple(where)] = x[tuple(kept)]
        return result

    return pad


@rule("iota")
def _iota(eqn):
    shape, dtype = eqn.params["shape"], np.dtype(eqn.params["dtype"])
    if len(eqn.invars):
        raise Unsuitable("a shape that isn't known")
    axis = eqn.params["dimension"]
    counted = np.arange(shape[axis]).astype(dtype)
    counted = counted.reshape([-1 if n == axis else 1 for n in range(len(shape))])
    return lambda: np.broadcast_to(counted, shape)


@rule("empty", "empty2")
def _empty(eqn):
    aval = eqn.outvars[0].aval
    return lambda: np.zeros(aval.shape, aval.dtype)


# ---------------------------------------------------------------- along axes


def _wide(eqn, reduce):
    """A reduction of 16-bit floats is rounded once, at its end."""
    dtype = dtype_of(eqn)
    if not is_half(dtype):
        return reduce
    return lambda x: reduce(x.astype(np.float32)).astype(dtype)


def _axes(eqn):
    return tuple(eqn.params["axes"])


@rule("reduce_sum")
def _reduce_sum(eqn):
    axes, dtype = _axes(eqn), np.float32 if is_half(dtype_of(eqn)) else dtype_of(eqn)
    return _wide(eqn, lambda x: np.add.reduce(x, axes, dtype))


@rule("reduce_prod")
def _reduce_prod(eqn):
    axes, dtype = _axes(eqn), np.float32 if is_half(dtype_of(eqn)) else dtype_of(eqn)
    return _wide(eqn, lambda x: np.multiply.reduce(x, axes, dtype))


@rule("reduce_max")
def _reduce_max(eqn):
    axes, least = _axes(eqn), lowest(dtype_of(eqn))
    if dtype_of(eqn).kind == "c":
        raise Unsuitable("an order of complex numbers")
    return lambda x: np.maximum.reduce(x, axes, initial=least)


@rule("reduce_min")
def _reduce_min(eqn):
    axes, most = _axes(eqn), highest(dtype_of(eqn))
    if dtype_of(eqn).kind == "c":
        raise Unsuitable("an order of complex numbers")
    return lambda x: np.minimum.reduce(x, axes, initial=most)


@rule("reduce_and", "reduce_or", "reduce_xor")
def _reduce_bits(eqn):
    axes, kind = _axes(eqn), eqn.primitive.name.removeprefix("reduce_")
    ufunc = {"and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor}[kind]
    if dtype_of(eqn) == BOOL:
        ufunc = {"and": np.logical_and, "or": np.logical_or, "xor": np.logical_xor}[kind]
    return lambda x: ufunc.reduce(x, axes)


@rule("argmax", "argmin")
def _argmax(eqn):
    [axis], index = eqn.params["axes"], eqn.params["index_dtype"]
    find = np.argmax if eqn.primitive.name == "argmax" else np.argmin
    if not shape_of(eqn)[axis]:
        raise Unsuitable("the largest of nothing")
    return lambda x: find(x, axis).astype(index)


CUMULATIVE = {
    "cumsum": np.add,
    "cumprod": np.multiply,
    "cummax": np.maximum,
    "cummin": np.minimum,
    "cumlogsumexp": np.logaddexp,
}


@rule(*CUMULATIVE)
def _cumulative(eqn):
    axis, ufunc, dtype = eqn.params["axis"], CUMULATIVE[eqn.primitive.name], dtype_of(eqn)
    kind = {"dtype": dtype} if ufunc in (np.add, np.multiply) and not is_half(dtype) else {}
    if eqn.params["reverse"]:
        return _wide(eqn, lambda x: np.flip(ufunc.accumulate(np.flip(x, axis), axis, **kind), axis))
    return _wide(eqn, lambda x: ufunc.accumulate(x, axis, **kind))


def _comparable(dtype):
    """What makes numbers ones that NumPy orders with NaN last."""
    return (lambda x: x.astype(np.float32)) if dtype.name == "bfloat16" else (lambda x: x)


@rule("sort")
def _sort(eqn):
    axis, keys = eqn.params["dimension"], eqn.params["num_keys"]
    if any(var.aval.dtype.kind == "c" for var in eqn.invars[:keys]):
        raise Unsuitable("an order of complex numbers")
    ready = [_comparable(var.aval.dtype) for var in eqn.invars[:keys]]
    if len(eqn.invars) == 1 and dtype_of(eqn).name != "bfloat16":
        return lambda x: (np.sort(x, axis, kind="stable"),)

    def sort(*xs):
        by = [prepare(x) for prepare, x in zip(ready, xs)]
        order = np.argsort(by[0], axis, kind="stable") if keys == 1 else np.lexsort(by[::-1], axis)
        return [np.take_along_axis(x, order, axis) for x in xs]

    return sort


@rule("top_k")
def _top_k(eqn):
    k, axis = eqn.params["k"], eqn.params.get("axis", -1) % max(len(shape_of(eqn)), 1)
    size = shape_of(eqn)[axis]
    index, prepare = eqn.outvars[1].aval.dtype, _comparable(dtype_of(eqn))

    def top_k(x):
        # from behind and turned round: the first of equals comes first
        order = np.flip(size - 1 - np.argsort(np.flip(prepare(x), axis), axis, kind="stable"), axis)
        order = np.take(order, np.arange(k), axis)
        return np.take_along_axis(x, order, axis), order.astype(index)

    return top_k
