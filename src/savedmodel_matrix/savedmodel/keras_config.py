"""What a Keras config asks a process to run or to import when the model is loaded.

The config of a `.keras` or `.h5` file names classes and functions, and may hold Python code. None
of it is run or imported here: code is looked at as bytes. What is known to be misused: marshalled
lambdas (CVE-2024-3660), any module by name (CVE-2025-1550), functions of Keras itself that
download, load or switch the safe mode off (CVE-2025-8747, CVE-2025-9906), safe_mode that `.h5`
ignores (CVE-2025-9905), vocabularies read from any path (CVE-2025-12058).
"""

from __future__ import annotations

import base64
import binascii
import builtins
import json
import re
import sys
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.savedmodel.diagnosis import Finding
from savedmodel_matrix.savedmodel.windows import DamagedFile

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 1 << 24  # bytes of a config; those of large models have some hundred thousand
_KERAS = {"keras", "tf_keras", "keras_core"}
_SERVING = {"keras_hub", "keras_nlp", "keras_cv", "tensorflow_hub"}
# How Keras 2 names its own optimizers, as if somebody had registered them.
_OWN = {
    f"Custom>{name}"
    for name in (
        *("Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lion", "Nadam"),
        *("RMSprop", "SGD"),
    )
}
_PLAIN = {"collections", "datetime", "enum", "math", "typing"}  # of the standard library
_HARMFUL = {
    *("asyncio", "builtins", "code", "codeop", "commands", "ctypes", "ftplib", "http", "imp"),
    *("importlib", "io", "marshal", "multiprocessing", "nt", "ntpath", "os", "pathlib", "pdb"),
    *("pickle", "platform", "posix", "pty", "pydoc", "runpy", "shutil", "smtplib", "socket"),
    *("subprocess", "sys", "tempfile", "timeit", "urllib", "webbrowser", "zipfile", "zipimport"),
}
_KERAS_GADGETS = {"config", "models", "saving", "utils", "datasets", "preprocessing", "export"}
_RUNS_CODE = {
    *("Popen", "__import__", "breakpoint", "builtins", "compile", "ctypes", "environ", "eval"),
    *("exec", "getattr", "globals", "importlib", "marshal", "open", "os", "pickle", "popen"),
    *("posix", "pty", "remove", "requests", "rmtree", "run", "runpy", "shutil", "socket", "spawn"),
    *("subprocess", "sys", "system", "unlink", "urllib", "urlopen", "write_file", "read_file"),
}
_TENSORFLOW = re.compile(
    r"^(tensorflow\.)?(compat\.v1\.)?(io\.|raw_ops\.|load_|saved_model|py_func|numpy_function"
    r"|data\.|train\.|distribute|debugging|print|sysconfig|config)"
)
_NAME = re.compile(rb"[A-Za-z_][A-Za-z0-9_]+")
_MARSHALLED = re.compile(r"^\s*[4Y]w[A-P]")
_PICKLED = re.compile(r"^\s*gA[IJKMQSUV]")
_NO_LAMBDA = (
    "load it only if you trust who wrote it; with a named function or layer in place of the "
    "lambda, registered by keras.saving.register_keras_serializable(), safe_mode=True takes it"
)
_DISTRUST = "do not load it"
_CUSTOM = "keras.models.load_model(PATH, custom_objects={…}), or import what registers them first"
_MOST = 20  # findings of one rule
_SHORTEST_CODE = 16  # characters
_KEY, _LONGEST_PLACE = 100, 300  # characters of a place that are shown
_DONE = object()


def parse(data: bytes, name: str) -> Any:
    """Return the JSON of a file or attribute. Raises DamagedFile."""
    if len(data) > LARGEST:
        raise DamagedFile(f"{name} has {len(data):,} bytes, more than the {LARGEST:,} allowed")
    try:
        return json.loads(data)
    except RecursionError:
        raise DamagedFile(f"{name} is nested too deep") from None
    except ValueError as error:  # not JSON, or not UTF-8
        said = " ".join(str(error).split())[:200]
        raise DamagedFile(f"{name} is not JSON: {said}") from None


def of_config(config: Any, file: str) -> list[Finding]:
    """Return what a config asks to run or import, worst first in each rule."""
    found: list[Finding] = []
    custom: dict[str, str] = {}
    for place, node in _nodes(config):
        if isinstance(node, str):
            found += _of_text(node, place, file)
        else:
            found += _of_object(node, place, file, custom)
    counts: dict[str, int] = {}
    kept = []
    for finding in found:
        counts[finding.rule] = counts.get(finding.rule, 0) + 1
        if counts[finding.rule] <= _MOST:
            kept.append(finding)
    if custom:
        names = sorted(custom)
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        said = f"{file} needs what is not Keras's own: {', '.join(names[:5])}{more}"
        kept.append(
            Finding("custom-object", "low", "load", said, {"objects": names[:100]}, _CUSTOM)
        )
    return kept


def _nodes(config: Any) -> Iterator[tuple[str, Any]]:
    """Yield every object, and every text that may be code, with its place in the config."""
    path: list[str] = []
    stack = [iter([("", config)])]
    while stack:
        key, value = next(stack[-1], ("", _DONE))
        if value is _DONE:
            stack.pop()
            if path:
                path.pop()
        elif isinstance(value, dict):
            path.append(key)
            if "class_name" in value:
                yield _place(path), value
            stack.append(((f".{k}", v) for k, v in value.items()))
        elif isinstance(value, list):
            path.append(key)
            stack.append(((f"[{i}]", v) for i, v in enumerate(value)))
        elif isinstance(value, str) and len(value) > _SHORTEST_CODE:
            yield _place([*path, key]), value


def _place(path: list[str]) -> str:
    place = "".join(part[:_KEY] for part in path).lstrip(".")
    return place if len(place) <= _LONGEST_PLACE else f"…{place[-_LONGEST_PLACE:]}"


def _of_text(value: str, place: str, file: str) -> Iterator[Finding]:
    if _MARSHALLED.match(value) and (code := _decoded(value)) and _is_code(code):
        yield _lambda(code, place, file)
    elif _PICKLED.match(value) and len(value) > 16 and _decoded(value):
        said = f"{file} holds a pickle at {place}: loading one can run any code"
        yield Finding("pickle", "critical", "load", said, {"place": place}, _DISTRUST)


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=False)
    except (binascii.Error, ValueError):
        return b""


def _is_code(data: bytes) -> bool:
    """Say whether bytes begin as marshal writes a code object: its type, and small counts."""
    return data[:1] in {b"\xe3", b"c"} and len(data) > 20 and data[2:5] == b"\0\0\0"


def _lambda(code: bytes, place: str, file: str) -> Finding:
    names = sorted({n.decode() for n in _NAME.findall(code)} & _RUNS_CODE)
    said = f"{file} holds Python code at {place}: a lambda, as bytes that are run with the model"
    if names:
        said += f"; it names {', '.join(names[:8])}"
    evidence = {"place": place, "names": names}
    severity = "critical" if names else "high"
    return Finding("lambda", severity, "load", said, evidence, _DISTRUST if names else _NO_LAMBDA)


def _of_object(
    node: dict[str, Any], place: str, file: str, custom: dict[str, str]
) -> Iterator[Finding]:
    kind, config = node.get("class_name"), node.get("config")
    if not isinstance(kind, str):
        return
    inside = config if isinstance(config, dict) else {}
    if kind == "__lambda__":
        code = inside.get("code")
        decoded = _decoded(code) if isinstance(code, str) else b""
        if not _is_code(decoded):  # else it is found as text
            yield _lambda(decoded, f"{place}.config.code", file)
    yield from _of_layer(kind.rpartition(">")[2], inside, place, file, custom)
    module, name = node.get("module"), config if kind == "function" else kind
    if isinstance(module, str) and isinstance(name, str):
        yield from _reference(module, name, place, file, custom)
    for one in (kind, node.get("registered_name")):
        if isinstance(one, str) and ">" in one and one not in _OWN:
            custom[one] = place


def _of_layer(
    plain: str, inside: dict[str, Any], place: str, file: str, custom: dict[str, str]
) -> Iterator[Finding]:
    """Yield what layers of Keras are made to do that is not computing."""
    if plain == "Lambda" and isinstance(function := inside.get("function"), str):
        module = inside.get("module")
        yield from _reference(str(module or ""), function, place, file, custom)
    elif plain in {"TFOpLambda", "SlicingOpLambda", "ClassMethod", "InstanceMethod"}:
        yield from _of_tensorflow(str(inside.get("function") or inside.get("method")), place, file)
    elif plain == "TorchModuleWrapper":
        said = f"{file} holds a pickled PyTorch module at {place}: loading it can run any code"
        yield Finding("pickle", "critical", "load", said, {"place": place}, _DISTRUST)
    elif plain == "TFSMLayer":
        said = f"{file} loads a SavedModel from {str(inside.get('filepath'))!r} (at {place})"
        yield Finding("outside-file", "high", "load", said, {"place": place}, _DISTRUST)
    yield from _of_vocabulary(plain, inside, place, file)


def _reference(
    module: str, name: str, place: str, file: str, custom: dict[str, str]
) -> Iterator[Finding]:
    """Yield what is wrong with importing a module and taking a name from it."""
    root, severity = module.partition(".")[0], ""
    function = name[:1].islower() or name[:1] == "_"
    if root in _KERAS:
        parts = [part for part in module.split(".")[1:] if part not in {"src", "api", "_v2"}]
        if function and parts and parts[0] in _KERAS_GADGETS:
            severity = "critical"
    elif root == "builtins":
        if hasattr(builtins, name) and name not in {"abs", "max", "min", "pow", "round", "sum"}:
            severity = "critical"
    elif root == "tensorflow":
        yield from _of_tensorflow(f"{module.partition('.')[2]}.{name}".lstrip("."), place, file)
    elif root in _HARMFUL:
        severity = "critical"
    elif root in sys.stdlib_module_names and root not in _PLAIN:
        severity = "high"
    elif root and root not in _SERVING | _PLAIN:
        custom[f"{module}.{name}"] = place
    if severity:
        said = f"{file} refers to {module}.{name} at {place}, which is nothing that a model needs"
        evidence = {"place": place, "module": module, "name": name}
        yield Finding("module-reference", severity, "load", said, evidence, _DISTRUST)


def _of_tensorflow(function: str, place: str, file: str) -> Iterator[Finding]:
    if _TENSORFLOW.match(function):
        said = f"{file} calls tensorflow.{function.removeprefix('tensorflow.')} at {place}"
        evidence = {"place": place, "function": function}
        yield Finding("module-reference", "critical", "load", said, evidence, _DISTRUST)


def _of_vocabulary(kind: str, config: dict[str, Any], place: str, file: str) -> Iterator[Finding]:
    """Yield a vocabulary that is a path: Keras reads the file when the layer is made."""
    value = config.get("vocabulary")
    if not isinstance(value, str) or not value:
        return
    paths = (PurePosixPath(value), PureWindowsPath(value))
    leaves = any(p.is_absolute() or ".." in p.parts for p in paths) or "://" in value
    said = f"{file} has {kind} read its vocabulary from {value!r} when it is loaded (at {place})"
    evidence = {"place": place, "path": value}
    remedy = "save the layer again with its vocabulary as a list"
    yield Finding("outside-file", "high" if leaves else "low", "load", said, evidence, remedy)
