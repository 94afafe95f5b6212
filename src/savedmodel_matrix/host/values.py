"""Whether what the loader computed is what the case's own object computes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# (rtol, atol) by dtype name; everything that is not listed must be equal.
# Half types keep 8 to 11 bits of mantissa, hence the wide bound.
TOLERANCES: dict[str, tuple[float, float]] = {
    "float16": (1e-2, 1e-2),
    "bfloat16": (1e-2, 1e-2),
    "float32": (1e-5, 1e-6),
    "complex64": (1e-5, 1e-6),
    "float64": (1e-7, 1e-9),
    "complex128": (1e-7, 1e-9),
}


SHOWN = 6  # numbers of an output that a record holds
LONGEST = 60  # characters of a string among them


@dataclass(frozen=True)
class Compared:
    """One output compared: ``difference`` is "" if it is right, errors are the largest seen.

    ``numbers`` is what a person wants to see of it: dtype, shape, and a few values of both arrays
    as text, from flat ``index`` on, where the largest error (else the first wrong value) is.
    """

    output: str
    difference: str
    absolute: float = 0.0
    relative: float = 0.0
    numbers: dict[str, Any] = field(default_factory=dict)


def compare(
    output: str, expected: Any, actual: Any, tolerance: Mapping[str, float] | float | None
) -> Compared:
    """Compare one output with what was expected; shapes and dtypes must be equal too.

    ``tolerance`` is the case's own: a number (relative) or ``{"rtol": …, "atol": …}``; it holds
    for floating dtypes only. NaN equals NaN, an infinity equals itself, -0.0 equals 0.0.
    """
    import numpy as np

    from savedmodel_matrix.host.tensors import as_array

    actual = as_array(actual)
    names = [_dtype(expected), _dtype(actual)]
    if names[0] != names[1]:
        what = f"dtype {names[1]} where {names[0]} is expected"
        return Compared(output, what, numbers=numbers(expected, actual, 0))
    if expected.shape != actual.shape:
        what = f"shape {list(actual.shape)} where {list(expected.shape)} is expected"
        return Compared(output, what, numbers=numbers(expected, actual, 0))
    if names[0] not in TOLERANCES:
        differs = (expected != actual).ravel()
        wrong = int(np.sum(differs))
        what = f"{wrong} of {expected.size} values differ" if wrong else ""
        return Compared(output, what, numbers=numbers(expected, actual, _first(differs)))
    return _close(output, expected, actual, _bounds(names[0], tolerance))


def _close(output: str, expected: Any, actual: Any, bounds: tuple[float, float]) -> Compared:
    import numpy as np

    wide = np.complex128 if expected.dtype.kind == "c" else np.float64
    want, have = expected.astype(wide), actual.astype(wide)
    same = (want == have) | (np.isnan(want) & np.isnan(have))
    finite = np.isfinite(want) & np.isfinite(have)
    with np.errstate(all="ignore"):
        error = np.where(finite, np.abs(want - have), np.inf)
        error = np.where(same, 0.0, error)
        size = np.abs(want)
        relative = np.where(same, 0.0, error / np.where(size > 0, size, np.nan))
    rtol, atol = bounds
    within = same | (finite & (error <= atol + rtol * np.where(finite, size, 0.0)))
    largest = float(error.max(initial=0.0))
    largest_relative = float(np.nanmax(relative, initial=0.0))
    wrong = int(within.size - np.sum(within))
    what = f"{wrong} of {within.size} values differ" if wrong else ""
    sample = numbers(expected, actual, _first(error.ravel() == largest))
    return Compared(output, what, largest, largest_relative, sample)


def numbers(expected: Any, actual: Any, index: int) -> dict[str, Any]:
    """Return dtype and shape of what is expected, and a few values of both from ``index`` on."""
    start = max(0, min(index, expected.size - SHOWN))
    return {
        "dtype": _dtype(expected),
        "shape": list(expected.shape),
        "index": start,
        "expected": _texts(expected, start),
        "actual": _texts(actual, start),
    }


def _texts(array: Any, start: int) -> list[str]:
    items = array.ravel()[start : start + SHOWN]
    texts = (
        item.decode(errors="backslashreplace") if isinstance(item, bytes) else str(item)
        for item in items
    )
    return [text if len(text) <= LONGEST else f"{text[:LONGEST]}…" for text in texts]


def _first(marked: Any) -> int:
    """Return the index of the first true value, 0 if there is none."""
    return int(marked.argmax()) if marked.size else 0


def _bounds(dtype: str, tolerance: Mapping[str, float] | float | None) -> tuple[float, float]:
    rtol, atol = TOLERANCES[dtype]
    if tolerance is None:
        return rtol, atol
    if isinstance(tolerance, (int, float)):
        return float(tolerance), atol
    return float(tolerance.get("rtol", rtol)), float(tolerance.get("atol", atol))


def _dtype(array: Any) -> str:
    return "string" if array.dtype.kind == "O" else str(array.dtype.name)
