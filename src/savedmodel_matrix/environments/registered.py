"""What a TensorFlow library has registered, read through its C API, without Python's TensorFlow.

A script of its own, for any Python from 3.8 on: before TensorFlow 2.11 the C API is in Python's
extension module, which opens in a Python of its time only. Its arguments are the directory of the
package, and a directory for `ops.pb` (TF_GetAllOpList: an OpList), `kernels.pb`
(TF_GetAllRegisteredKernels: a KernelList) and `library.json`; with a shared library of custom ops
as a third one, for the `ops.pb` of that (TF_GetOpList).
"""

import ctypes
import hashlib
import json
import os
import re
import sys
from pathlib import Path

LIBRARIES = ("libtensorflow_cc.so.2", "python/_pywrap_tensorflow_internal.so")
ABSURD = 1 << 20  # a version that no XlaCallModule has, so that the kernel says what it takes
FLOAT = 1  # of tf_datatype.h
_POINTER = ctypes.c_void_p
_POINTERS = (
    *("TF_NewStatus", "TF_NewGraph", "TF_NewSessionOptions", "TF_NewOperation"),
    *("TF_FinishOperation", "TF_NewSession", "TF_LoadLibrary"),
)


class Buffer(ctypes.Structure):
    """TF_Buffer: bytes that the library owns."""

    _fields_ = (("data", _POINTER), ("length", ctypes.c_size_t), ("free", _POINTER))

    def content(self) -> bytes:
        """Return a copy of the bytes."""
        return ctypes.string_at(self.data, self.length)


class Output(ctypes.Structure):
    """TF_Output: one output of an operation."""

    _fields_ = (("operation", _POINTER), ("index", ctypes.c_int))


def main(package: Path, into: Path, custom: str = "") -> None:
    """Write what is registered into a directory."""
    file = next(package / name for name in LIBRARIES if (package / name).exists())
    library = ctypes.CDLL(str(file), ctypes.RTLD_GLOBAL)
    for name in _POINTERS:
        getattr(library, name).restype = _POINTER
    for name in ("TF_Version", "TF_Message"):
        getattr(library, name).restype = ctypes.c_char_p
    for name in ("TF_GetAllOpList", "TF_GetAllRegisteredKernels"):
        getattr(library, name).restype = ctypes.POINTER(Buffer)
    status = _POINTER(library.TF_NewStatus())
    if custom:
        library.TF_GetOpList.restype = Buffer
        loaded = _POINTER(library.TF_LoadLibrary(os.fsencode(custom), status))
        if library.TF_GetCode(status):
            sys.exit(library.TF_Message(status).decode(errors="replace"))
        into.joinpath("ops.pb").write_bytes(library.TF_GetOpList(loaded).content())
        return
    into.joinpath("ops.pb").write_bytes(library.TF_GetAllOpList().contents.content())
    kernels = library.TF_GetAllRegisteredKernels(status).contents
    into.joinpath("kernels.pb").write_bytes(kernels.content())
    said = {
        "version": library.TF_Version().decode(),
        "file": file.relative_to(package).as_posix(),
        "sha256": _sum(file),
        "stablehlo": [_limit(library, status, number) for number in (0, ABSURD)],
    }
    into.joinpath("library.json").write_text(json.dumps(said))


def _sum(file: Path) -> str:
    found = hashlib.sha256()
    with file.open("rb") as opened:
        for block in iter(lambda: opened.read(1 << 20), b""):
            found.update(block)
    return found.hexdigest()


def _limit(library: ctypes.CDLL, status: ctypes.c_void_p, version: int) -> "int | None":
    """Return the lowest or highest version of XlaCallModule that is taken, None if none is said.

    A module of a version out of bounds is run, and the kernel's refusal names the bound.
    """
    graph = _POINTER(library.TF_NewGraph())
    node = _POINTER(library.TF_NewOperation(graph, b"XlaCallModule", b"call"))
    library.TF_AddInputList(node, None, 0)
    library.TF_SetAttrInt(node, b"version", ctypes.c_int64(version))
    library.TF_SetAttrString(node, b"module", b"", ctypes.c_size_t(0))
    library.TF_SetAttrTypeList(node, b"Tin", None, 0)
    library.TF_SetAttrTypeList(node, b"Tout", (ctypes.c_int * 1)(FLOAT), 1)
    library.TF_SetAttrShapeList(node, b"Sout", (_POINTER * 1)(None), (ctypes.c_int * 1)(0), 1)
    library.TF_SetAttrStringList(node, b"dim_args_spec", None, None, 0)
    platform = ((ctypes.c_char_p * 1)(b"CPU"), (ctypes.c_size_t * 1)(3))
    library.TF_SetAttrStringList(node, b"platforms", *platform, 1)
    made = _POINTER(library.TF_FinishOperation(node, status))
    if library.TF_GetCode(status):  # there is no such op
        return None
    options = _POINTER(library.TF_NewSessionOptions())
    session = _POINTER(library.TF_NewSession(graph, options, status))
    outputs, results = (Output * 1)(Output(made, 0)), (_POINTER * 1)()
    library.TF_SessionRun(
        *(session, None, None, None, 0, outputs, results, 1, None, 0, None, status)
    )
    said = library.TF_Message(status).decode(errors="replace")
    found = re.search(r"Must be [<>]= (\d+)", said)
    return int(found.group(1)) if found else None


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
    sys.stdout.flush()
    os._exit(0)  # the library's threads and Python's end do not go together in every version
