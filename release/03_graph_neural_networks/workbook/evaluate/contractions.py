"""Rules for sums of products and for sliding windows."""

import math
from typing import Any

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


def _working_kind(eqn):
    """The kind that products are summed in."""
    wanted = eqn.outvars[0].aval.dtype
    if wanted == BOOL or any(dtype_of(eqn, n) == BOOL for n in (0, 1)):
        raise Unsuitable("products of booleans")
    return np.dtype(np.float32) if is_half(wanted) else wanted


@rule("dot_general")
def _dot_general(eqn):
    ((left_sum, right_sum), (left_batch, right_batch)) = eqn.params["dimension_numbers"]
    left, right, result = shape_of(eqn), shape_of(eqn, 1), eqn.outvars[0].aval
    kind = _working_kind(eqn)
    left_free = [n for n in range(len(left)) if n not in (*left_sum, *left_batch)]
    right_free = [n for n in range(len(right)) if n not in (*right_sum, *right_batch)]
    left_order = (*left_batch, *left_free, *left_sum)
    right_order = (*right_batch, *right_sum, *right_free)
    batch = tuple(left[n] for n in left_batch)
    summed = math.prod(left[n] for n in left_sum)
    left_shape = (*batch, math.prod(left[n] for n in left_free), summed)
    right_shape = (*batch, summed, math.prod(right[n] for n in right_free))

    def dot(x, y):
        x = x.transpose(left_order).reshape(left_shape).astype(kind, copy=False)
        y = y.transpose(right_order).reshape(right_shape).astype(kind, copy=False)
        return np.matmul(x, y).reshape(result.shape).astype(result.dtype, copy=False)

    dot.work = math.prod(result.shape) * summed
    return dot


def spread(x: Any, value: Any, pads: Any, dilation: Any) -> Any:
    """x with `value` between its numbers and around them; padding below zero takes some away."""
    pads, dilation = list(pads), list(dilation)
    if any(d != 1 for d in dilation):
        wide = np.full([max(0, (n - 1) * d + 1) for n, d in zip(x.shape, dilation)], value, x.dtype)
        wide[tuple(slice(None, None, d) for d in dilation)] = x
        x = wide
    if any(low > 0 or high > 0 for low, high in pads):
        around = [(max(low, 0), max(high, 0)) for low, high in pads]
        x = np.pad(x, around, constant_values=value)
    if any(low < 0 or high < 0 for low, high in pads):
        x = x[tuple(slice(max(-lo, 0), n - max(-hi, 0)) for (lo, hi), n in zip(pads, x.shape))]
    return x


def windows(x: Any, sizes: Any, strides: Any, dilation: Any) -> tuple[Any, int]:
    """(a view of x with an axis for each window's place, then one within windows for each, x's axes)."""
    rank = x.ndim
    extents = [(size - 1) * gap + 1 for size, gap in zip(sizes, dilation)]
    view = np.lib.stride_tricks.sliding_window_view(x, extents)
    places = tuple(slice(None, None, step) for step in strides)
    return view[places + tuple(slice(None, None, gap) for gap in dilation)], rank


@rule("conv_general_dilated")
def _conv(eqn):
    facts, params, result = eqn.params["dimension_numbers"], eqn.params, eqn.outvars[0].aval
    groups, kind = params["feature_group_count"], _working_kind(eqn)
    batches = params["batch_group_count"]
    if kind.kind in "bc":
        raise Unsuitable("a convolution of a rare kind")
    if 0 in (*shape_of(eqn), *shape_of(eqn, 1), *result.shape):
        raise Unsuitable("a convolution of nothing")
    axes = len(facts.lhs_spec) - 2
    pads = [(0, 0), (0, 0), *params["padding"]]
    back = np.argsort(facts.out_spec)

    def convolve(x, kernel):
        x = x.transpose(facts.lhs_spec).astype(kind, copy=False)
        kernel = kernel.transpose(facts.rhs_spec).astype(kind, copy=False)
        x = spread(x, 0, pads, [1, 1, *params["lhs_dilation"]])
        sizes = [1, 1, *kernel.shape[2:]]
        steps, gaps = [1, 1, *params["window_strides"]], [1, 1, *params["rhs_dilation"]]
        view, rank = windows(x, sizes, steps, gaps)
        view = view.reshape(view.shape[:rank] + view.shape[rank + 2 :])  # batch, in, place, window
        inner, outer = kernel.shape[1], kernel.shape[0] // (groups * batches)
        rows = view.shape[0] // batches
        within = [1, *range(2 + axes, 2 + 2 * axes)]
        parts = [  # there are groups along one of both at most
            np.tensordot(
                view[g * rows : (g + 1) * rows]
                if batches > 1
                else view[:, g * inner : (g + 1) * inner],
                kernel[g * outer : (g + 1) * outer],
                (within, [1, *range(2, 2 + axes)]),
            )
            for g in range(groups * batches)
        ]
        value = np.concatenate(parts, -1) if len(parts) > 1 else parts[0]
        value = np.moveaxis(value, -1, 1)
        return value.transpose(back).astype(result.dtype, copy=False)

    kernel_shape = [shape_of(eqn, 1)[n] for n in facts.rhs_spec]
    convolve.work = math.prod(result.shape) * math.prod(kernel_shape[1:])
    return convolve


REDUCERS = {
    "reduce_window_sum": (np.add, lambda dtype: dtype.type(0)),
    "reduce_window_max": (np.maximum, lowest),
    "reduce_window_min": (np.minimum, highest),
}


@rule(*REDUCERS)
def _reduce_window(eqn):
    ufunc, least = REDUCERS[eqn.primitive.name]
    params, dtype = eqn.params, dtype_of(eqn)
    start, shape = least(dtype), eqn.outvars[0].aval.shape
    if is_half(dtype) or dtype.kind == "c" or 0 in (*shape, *shape_of(eqn)):
        raise Unsuitable("windows of a rare kind")

    def reduce(x):
        x = spread(x, start, params["padding"], params["base_dilation"])
        view, rank = windows(
            x, params["window_dimensions"], params["window_strides"], params["window_dilation"]
        )
        kind = {"dtype": dtype} if ufunc is np.add else {}
        return ufunc.reduce(view, tuple(range(rank, 2 * rank)), **kind)

    reduce.work = math.prod(shape) * math.prod(params["window_dimensions"])
    return reduce


@rule("select_and_scatter_add")
def _select_and_scatter_add(eqn):
    params, dtype = eqn.params, dtype_of(eqn)
    largest = params["select_prim"].name == "ge"
    around = (lowest if largest else highest)(dtype)
    shape, sizes = shape_of(eqn, 1), params["window_dimensions"]
    pads = params["padding"]
    if dtype.kind not in "iuf" or is_half(dtype) or 0 in (*shape, *shape_of(eqn)):
        raise Unsuitable("windows of a rare kind")
    if any(n < 0 for pair in pads for n in pair):
        raise Unsuitable("windows without the edge")
    padded_with = any(n for pair in pads for n in pair)

    def scatter(source, operand):
        if dtype.kind == "f" and np.isnan(operand).any():
            raise Unsuitable("the largest of NaN")
        if padded_with and (operand == around).any():
            raise Unsuitable("the largest may lie outside")
        gaps = [1] * operand.ndim
        padded = spread(operand, around, pads, gaps)
        view, rank = windows(padded, sizes, params["window_strides"], gaps)
        numbers = np.arange(padded.size).reshape(padded.shape)
        numbers, _ = windows(numbers, sizes, params["window_strides"], gaps)
        places = view.shape[:rank]
        find = np.argmax if largest else np.argmin
        best = find(view.reshape(*places, -1), -1)[..., None]
        chosen = np.take_along_axis(numbers.reshape(*places, -1), best, -1)[..., 0]
        result = np.zeros(padded.size, dtype)
        np.add.at(result, chosen.ravel(), source.ravel())
        inside = tuple(slice(low, low + n) for (low, _), n in zip(pads, shape))
        return result.reshape(padded.shape)[inside]

    scatter.work = math.prod(shape_of(eqn)) * math.prod(sizes)
    return scatter
