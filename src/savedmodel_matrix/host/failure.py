"""An exception as data: its canonical code, message, traceback and the case's line it came from."""

from __future__ import annotations

import traceback

from savedmodel_matrix.host.protocol import Failure

LONGEST_MESSAGE = 16_000
LONGEST_TRACEBACK = 32_000

# The canonical codes of absl::Status, which tf.errors.OpError carries as numbers.
# https://www.tensorflow.org/api_docs/python/tf/errors
CODES = {
    1: "CANCELLED",
    2: "UNKNOWN",
    3: "INVALID_ARGUMENT",
    4: "DEADLINE_EXCEEDED",
    5: "NOT_FOUND",
    6: "ALREADY_EXISTS",
    7: "PERMISSION_DENIED",
    8: "RESOURCE_EXHAUSTED",
    9: "FAILED_PRECONDITION",
    10: "ABORTED",
    11: "OUT_OF_RANGE",
    12: "UNIMPLEMENTED",
    13: "INTERNAL",
    14: "UNAVAILABLE",
    15: "DATA_LOSS",
    16: "UNAUTHENTICATED",
}


def describe(error: BaseException, case_file: str = "") -> Failure:
    """Describe ``error``; ``where`` is the deepest frame inside ``case_file``.

    Never raises: an exception whose own ``str`` fails is described by its type alone.
    """
    return Failure(
        type(error).__name__,
        _code(error),
        _bounded(_message(error), LONGEST_MESSAGE),
        _bounded(_traceback(error), LONGEST_TRACEBACK),
        _where(error, case_file),
        _missing(error),
    )


def _missing(error: BaseException) -> str:
    """Return the module that could not be found; a name missing in a module is something else."""
    name = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
    return name if isinstance(name, str) else ""


def _code(error: BaseException) -> str:
    named = getattr(error, "code", None)
    if isinstance(named, str) and named in CODES.values():
        return named
    number = getattr(error, "error_code", None)
    return CODES.get(number, "") if isinstance(number, int) else ""


def _message(error: BaseException) -> str:
    try:
        # An OpError's own message has no trace of the op's creation stuck to it, its str has.
        own = getattr(error, "message", None)
        return own if isinstance(own, str) and own else str(error)
    except BaseException:
        return ""


def _traceback(error: BaseException) -> str:
    try:
        return "".join(traceback.format_exception(error))
    except BaseException:
        return type(error).__name__


def _where(error: BaseException, case_file: str) -> str:
    if not case_file:
        return ""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno or 0}"
    try:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == case_file]
    except BaseException:
        return ""
    return f"{case_file}:{frames[-1].lineno}" if frames else ""


def _bounded(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]}\n[… {len(text) - longest} characters left out …]\n{text[-half:]}"
