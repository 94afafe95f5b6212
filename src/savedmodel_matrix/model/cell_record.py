"""A cell whole: what making and judging its artifact left, in the names of the contract."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.fingerprint import (
    HOST_NAME,
    LONGEST_REASON,
    fingerprint,
    of_failure,
    reason,
)
from savedmodel_matrix.model.format import format_named
from savedmodel_matrix.model.signatures import Signature, Spec, format_signatures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.model.cell import Cell

_PYTHON_HOME = re.compile(r"(?<![\w.])/[^\s\":']*?/lib/python3")
_CHECKOUT = re.compile(
    r"(?<![\w.])(/[^\s\":']+)/src/savedmodel_matrix/(?:host|plugins|loaders|remedies)/"
)
LEGACY = "TF_USE_LEGACY_KERAS"
# TensorFlow's names of its dtypes are NumPy's but for these.
DTYPES = {"FLOAT": "float32", "DOUBLE": "float64", "HALF": "float16"}


def whole_cell(
    cell: Cell,
    save: Mapping[str, Any],
    load: Mapping[str, Any] | None,
    key: str,
    artifact: str,
) -> dict[str, Any]:
    """Return the cell's record from that of the save and, where there was an artifact, the load."""
    end = named_anew(load if load is not None else save)
    made = save.get("record") or {}
    keras = (save.get("facts") or {}).get("keras") or {}
    consumed = (load or {}).get("record") or {}
    case, remedy, producer, loader, consumer = cell.key
    return {
        "case": case,
        "remedy": remedy,
        "producer": producer,
        "loader": loader,
        "consumer": consumer,
        "status": end["status"],
        "stage": end["stage"],
        "reason": _reason(cell, end, keras),
        "fingerprint": end["fingerprint"],
        "signature": canonical_signature(made["signatures"]) if _has_signatures(made) else "",
        "message": end.get("message", ""),
        "traceback": end.get("traceback", ""),
        "where": end.get("where", ""),
        "missing": end.get("missing", ""),
        "seconds": (save.get("seconds") or {}) | ((load or {}).get("seconds") or {}),
        "largest_error": consumed.get("largest_error"),
        "numbers": consumed.get("numbers", []),
        "lost_signatures": made.get("lost", []),
        "lost_outputs": made.get("lost_outputs", []),
        "functions": made.get("functions", []),
        "log": end.get("log", ""),
        "artifact": artifact if made else "",
        "artifact_bytes": made.get("artifact_bytes", 0),
        "artifact_hash": made.get("artifact_hash", ""),
        "show": save.get("show", ""),
        "keras": keras,
        "versions": {
            "producer": made.get("versions", {}),
            "consumer": consumed.get("versions", {}),
        },
        "key": key,
    }


def _has_signatures(made: Mapping[str, Any]) -> bool:
    return bool(made) and format_named(made["format"]).has_signatures


def named_anew(end: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a record with reason and fingerprint as failures are named now.

    A record may be older than the rules by which messages are masked; what it rests on is the
    same. Only what TensorFlow, Keras or the case raised has a ``kind``. A step that ended without
    a word has no message of its own: what is said of it names its stage.
    """
    spoken = end.get("message") and not end.get("identity", "").endswith(f"(stage {end['stage']})")
    if end["status"] != "fail" or not spoken:
        return end
    identity = of_failure(end.get("kind", ""), end["message"]).removeprefix(": ")
    return dict(end) | {"reason": reason(identity), "fingerprint": fingerprint(identity)}


def _reason(cell: Cell, end: Mapping[str, Any], keras: Mapping[str, str]) -> str:
    parts = [end["reason"]] if end["reason"] else []
    if LEGACY in cell.remedy.settings and keras and "tf_keras" not in keras:
        held = ", ".join(f"Keras {version}" for version in keras.values())
        parts.append(f"{LEGACY} does not reach code that imports keras itself: it holds {held}")
    return "; ".join(parts)[: 2 * LONGEST_REASON]


def portable(cell: Mapping[str, Any], root: str) -> dict[str, Any]:
    """Return the cell as it may be published: the checkout is ".", the Python's home "…".

    The name of the machine is left out.

    A record may have been made in another checkout than ``root``; its traceback tells in which.
    """
    checkouts = sorted({root, *_CHECKOUT.findall(cell["traceback"])}, key=len, reverse=True)

    def plain(text: str) -> str:
        for checkout in checkouts:
            text = text.replace(checkout, ".")
        return HOST_NAME.sub("<host>", _PYTHON_HOME.sub("…/lib/python3", text))

    return dict(cell) | {name: plain(cell[name]) for name in ("message", "traceback", "where")}


def canonical_signature(signatures: Mapping[str, Any]) -> str:
    """Return the one line that stands for an artifact's signatures in every table."""
    return format_signatures(
        {
            name: Signature(_specs(signature["inputs"]), _specs(signature["outputs"]))
            for name, signature in signatures.items()
        }
    )


def _specs(tensors: Mapping[str, Any]) -> dict[str, Spec]:
    return {
        key: Spec(_kind(info) + _dtype(info["dtype"]), _shape(info["shape"]))
        for key, info in tensors.items()
    }


def _kind(info: Mapping[str, Any]) -> str:
    """Return "ragged_" or "sparse_" for what is no plain tensor."""
    return f"{info['composite']}_" if info.get("composite") else ""


def _dtype(name: str) -> str:
    short = name.removeprefix("DT_")
    return DTYPES.get(short, short.lower())


def _shape(shape: list[int] | None) -> tuple[int, ...] | None:
    return None if shape is None else tuple(shape)
