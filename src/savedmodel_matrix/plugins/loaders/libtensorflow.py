"""libtensorflow: load and run a SavedModel through the C API, as a program in C++ or Go does.

The wheels for Linux and macOS carry the C library, so Python's TensorFlow is not imported. The
calls are declared as in tensorflow/c/c_api.h, tf_tensor.h, tf_status.h and tf_tstring.h, which lie
under include/ in the wheel, and looked up through libtensorflow_cc: what a version keeps in
libtensorflow_framework is found there too, because the one depends on the other.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import os
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

name = "libtensorflow"
reads = "SavedModel"
preload = ["numpy"]
crosses = True

# The types of tf_datatype.h: the name that a signature uses, the number, NumPy's name.
DATA_TYPES = {
    "DT_FLOAT": (1, "float32"),
    "DT_DOUBLE": (2, "float64"),
    "DT_INT32": (3, "int32"),
    "DT_UINT8": (4, "uint8"),
    "DT_INT16": (5, "int16"),
    "DT_INT8": (6, "int8"),
    "DT_STRING": (7, "object"),
    "DT_COMPLEX64": (8, "complex64"),
    "DT_INT64": (9, "int64"),
    "DT_BOOL": (10, "bool"),
    "DT_BFLOAT16": (14, "bfloat16"),
    "DT_UINT16": (17, "uint16"),
    "DT_COMPLEX128": (18, "complex128"),
    "DT_HALF": (19, "float16"),
    "DT_UINT32": (22, "uint32"),
    "DT_UINT64": (23, "uint64"),
}
_NUMPY_NAMES = dict(DATA_TYPES.values())
_SLOT = 24  # bytes of a TF_TString, the element of a string tensor
_CODES = (  # of tf_status.h, in the order of their numbers
    *("OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND"),
    *("ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION"),
    *("ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"),
    "UNAUTHENTICATED",
)


class Output(ctypes.Structure):
    """TF_Output: one output of an operation in the graph, to be fed or fetched."""

    _fields_ = (("operation", ctypes.c_void_p), ("index", ctypes.c_int))


_POINTER, _INT, _SIZE, _TEXT = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t, ctypes.c_char_p
_POINTERS, _TEXTS = ctypes.POINTER(_POINTER), ctypes.POINTER(_TEXT)
_ENDS = (ctypes.POINTER(Output), _POINTERS, _INT)  # where to feed or fetch, the tensors, how many
# Functions, what they return, what they take.
_DECLARATIONS: tuple[tuple[str, Any, tuple[Any, ...]], ...] = (
    ("TF_NewStatus TF_NewGraph TF_NewSessionOptions", _POINTER, ()),
    ("TF_DeleteStatus TF_DeleteGraph TF_DeleteSessionOptions", None, (_POINTER,)),
    ("TF_DeleteTensor TF_StringInit", None, (_POINTER,)),
    ("TF_GetCode TF_TensorType TF_NumDims", _INT, (_POINTER,)),
    ("TF_TensorData TF_StringGetDataPointer", _POINTER, (_POINTER,)),
    ("TF_CloseSession TF_DeleteSession", None, (_POINTER, _POINTER)),
    ("TF_Message", _TEXT, (_POINTER,)),
    ("TF_GraphOperationByName", _POINTER, (_POINTER, _TEXT)),
    ("TF_AllocateTensor", _POINTER, (_INT, ctypes.POINTER(ctypes.c_int64), _INT, _SIZE)),
    ("TF_Dim", ctypes.c_int64, (_POINTER, _INT)),
    ("TF_StringCopy", None, (_POINTER, _TEXT, _SIZE)),
    ("TF_StringGetSize", _SIZE, (_POINTER,)),
    (
        *("TF_LoadSessionFromSavedModel", _POINTER),
        (_POINTER, _POINTER, _TEXT, _TEXTS, _INT, _POINTER, _POINTER, _POINTER),
    ),
    (
        *("TF_SessionRun", None),
        (_POINTER, _POINTER, *_ENDS, *_ENDS, _POINTERS, _INT, _POINTER, _POINTER),
    ),
)


class TensorFlowError(Exception):
    """A status other than OK: `code`, its name in tf_status.h, and the message beside it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code

    def __str__(self) -> str:
        return ": ".join(self.args)


def prepare() -> None:
    """Open the library, which starts no thread: a process that has it open may fork."""
    open_library()


def run(
    artifact: Any,
    signature: str,
    inputs: Mapping[str, np.ndarray],
    stage: Callable[[str], None],
) -> dict[str, np.ndarray]:
    """Load what the artifact has under the tag "serve", and run one signature of it.

    Returns an array for each output key, for a ragged or sparse output one for each component by
    name, as TensorInfo states them; strings come as object arrays of bytes. An input left
    out is not fed, and TensorFlow decides what that means. Raises TensorFlowError for a status
    other than OK, TypeError or ValueError for an input that the signature has no place for or
    types that this loader does not know, FileNotFoundError without a C library.
    """
    library = open_library()
    stage("load")
    with ExitStack() as owned:
        status = library.TF_NewStatus()
        owned.callback(library.TF_DeleteStatus, status)
        # Deleted after the session: a variable that keeps a fed string would keep it for good.
        fed = owned.enter_context(ExitStack())
        graph = library.TF_NewGraph()
        owned.callback(library.TF_DeleteGraph, graph)
        session = owned.enter_context(_session(library, artifact.directory, graph, status))

        stage("run")
        feedable, fetchable = (artifact.signatures[signature][end] for end in ("inputs", "outputs"))
        if unknown := sorted(inputs.keys() - feedable.keys()):
            has = ", ".join(sorted(feedable)) or "none"
            raise ValueError(f"signature {signature} has no input {unknown[0]}; its inputs: {has}")
        feeds = [find_output(library, graph, key, feedable[key]["tensor"]) for key in inputs]
        values = [
            make_tensor(library, key, value, feedable[key]["dtype"], fed)
            for key, value in inputs.items()
        ]
        wanted = _tensors(fetchable)
        fetches = [find_output(library, graph, ".".join(key), name) for key, name in wanted.items()]
        results = (_POINTER * len(fetches))()
        library.TF_SessionRun(
            *(session, None),
            *((Output * len(feeds))(*feeds), (_POINTER * len(values))(*values), len(feeds)),
            *((Output * len(fetches))(*fetches), results, len(fetches)),
            *(None, 0, None, status),
        )
        _check(library, status)
        for tensor in results:
            owned.callback(library.TF_DeleteTensor, tensor)
        found: dict[str, Any] = {}
        for (key, *part), tensor in zip(wanted, results, strict=True):
            array = read_tensor(library, key, tensor)
            if part:
                found.setdefault(key, {})[part[0]] = array
            else:
                found[key] = array
        return found


def _tensors(outputs: Mapping[str, Any]) -> dict[tuple[str, ...], str]:
    """Return the tensors behind each output key; a ragged or sparse one has several, by name."""
    return {
        (key, *part): tensor["tensor"]
        for key, info in outputs.items()
        for part, tensor in (
            [((name,), one) for name, one in info["components"].items()]
            if "components" in info
            else [((), info)]
        )
    }


@functools.cache
def open_library() -> ctypes.CDLL:
    """Return the C library beside the TensorFlow that `import tensorflow` would find.

    Its functions are declared. Raises FileNotFoundError where there is none.
    """
    file = "libtensorflow_cc.2.dylib" if sys.platform == "darwin" else "libtensorflow_cc.so.2"
    package = importlib.util.find_spec("tensorflow")  # looks it up and imports nothing
    places = (package and package.submodule_search_locations) or []
    found = [path for place in places if (path := Path(place, file)).is_file()]
    if not found:
        raise FileNotFoundError(
            f"no {file} for {sys.executable}: install a TensorFlow wheel for Linux or macOS there"
        )
    library = ctypes.CDLL(str(found[0]))
    for functions, returns, takes in _DECLARATIONS:
        for function in functions.split():
            declared = getattr(library, function)
            declared.restype, declared.argtypes = returns, takes
    return library


def make_tensor(
    library: ctypes.CDLL, key: str, value: np.ndarray, data_type: str, owned: ExitStack
) -> int:
    """Copy an input into a new TF_Tensor of the declared type and return its address.

    `owned` deletes it, which frees its strings too. Raises as `as_declared` does.
    """
    array = as_declared(key, value, data_type)
    number, is_text = DATA_TYPES[data_type][0], data_type == "DT_STRING"
    size = array.size * _SLOT if is_text else array.nbytes
    shape = (ctypes.c_int64 * array.ndim)(*array.shape)
    tensor: int | None = library.TF_AllocateTensor(number, shape, array.ndim, size)
    if tensor is None:
        raise MemoryError(f"no tensor of {size} bytes can be allocated for input {key}")
    owned.callback(library.TF_DeleteTensor, tensor)
    data = library.TF_TensorData(tensor) or 0  # null where there is no element
    if not is_text:
        ctypes.memmove(data, array.ctypes.data, size)
        return tensor
    slots = range(data, data + size, _SLOT)
    for slot in slots:
        library.TF_StringInit(slot)
    for slot, text in zip(slots, array.ravel().tolist(), strict=True):
        library.TF_StringCopy(slot, text, len(text))
    return tensor


def as_declared(key: str, value: np.ndarray, data_type: str) -> np.ndarray:
    """Return an input in C order and the type that the signature declares; text as UTF-8.

    Numbers are converted where NumPy's "same_kind" rule allows, as a program does that fills a
    tensor of the declared type. Raises TypeError where the rule or this loader does not know the
    two types, ValueError for an integer that the declared type cannot hold.
    """
    array = np.asarray(value)
    wrong = f"input {key} is {array.dtype}, and the signature declares {data_type}"
    if data_type not in DATA_TYPES:
        raise TypeError(f"{wrong}, a type that this loader cannot feed")
    wanted = _numpy_type(DATA_TYPES[data_type][1])
    if data_type == "DT_STRING":
        texts = [text.encode() if isinstance(text, str) else text for text in array.flat]
        if array.dtype.kind not in "OSU" or not all(isinstance(text, bytes) for text in texts):
            raise TypeError(f"{wrong}: every element must be bytes or str")
        converted: np.ndarray = np.array(texts, wanted).reshape(array.shape)
        return converted
    if array.dtype.kind in "OSU" or not np.can_cast(array.dtype, wanted, "same_kind"):
        raise TypeError(wrong)
    converted = array.astype(wanted, order="C", copy=False)
    if wanted.kind in "iu" and not np.array_equal(converted, array):
        raise ValueError(f"{wrong}, which cannot hold every value of it")
    return converted


def read_tensor(library: ctypes.CDLL, key: str, tensor: int) -> np.ndarray:
    """Copy an output into an array of its own. Raises TypeError for a type without an array."""
    number = library.TF_TensorType(tensor)
    if number not in _NUMPY_NAMES:
        raise TypeError(f"output {key} has data type {number}, which this loader cannot read")
    shape = [library.TF_Dim(tensor, axis) for axis in range(library.TF_NumDims(tensor))]
    array: np.ndarray = np.empty(shape, _numpy_type(_NUMPY_NAMES[number]))
    data = library.TF_TensorData(tensor) or 0
    if array.dtype != object:
        ctypes.memmove(array.ctypes.data, data, array.nbytes)
        return array
    for index in range(array.size):
        slot = data + index * _SLOT
        text = library.TF_StringGetDataPointer(slot)
        array.flat[index] = ctypes.string_at(text, library.TF_StringGetSize(slot))
    return array


def find_output(library: ctypes.CDLL, graph: int, key: str, tensor: str) -> Output:
    """Find the tensor, "operation:index", that a key of the signature stands for."""
    operation, _, index = tensor.partition(":")
    found = library.TF_GraphOperationByName(graph, operation.encode())
    if found is None:
        # The C API says so with a null pointer; the code is the one of a session in C++.
        raise TensorFlowError("NOT_FOUND", f"the graph has no tensor {tensor!r}, stated for {key}")
    return Output(found, int(index or 0))


@contextmanager
def _session(library: ctypes.CDLL, directory: str, graph: int, status: int) -> Iterator[int]:
    options = library.TF_NewSessionOptions()
    tags = (_TEXT * 1)(b"serve")
    session = library.TF_LoadSessionFromSavedModel(
        *(options, None, os.fsencode(directory), tags, len(tags), graph, None, status)
    )
    library.TF_DeleteSessionOptions(options)
    _check(library, status)
    try:
        yield session
        library.TF_CloseSession(session, status)
        _check(library, status)
    finally:  # deleting closes it too, and after an error that error is the one to see
        library.TF_DeleteSession(session, status)
    _check(library, status)


def _check(library: ctypes.CDLL, status: int) -> None:
    if code := library.TF_GetCode(status):
        known = _CODES[code] if code < len(_CODES) else f"CODE_{code}"
        raise TensorFlowError(known, library.TF_Message(status).decode(errors="backslashreplace"))


def _numpy_type(numpy_name: str) -> Any:
    if numpy_name == "bfloat16":
        import ml_dtypes  # comes with TensorFlow; imported for the one type that NumPy lacks

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(numpy_name)
