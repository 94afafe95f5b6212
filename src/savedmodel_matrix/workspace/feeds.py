"""What a signature is fed: arrays made from its dtypes and shapes, or read from a file."""

from __future__ import annotations

import hashlib
import math
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from savedmodel_matrix.model.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BATCH = 2  # so that rows that change places are seen
FREE = 8  # any other dimension that the signature leaves open
LARGEST = 1 << 24  # elements of one input that is made
_TEXT = b"savedmodel"
# TensorFlow's names of data types where NumPy has others.
_NUMPY = {"half": "float16", "float": "float32", "double": "float64"}
_MADE = ("float16", "float32", "float64", "complex64", "complex128", "bool", "string")
# What NumPy and zipfile raise of a file that is not what they expect.
_DAMAGED = (
    *(OSError, ValueError, EOFError, KeyError, RuntimeError, TypeError, SyntaxError),
    *(zipfile.BadZipFile, zlib.error),
)


@dataclass(frozen=True)
class Slot:
    """An input or output of a signature; the shape is None where the rank is not known.

    ``dtype`` is TensorFlow's name in lower case, as in types.proto: "float", "int64", "string".
    """

    dtype: str
    shape: tuple[int, ...] | None


Signatures = dict[str, dict[str, Any]]  # arrays by signature and by key


def made(signatures: Mapping[str, Mapping[str, Slot]]) -> Signatures:
    """Return arrays for every input, the same for the same signatures.

    Floats lie in [0, 1); integers are 0 or 1, which are valid indices nearly everywhere; the first
    open dimension is 2, the others are 8. Raises UserError for an input of which no array can be
    made.
    """
    return {
        name: {key: _array(name, key, slot) for key, slot in inputs.items()}
        for name, inputs in signatures.items()
    }


def _array(signature: str, key: str, slot: Slot) -> Any:
    where = f"The input {key!r} of signature {signature!r}"
    if slot.shape is None:
        raise UserError(f"{where} has no stated rank: give its value with --inputs FILE.npz.")
    shape = [
        size if size >= 0 else (BATCH if i == 0 else FREE) for i, size in enumerate(slot.shape)
    ]
    if math.prod(shape) > LARGEST:
        raise UserError(f"{where} has {math.prod(shape)} elements: give it with --inputs FILE.npz.")
    dtype = _NUMPY.get(slot.dtype, slot.dtype)
    integer = re.fullmatch(r"u?int(8|16|32|64)", dtype)
    if dtype not in _MADE and not integer:
        raise UserError(
            f"{where} is of dtype {slot.dtype}, which no array has: this signature cannot be fed."
        )
    seed = hashlib.sha256(f"{signature}\n{key}".encode()).digest()
    random = np.random.default_rng(int.from_bytes(seed[:8], "big"))
    if dtype == "string":
        return np.full(shape, _TEXT)
    if dtype == "bool":
        return random.integers(0, 2, shape).astype(bool)
    if integer:
        return random.integers(0, 2, shape).astype(dtype)
    return random.random(shape).astype(dtype)


def read(
    file: Path, signatures: Mapping[str, Mapping[str, Slot]], option: str, *, whole: bool = False
) -> Signatures:
    """Return the arrays of an .npz file, whose names are `KEY` or `SIGNATURE/KEY`.

    A plain `KEY` is meant for every signature that has it. With ``whole`` every key of every
    signature has to be there. Raises UserError where the file cannot be read, holds Python
    objects, or names what no signature has.
    """
    arrays = _arrays(file, option)
    found: Signatures = {name: {} for name in signatures}
    for name, array in arrays.items():
        signature, slash, key = name.rpartition("/")
        meant = [signature] if slash and signature in signatures else list(signatures)
        key = key if slash and signature in signatures else name
        having = [one for one in meant if key in signatures[one]]
        if not having:
            known = sorted({key for keys in signatures.values() for key in keys})
            raise UserError(
                f"{file} ({option}) has {name!r}, which is none of {', '.join(known) or 'nothing'}."
            )
        for one in having:
            found[one][key] = array
    for name, keys in signatures.items() if whole else ():
        if missing := sorted(keys.keys() - found[name].keys()):
            raise UserError(f"{file} ({option}) lacks {name}/{missing[0]}.")
    return found


def _arrays(file: Path, option: str) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:  # NumPy leaves it open where it is damaged
            held = np.load(opened, allow_pickle=False)
            if not isinstance(held, np.lib.npyio.NpzFile):
                raise UserError(
                    f"{file} ({option}) holds one array without a name: write it with "
                    "numpy.savez(FILE, KEY=array)."
                )
            return {name: held[name] for name in held.files}
    except _DAMAGED as error:
        said = getattr(error, "strerror", None) or " ".join(str(error).split()) or "damaged"
        raise UserError(
            f"{file} ({option}) cannot be read as arrays: {said}; write it with "
            "numpy.savez(FILE, KEY=array), strings as bytes of one width."
        ) from error
