"""A case saved in some way, as a script that runs as it stands: nothing of the matrix is in it.

It is the case's program, what checks the result, and the way of saving, one after the other: so a
page can show the first two once for all ways. A script ends with exit status 0 if what it saved
computes the same in Python's loader.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import jinja2

from savedmodel_matrix.views.plain_case import plain_case

if TYPE_CHECKING:
    from savedmodel_matrix.views.plain_case import PlainCase

_TOLERANCES = "{2: (1e-2, 1e-2), 4: (1e-5, 1e-6), 8: (1e-7, 1e-9)}"  # by the bytes of a number
_OF_A_MODEL = frozenset({"model-export", "keras-file", "h5-file", "weights-only"})
GAP = "\n\n"  # between the program and the check
_OWN_COMMAND = frozenset({"repair"})  # ways of saving that are commands of this package
# What scripts call their own things: a case that has one of these would find another in its place.
_OURS = frozenset(
    {"named", "call_model", "expected", "compare", "in_order", "LOAD", "check", "export"}
    | {"held", "archive", "specs", "arguments", "variables", "raw", "loaded", "again"}
    | {"CONVERT", "LOADS_WITH", "wanted"}
)
_PARTS = ("program", "check", "parts", "reproduce")
PYTHON = "tf.saved_model.load"
_LOAD, _READ = "load-", "read-"  # what reads in the other process: a SavedModel, what Keras wrote
_LOADS = {PYTHON: "python", "libtensorflow": "session", "saved_model_cli": "session"}
_LOADS |= {"frozen-graph": "python", "TFSMLayer": "tfsm-layer"}
_LOADS |= {"openvino": "openvino", "onnxruntime": "onnxruntime"}
_INTERPRETERS = {  # of what TensorFlow's converter makes, by loader
    "tflite": "import tensorflow as tf\n\nInterpreter = tf.lite.Interpreter",
    "litert": "from ai_edge_litert.interpreter import Interpreter",
    "tflite-runtime": "from tflite_runtime.interpreter import Interpreter",
}
_LOADS |= dict.fromkeys(_INTERPRETERS, "tflite")
_ELSEWHERE = frozenset({"openvino", "onnxruntime", "litert", "tflite-runtime"})
READS = {  # what reads what is no SavedModel, by remedy
    "keras-file": "keras.models.load_model",
    "h5-file": "keras.models.load_model",
    "weights-only": "model.load_weights",
    "checkpoint": "Checkpoint.restore",
}


@dataclass(frozen=True)
class PlainScript:
    """A script in the parts that are shown one after the other."""

    settings: str  # lines before everything else; empty if there are none
    program: str
    check: str
    save: str
    command: bool  # it calls the command savedmodel-matrix

    @property
    def text(self) -> str:
        """The whole script."""
        return f"{self.settings}{self.program}{GAP}{self.check}{self.save}"


@cache
def known_ways() -> frozenset[str]:
    """Return the ways of saving that can be written as plain scripts."""
    names = (name.removesuffix(".jinja") for name in templates().list_templates())
    return frozenset(n for n in names if n not in _PARTS and not n.startswith((_LOAD, _READ)))


@cache
def plain_script(
    text: str,
    remedy: str,
    settings: tuple[tuple[str, str], ...] = (),
    loader: str = "",
    *,
    apart: bool = False,
    signature: bool = False,
) -> PlainScript | None:
    """Return the script that saves the case in ``text`` under a remedy, and loads that again.

    ``settings`` are the environment variables that the remedy needs; ``loader`` is Python's own for
    what the remedy writes, unless it is stated. libtensorflow and saved_model_cli are a V1 session.
    With ``apart`` another Python loads, which the environment variable LOADS_WITH names; runtimes
    that TensorFlow does not bring have no script without it. With ``signature`` it prints what the
    signatures of a SavedModel take and return. Returns None where remedy or loader
    have no plain form, or the source is not one that a script can be made from.
    """
    usual = READS.get(remedy, PYTHON)
    loader = loader or usual
    case = plain_case(text)
    if case is None or case.bound & _OURS or remedy not in known_ways():
        return None
    if loader != usual and (remedy in READS or loader not in _LOADS):
        return None
    if loader in _ELSEWHERE and not apart:
        return None
    own_model = "as_model" in case.functions or not case.module
    if remedy in _OF_A_MODEL and not own_model:
        return None
    values = _values(case) | {
        "apart": apart,
        "signature": signature,
        "load": f"{_LOAD}{_LOADS.get(loader, _LOADS[PYTHON])}.jinja",
        "reading": f"{_READ}{remedy}.jinja" if remedy in READS else "",
        "converted": loader in _INTERPRETERS,
        "interpreter": _INTERPRETERS.get(loader, ""),
        "frozen": loader == "frozen-graph",
    }
    lines = [f"os.environ[{name!r}] = {value!r}\n" for name, value in settings]
    if lines and case.future:
        return None  # nothing may come before an import from __future__
    told = ["import os\n\n", "# Before TensorFlow is imported.\n", *lines, "\n"] if lines else []
    program, check, save = (
        templates().get_template(f"{name}.jinja").render(values)
        for name in ("program", "check", remedy)
    )
    return PlainScript("".join(told), program, check, save.lstrip("\n"), remedy in _OWN_COMMAND)


def _values(case: PlainCase) -> dict[str, Any]:
    """Return what the templates say of a case."""
    lines = {"np": "import numpy as np", "tf": "import tensorflow as tf"}
    functions = ""
    if "signatures" in case.functions:
        functions = f"signatures({case.name})"
        if not case.mapping:
            functions = f'{{"serving_default": {functions}}}'
    elif case.served:
        functions = f'{{"serving_default": {case.name}.{case.served}}}'
    return {
        "case": case,
        "needed": [line for name, line in lines.items() if name not in case.imports],
        "obj": case.name,
        "functions": functions,
        "stated": "signatures" in case.functions,
        "inputs": f'inputs["{case.nested[0]}"]' if case.nested else "inputs",
        "passed": "*inputs.values()" if len(case.inputs) == 1 else "**inputs",
        "arguments": "*given.values()" if one_by_one(case) else "given",
        "one_by_one": one_by_one(case),
        "calls_model": not functions or "as_model" in case.functions or not case.module,
        "tolerance": _tolerance(case.tolerance),
    }


def one_by_one(case: PlainCase) -> bool:
    """Say whether the inputs of a model are arguments of their own."""
    first = (case.call or ())[: len(case.inputs)]
    return len(case.inputs) == 1 or first == case.inputs


def _tolerance(stated: str) -> str:
    """Return the lines that bind rtol and atol; a number that a case states is the relative one."""
    usual = f"rtol, atol = {_TOLERANCES}[value.dtype.itemsize]"
    if not stated:
        return usual
    indent = "\n" + 12 * " "
    if stated.startswith("{"):
        own = 'own.get("rtol", rtol), own.get("atol", atol)'
        return f"{usual}{indent}own = {stated}{indent}rtol, atol = {own}"
    return f"{usual}{indent}rtol = {stated}"


@cache
def templates() -> jinja2.Environment:
    """Return the templates that scripts are made of."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("savedmodel_matrix.views", "scripts"),
        autoescape=False,  # noqa: S701 - Python, which pages escape as all other text
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
