"""Which way of saving a TensorFlow or Keras model works, and what an artifact on disk is worth.

``diagnose(directory)`` and ``repair(directory, out)`` read and mend a SavedModel, and need no
TensorFlow.

This file is loaded inside environments under test too: standard library only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from savedmodel_matrix.savedmodel.diagnose import diagnose
    from savedmodel_matrix.savedmodel.diagnosis import Diagnosis, Finding
    from savedmodel_matrix.savedmodel.errors import RepairRefused, UnreadableArtifact
    from savedmodel_matrix.savedmodel.repair import Repair, repair

__version__ = "0.1.0"

__all__ = [
    "Diagnosis",
    "Finding",
    "Repair",
    "RepairRefused",
    "UnreadableArtifact",
    "__version__",
    "diagnose",
    "repair",
]

_FROM = {
    "diagnose": "diagnose",
    "Diagnosis": "diagnosis",
    "Finding": "diagnosis",
    "Repair": "repair",
    "repair": "repair",
    "RepairRefused": "errors",
    "UnreadableArtifact": "errors",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is: protobuf takes a while, and may not be there."""
    if name not in _FROM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib  # noqa: PLC0415

    module = importlib.import_module(f"{__name__}.savedmodel.{_FROM[name]}")
    return getattr(module, name)
