"""What an artifact that is no SavedModel holds, and who reads it, in a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from savedmodel_matrix.views.harmless import one_line

if TYPE_CHECKING:
    from savedmodel_matrix.savedmodel.diagnosis import Diagnosis, LoaderVerdict, Weight

_LISTED = 8  # weights or operators, before the rest is counted
_TFLITE = {"tflite", "litert"}


def contents(diagnosis: Diagnosis) -> Text:
    """Return weights, operators and runtimes; nothing for a SavedModel."""
    text = Text()
    for weight in diagnosis.weights[:_LISTED]:
        text.append(f"    {one_line(_weight(weight))}\n")
    if len(diagnosis.weights) > _LISTED:
        size = sum(weight.size for weight in diagnosis.weights)
        text.append(f"    … {len(diagnosis.weights)} weights in all, {size:,} bytes\n")
    if diagnosis.operators:
        named = [f"{name} {version}" for name, version in sorted(diagnosis.operators.items())]
        more = f" and {len(named) - _LISTED} more" if len(named) > _LISTED else ""
        text.append(f"    operators: {one_line(', '.join(named[:_LISTED]))}{more}\n")
    for name, loader in diagnosis.loaders.items():
        if name in _TFLITE:
            text.append(f"    {name} {one_line(_loader(loader))}\n")
    return text


def _weight(weight: Weight) -> str:
    return f"{weight.name} {weight.dtype}[{','.join(str(dim) for dim in weight.shape)}]"


def _loader(loader: LoaderVerdict) -> str:
    since = f", from TensorFlow {loader.since} on" if loader.since else ""
    return f"{loader.verdict}{since}: {loader.because}"
