"""The plain script's libtensorflow: an artifact loaded and run through the C API, without Python's.

    plain_c_api.py '["DIRECTORY", "SIGNATURE", "OUT"]'

is a step of `plain`, in a process of its own.
"""

from __future__ import annotations

import ctypes
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

# As tensorflow/core/framework/types.proto numbers them.
STRING = 7
NUMBERS = {1: "float32", 2: "float64", 3: "int32", 9: "int64", 19: "float16"}
pointer = ctypes.c_void_p
POINTERS = (
    "TF_NewStatus", "TF_NewGraph", "TF_NewSessionOptions", "TF_LoadSessionFromSavedModel",
    "TF_GraphOperationByName", "TF_AllocateTensor", "TF_TensorData", "TF_StringGetDataPointer",
)  # fmt: skip


class Endpoint(ctypes.Structure):
    _fields_ = (("operation", pointer), ("index", ctypes.c_int))  # TF_Output of the C API


def load_step(directory: str, signature: str, out: str) -> None:
    """Load and run with the C API of the wheel's libtensorflow_cc, without TensorFlow's Python."""
    work = Path(directory)
    entry = json.loads((work / "record.json").read_text())["signatures"][signature]
    (work / "stage").write_text("load")
    lib = c_library(Path(np.__file__).parents[1] / "tensorflow" / "libtensorflow_cc.so.2")
    status, graph = pointer(lib.TF_NewStatus()), pointer(lib.TF_NewGraph())
    loaded = lib.TF_LoadSessionFromSavedModel(
        pointer(lib.TF_NewSessionOptions()), None, str(work / "artifact").encode(),
        (ctypes.c_char_p * 1)(b"serve"), 1, graph, None, status,
    )  # fmt: skip
    check(lib, status)
    (work / "stage").write_text("run")
    ends: dict[str, Any] = {}
    for side in ("inputs", "outputs"):
        tensors = [slot["tensor"].split(":") for slot in entry[side].values()]
        found = [(lib.TF_GraphOperationByName(graph, n.encode()), int(i)) for n, i in tensors]
        ends[side] = (Endpoint * len(found))(*(Endpoint(*place) for place in found))
    feeds = [c_tensor(lib, np.load(s["file"]), s["dtype"]) for s in entry["inputs"].values()]
    values, results = (pointer * len(feeds))(*feeds), (pointer * len(ends["outputs"]))()
    lib.TF_SessionRun(
        pointer(loaded), None, ends["inputs"], values, len(values),
        ends["outputs"], results, len(results), None, 0, None, status,
    )  # fmt: skip
    check(lib, status)
    for (key, slot), result in zip(entry["outputs"].items(), results, strict=True):
        array = array_of(lib, pointer(result), np.load(slot["file"]).dtype)
        np.save(Path(out) / f"{key}.npy", array)


def c_library(path: Path) -> Any:
    """Open the library and declare what its functions return where that is not an int."""
    lib = ctypes.CDLL(str(path))
    for name in POINTERS:
        getattr(lib, name).restype = pointer
    lib.TF_TensorByteSize.restype = lib.TF_StringGetSize.restype = ctypes.c_size_t
    lib.TF_Message.restype = ctypes.c_char_p
    lib.TF_Dim.restype = ctypes.c_int64
    return lib


def check(lib: Any, status: Any) -> None:
    if lib.TF_GetCode(status):
        raise RuntimeError(lib.TF_Message(status).decode(errors="replace").replace("\n", " "))


def c_tensor(lib: Any, array: Any, dtype: int) -> Any:
    """Copy an array into a new tensor; strings into 24-byte slots that own their bytes.

    Where an older Keras declares floats for a model of integers, that is what a client sends.
    """
    array = np.asarray(array, NUMBERS.get(dtype, np.asarray(array).dtype))
    array = np.ascontiguousarray(array).reshape(array.shape)  # the former makes a scalar a vector
    size = 24 * array.size if dtype == STRING else array.nbytes
    dims = (ctypes.c_int64 * max(array.ndim, 1))(*array.shape)
    tensor = pointer(lib.TF_AllocateTensor(dtype, dims, array.ndim, ctypes.c_size_t(size)))
    data = lib.TF_TensorData(tensor)
    if dtype != STRING:
        ctypes.memmove(data, array.ctypes.data, size)
        return tensor
    for number, text in enumerate(array.reshape(-1).tolist()):
        slot = pointer(data + 24 * number)
        lib.TF_StringInit(slot)
        lib.TF_StringCopy(slot, text, ctypes.c_size_t(len(text)))
    return tensor


def array_of(lib: Any, tensor: Any, dtype: Any) -> Any:
    """Copy a tensor into an array of the dtype that is expected."""
    data = lib.TF_TensorData(tensor)
    shape = [lib.TF_Dim(tensor, axis) for axis in range(lib.TF_NumDims(tensor))]
    if lib.TF_TensorType(tensor) == STRING:
        slots = [pointer(data + 24 * number) for number in range(int(np.prod(shape)))]
        get, size = lib.TF_StringGetDataPointer, lib.TF_StringGetSize
        texts = [ctypes.string_at(get(slot), size(slot)) for slot in slots]
        return np.array(texts, dtype="S").reshape(shape)
    raw = ctypes.string_at(data, lib.TF_TensorByteSize(tensor))
    return np.frombuffer(raw, dtype).reshape(shape)


if __name__ == "__main__":
    load_step(*json.loads(sys.argv[1]))
