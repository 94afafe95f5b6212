"""A plugin that asks a version for what it does not have: the harness's fault, never the case's.

Remedies, loaders and converters are code of the harness, written for all versions at once. Where
one passes an argument that the version's function does not take, or asks a module or a class of the
library for a name that it lacks, a user of that version would not have typed it. Such an exception
is told from the library's own by where it was raised: in the plugin's file itself.
"""

from __future__ import annotations

import contextlib
import re
import traceback
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from savedmodel_matrix.host.outcome import NotRun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from savedmodel_matrix.host.outcome import Stages

# How Python says that a call does not fit the function's parameters.
_DOES_NOT_FIT = re.compile(
    r"got an unexpected keyword argument"
    r"|got some positional-only arguments passed as keyword"
    r"|got multiple values for (keyword )?argument"
    r"|missing \d+ required (positional|keyword-only) argument"
    r"|takes (no|from \d+|exactly|at most|at least|\d+) .*argument"
    r"|takes no keyword arguments"
    r"|is an invalid keyword argument for"
)
_LOOKING_UP = ("__getattr__", "__getattribute__")  # of a package that is imported on first use
_WRAPPER = "error_handler"  # what TensorFlow and Keras put around public functions
LIBRARIES = ("tensorflow", "keras", "tf_keras", "openvino", "onnxruntime", "ai_edge_litert")


@contextlib.contextmanager
def calls_of(plugin: str, stages: Stages) -> Iterator[None]:
    """Run a plugin's code; raise NotRun where its own call is one that this version does not have.

    ``plugin`` is the path of its file. Every other exception passes through as it is.
    """
    try:
        yield
    except (TypeError, AttributeError) as error:
        if is_misuse(error, plugin):
            name = Path(plugin).name
            raise NotRun(
                stages.current,
                f"{name} asks this version for what it does not have: {error}",
            ) from error
        raise


def is_misuse(error: Exception, plugin: str) -> bool:
    """Say whether ``error`` was raised in the plugin's file by a call that this version lacks."""
    frames = list(traceback.extract_tb(error.__traceback__))
    if isinstance(error, AttributeError):
        while frames and frames[-1].name in _LOOKING_UP:
            frames.pop()
        return _ends_in(frames, plugin) and _is_of_a_library(error.obj)
    said = str(error)
    if not isinstance(error, TypeError) or not _DOES_NOT_FIT.search(said):
        return False
    if _ends_in(frames, plugin):
        return True
    while frames and frames[-1].name == _WRAPPER:
        frames.pop()
    called = said.partition("(")[0].rpartition(".")[2] + "("
    return _ends_in(frames, plugin) and called in (frames[-1].line or "")


def _ends_in(frames: list[traceback.FrameSummary], plugin: str) -> bool:
    return bool(frames) and frames[-1].filename == plugin


def _is_of_a_library(value: object) -> bool:
    """Say whether a module, a class or an object is the library's own, and not the case's."""
    if isinstance(value, ModuleType):
        name = value.__name__
    else:
        name = (value if isinstance(value, type) else type(value)).__module__
    return name.partition(".")[0] in LIBRARIES
