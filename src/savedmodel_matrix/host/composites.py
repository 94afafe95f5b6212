"""Ragged and sparse tensors as the plain tensors that they consist of.

A SavedModel keeps an output of such a type under one key and names the tensors of its components;
an input of such a type it takes apart into a key for each component.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

SPARSE = ("indices", "values", "dense_shape")
RAGGED = "RAGGED_TENSOR_SPEC"


def components(value: Any) -> dict[str, Any] | None:
    """Return the components of a composite value by name, None for a plain one.

    A loader that has no such type hands the components back as a mapping.
    """
    if isinstance(value, Mapping):
        return dict(value)
    flat, splits = (getattr(value, name, None) for name in ("flat_values", "nested_row_splits"))
    if flat is not None and splits is not None:
        return dict(zip(ragged_names(1 + len(splits)), [flat, *splits], strict=True))
    if all(hasattr(value, name) for name in SPARSE):
        return {name: getattr(value, name) for name in SPARSE}
    nest: Any = sys.modules.get("tensorflow.python.util.nest")
    if nest is None or isinstance(value, (list, tuple)):
        return None
    parts = nest.flatten(value, expand_composites=True)
    if len(parts) == 1 and parts[0] is value:
        return None
    return dict(zip(other_names(len(parts)), parts, strict=True))


def ragged_names(count: int) -> list[str]:
    """Return the names of a ragged tensor's components, as TensorFlow orders them."""
    if count <= 2:
        return ["values", "row_splits"][:count]
    return ["values", *(f"row_splits_{i}" for i in range(count - 1))]


def other_names(count: int) -> list[str]:
    """Return names for the components of a type that is neither ragged nor sparse."""
    return [f"component_{i}" for i in range(count)]


def of_tensor_info(info: Any) -> tuple[str, dict[str, dict[str, Any]]]:
    """Return what kind of composite a TensorInfo states, and its components; "" for none."""
    encoding = info.WhichOneof("encoding")
    if encoding == "coo_sparse":
        sparse = info.coo_sparse
        tensors = (
            sparse.indices_tensor_name,
            sparse.values_tensor_name,
            sparse.dense_shape_tensor_name,
        )
        dtypes, shapes = (9, info.dtype, 9), ([-1, -1], [-1], [-1])  # 9: DT_INT64
        parts = zip(SPARSE, tensors, dtypes, shapes, strict=True)
        return "sparse", {
            name: {"tensor": tensor, "dtype": dtype_name(dtype), "shape": shape}
            for name, tensor, dtype, shape in parts
        }
    if encoding != "composite_tensor":
        return "", {}
    found = info.composite_tensor
    kind = type(found.type_spec).TypeSpecClass.Name(found.type_spec.type_spec_class)
    naming, said = (ragged_names, "ragged") if kind == RAGGED else (other_names, "composite")
    names = naming(len(found.components))
    return said, {
        name: {"tensor": part.name, "dtype": dtype_name(part.dtype), "shape": shape_of(part)}
        for name, part in zip(names, found.components, strict=True)
    }


def dtype_name(number: int) -> str:
    """Return the name of a DataType, such as "DT_FLOAT"."""
    from tensorflow.core.framework import types_pb2

    return str(types_pb2.DataType.Name(number))


def shape_of(info: Any) -> list[int] | None:
    """Return the shape that a TensorInfo states, None for an unknown rank."""
    shape = info.tensor_shape
    return None if shape.unknown_rank else [dim.size for dim in shape.dim]
