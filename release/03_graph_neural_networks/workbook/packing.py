"""An answer key as a safetensors file holds it: what mistakes give is compressed together."""

import json
import math
import zlib
from collections.abc import Iterator

import numpy as np

from workbook.values import leaves


def known_leaves(header: dict) -> Iterator[tuple[str, dict, dict]]:
    """(name of its tensor, node, expect) of each array that a mistake gives."""
    for exercise, entry in header["exercises"].items():
        for number, mistake in enumerate(entry["mistakes"]):
            for case, known in mistake["cases"].items():
                for n, expect in enumerate(known.get("expects", ())):
                    for node in leaves(expect["tree"]):
                        leaf = f"{exercise}/{case}/mistake {number}/{n}/{node['array']}"
                        yield leaf, node, expect


def pack(header: dict, tensors: dict) -> tuple[dict, dict]:
    """(tensors, metadata) of the file; unpack gives the same header and tensors back."""
    known = [name for name, _, _ in known_leaves(header)]
    arrays = [np.ascontiguousarray(tensors[name]) for name in known]
    kinds = [[array.dtype.str, *tensors[name].shape] for name, array in zip(known, arrays)]
    text = json.dumps({"header": header, "leaves": kinds}, separators=(",", ":"))
    packed = {"header": text.encode(), "mistakes": b"".join(map(bytes, arrays))}
    references = {name: tensors[name] for name in sorted(tensors.keys() - set(known))}
    metadata = {"workbook": json.dumps({"format": header.get("format")})}
    return references | {name: _compressed(data) for name, data in packed.items()}, metadata


def unpack(tensors: dict, metadata: dict) -> tuple[dict, dict]:
    """(header, tensors) of a key."""
    header = json.loads(metadata["workbook"])
    if "exercises" in header:  # a key of the first format, for whoever asks which it has
        return header, tensors
    data, texts = (zlib.decompress(tensors.pop(name).tobytes()) for name in ("mistakes", "header"))
    packed, at = json.loads(texts), 0
    for (name, _, _), (kind, *shape) in zip(known_leaves(packed["header"]), packed["leaves"]):
        end = at + np.dtype(kind).itemsize * math.prod(shape)
        tensors[name] = np.frombuffer(data[at:end], kind).reshape(shape)
        at = end
    return packed["header"], tensors


def _compressed(data):
    return np.frombuffer(zlib.compress(data, 9), np.uint8)
