"""Rules for reading and writing at computed places, with what happens past the end."""

from typing import Any

import numpy as np

from workbook.evaluate.randomness import is_known, joined
from workbook.evaluate.rules import BOOL, Unsuitable, dtype_of, rule, shape_of

CLIP, DROP = "CLIP", "FILL_OR_DROP"


def _starts(indices, count):
    """Whole numbers for `count` dynamic start indices."""
    return [int(i) for i in indices[:count]]


@rule("dynamic_slice")
def _dynamic_slice(eqn):
    sizes, shape = eqn.params["slice_sizes"], shape_of(eqn)
    if len(eqn.invars) != 1 + len(shape):
        raise Unsuitable("a shape that isn't known")

    def read(x, *starts):
        return x[_window(starts, sizes, shape)]

    return read


@rule("dynamic_update_slice")
def _dynamic_update_slice(eqn):
    shape, sizes = shape_of(eqn), shape_of(eqn, 1)

    def write(x, new, *starts):
        x = np.array(x)
        x[_window(starts, sizes, shape)] = new
        return x

    return write


def _window(starts, sizes, shape):
    """The slices of a window that is moved inside where it would stick out."""
    inside = (max(0, min(int(i), full - size)) for i, size, full in zip(starts, sizes, shape))
    return tuple(slice(i, i + size) for i, size in zip(inside, sizes))


class Window:
    """Where the windows of a gather or scatter lie in its operand, as arrays of indices.

    Args:
        shape: of the operand.
        sizes: of a window along each axis of the operand.
        offsets: the axes of gathered values (or updates) along which windows lie.
        hidden: the operand's axes without one there, as windows have size 1 along them.
        batch: pairs of an operand's axis and the axis of the indices that it goes along with.
        targets: the operand's axis for each number of an index.
        mode: what happens past the end.
    """

    def __init__(
        self, shape: Any, sizes: Any, offsets: Any, hidden: Any, batch: Any, targets: Any, mode: str
    ):
        self.limits = np.array([shape[a] - sizes[a] for a in targets], np.int64)
        self.sizes, self.offsets, self.targets = sizes, offsets, list(targets)
        self.batch, self.shape = dict(batch), shape
        self.seen = [a for a in range(len(shape)) if a not in hidden and a not in self.batch]
        self.mode = mode
        if mode not in (CLIP, DROP, "PROMISE_IN_BOUNDS"):
            raise Unsuitable(f"the mode {mode}")

    def places(self, indices: Any) -> tuple[tuple[np.ndarray, ...], np.ndarray | None]:
        """(a tuple of index arrays, a mask of windows inside or None), to be broadcast together.

        Index arrays have the axes of the gathered values, the mask has them with windows as 1.
        """
        indices = np.asarray(indices).astype(np.int64)
        lead = indices.shape[:-1]
        inside = None
        good = (indices >= 0) & (indices <= self.limits)
        if self.mode == DROP and not good.all():
            inside = good.all(-1)
        indices = np.clip(indices, 0, np.maximum(self.limits, 0))
        rank = len(lead) + len(self.offsets)
        batch_axes = [a for a in range(rank) if a not in self.offsets]

        def spread(values):  # from the leading axes of the indices to those of the result
            shape = [1] * rank
            for axis, size in zip(batch_axes, values.shape):
                shape[axis] = size
            return values.reshape(shape)

        where = []
        for axis in range(len(self.shape)):
            if axis in self.batch:
                along = np.arange(lead[self.batch[axis]])
                spot = spread(
                    along.reshape([-1 if n == self.batch[axis] else 1 for n in range(len(lead))])
                )
            elif axis in self.targets:
                spot = spread(indices[..., self.targets.index(axis)])
            else:
                spot = np.zeros([1] * rank, np.int64)
            if axis in self.seen:
                shape = [1] * rank
                shape[self.offsets[self.seen.index(axis)]] = self.sizes[axis]
                spot = spot + np.arange(self.sizes[axis]).reshape(shape)
            where.append(spot)
        return tuple(where), None if inside is None else spread(inside)


@rule("gather")
def _gather(eqn):
    facts, mode = eqn.params["dimension_numbers"], eqn.params["mode"].name
    shape, dtype = eqn.outvars[0].aval.shape, dtype_of(eqn)
    window = Window(
        shape_of(eqn),
        eqn.params["slice_sizes"],
        facts.offset_dims,
        facts.collapsed_slice_dims,
        zip(facts.operand_batching_dims, facts.start_indices_batching_dims),
        facts.start_index_map,
        mode,
    )
    fill = eqn.params["fill_value"]
    if fill is not None and is_known(eqn.invars[0].aval.dtype):
        fill = joined(np.full(2, fill, np.uint32))  # of each word of a key
    filling = _filling(fill, dtype)
    if 0 in shape:
        return lambda x, indices: np.zeros(shape, dtype)
    if 0 in shape_of(eqn):
        if mode != DROP:
            raise Unsuitable("reading from nothing")
        return lambda x, indices: np.full(shape, filling, dtype)
    if not shape_of(eqn):
        return lambda x, indices: np.broadcast_to(x, shape)

    def gather(x, indices):
        where, inside = window.places(indices)
        read = np.broadcast_to(x[where], shape)
        return read if inside is None else np.where(inside, read, filling)

    return gather


def _filling(value, dtype):
    """What a gather gives past the end."""
    if value is not None:
        return np.asarray(value).astype(dtype)
    if dtype.kind in "iu":
        facts = np.iinfo(dtype)
        return dtype.type(facts.min if dtype.kind == "i" else facts.max)
    return dtype.type(True if dtype == BOOL else np.nan)


SCATTERS = {
    "scatter": None,
    "scatter_add": np.add,
    "scatter-add": np.add,
    "scatter_sub": np.subtract,
    "scatter-sub": np.subtract,
    "scatter_mul": np.multiply,
    "scatter-mul": np.multiply,
    "scatter_min": np.minimum,
    "scatter-min": np.minimum,
    "scatter_max": np.maximum,
    "scatter-max": np.maximum,
}


@rule(*SCATTERS)
def _scatter(eqn):
    facts, ufunc = eqn.params["dimension_numbers"], SCATTERS[eqn.primitive.name]
    shape, updates_shape = shape_of(eqn), shape_of(eqn, 2)
    if ufunc is None and eqn.params.get("update_jaxpr") is not None:
        raise Unsuitable("a function of what is there")  # x.at[…].apply(f)
    if 0 in updates_shape:
        return lambda x, indices, updates: x
    if not shape and not updates_shape:
        return lambda x, indices, new: new if ufunc is None else np.asarray(ufunc(x, new))
    if not shape or 0 in shape:
        raise Unsuitable("writing to nothing")
    mode = eqn.params["mode"].name
    hidden = {*facts.inserted_window_dims, *facts.operand_batching_dims}
    sizes, windows = [], iter(facts.update_window_dims)
    for axis in range(len(shape)):
        sizes.append(1 if axis in hidden else updates_shape[next(windows)])
    window = Window(
        shape,
        sizes,
        facts.update_window_dims,
        facts.inserted_window_dims,
        zip(facts.operand_batching_dims, facts.scatter_indices_batching_dims),
        facts.scatter_dims_to_operand_dims,
        CLIP if mode == CLIP else DROP,  # XLA drops what was promised to be inside and isn't
    )

    def scatter(x, indices, updates):
        where, inside = window.places(indices)
        where = np.broadcast_arrays(*where, np.empty(updates.shape, bool))[:-1]
        if inside is not None:
            kept = np.broadcast_to(inside, updates.shape)
            where, updates = [spot[kept] for spot in where], updates[kept]
        x = np.array(x)
        if ufunc is None:
            x[tuple(where)] = updates
        else:
            ufunc.at(x, tuple(where), updates)
        return x

    return scatter
