"""A plain script that shows both sides of a change with uv alone, none of this project.

The case is copied whole, with what a person would type to save and to load it below. Only ways that
a few plain lines can say are written; of any other there is no script, which callers then say.
"""

from __future__ import annotations

import ast
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.views.plain_script import plain_script

if TYPE_CHECKING:
    from collections.abc import Mapping

SIDES = ("before", "after")
_FILE = 'directory + "/model.keras"'

# What saves, by remedy. `{model}` is the object, or the model that the case makes of it.
_SAVING = {
    "model-export": "{model}.export(directory)",
    "keras-file": "os.mkdir(directory)\n    {model}.save(" + _FILE + ")",
}
_SAVED_MODEL = """\
loaded = tf.saved_model.load(directory)
    for name, function in loaded.signatures.items():
        wanted = function.structured_input_signature[1]
        arrays = inputs.get(name, inputs) if isinstance(inputs, dict) else inputs
        found = function(**{key: fed(key, spec, arrays) for key, spec in wanted.items()})
        for key, value in found.items():
            check(name + "/" + key, value, {expected})"""
# What loads, by loader: all indented as the script's main part is.
_LOADING = {
    "tf.saved_model.load": _SAVED_MODEL,
    "keras.models.load_model": (
        "loaded = tf.keras.models.load_model(" + _FILE + ")\n"
        "    for number, value in enumerate(tf.nest.flatten(call(loaded))):\n"
        "        check(str(number), value, {expected})"
    ),
}
_SCRIPT = '''

# What is tried: saved, loaded again, and the numbers compared.


{helper}

def fed(key, spec, arrays):
    """Return the array that a signature calls by this name, or the one of its dtype and shape."""
    if key in arrays:
        return tf.constant(arrays[key])
    fitting = [a for a in map(tf.constant, arrays.values()) if spec.is_compatible_with(a)]
    return fitting[0]


def check(name, value, expected):
    """End with status 3 if none of the expected arrays is near an output."""
    shaped = [one for one in map(np.asarray, expected) if one.shape == value.shape]
    errors = [float(np.max(np.abs(one - np.asarray(value)), initial=0)) for one in shaped]
    print(name, value.shape, "largest error", min(errors, default="unknown: no such output"))
    if not any(np.allclose(one, value, rtol=1e-4, atol=1e-5) for one in shaped):
        sys.exit(3)


if __name__ == "__main__":
    import os
    import sys
    import tempfile

    import keras
    import numpy as np
    import tensorflow as tf

    print("TensorFlow", tf.__version__, "Keras", keras.__version__, "NumPy", np.__version__)
    tf.random.set_seed(0)
    obj = build()
    directory = tempfile.mkdtemp() + "/saved"
    {saving}
    print("saved")
    {loading}
'''
_CALL = '''\
def call(obj):
    """Call a model on the sample inputs."""
    values = list(inputs.values())
    return obj(values[0] if len(values) == 1 else inputs)
'''
_OF_SIGNATURES = '''\
def expected_of(obj, name):
    """Call the function that serves by this name, as the case states it."""
    functions = signatures(obj)
    function = functions[name] if isinstance(functions, dict) else functions
    arrays = inputs.get(name, inputs)
    return tf.nest.flatten(function(**{key: tf.constant(a) for key, a in arrays.items()}))
'''
_RUN = """\
#!/bin/sh
# {title}
# Needs uv (and what it may download) and nothing else. Environments are made beside this file.
cd "$(dirname "$0")" || exit 2
command -v uv > /dev/null || { echo "uv is not on PATH: pip install uv" >&2; exit 2; }
{exports}for side in before after; do
    uv venv --quiet --allow-existing --no-project --python {python} "venv-$side" || exit 2
    uv pip sync --quiet --python "venv-$side/bin/python" "$side.txt" || exit 2
    echo "== $side: $(head -n 1 "$side.txt")"
    "venv-$side/bin/python" reproduce.py
    echo "exit status $?"
done
"""


@dataclass(frozen=True)
class Told:
    """What a script is made of: a case's code, how it is saved and loaded, and both environments.

    ``heads`` say of each side what it is, a line; ``packages`` are its versions by name.
    """

    source: str
    remedy: str
    loader: str
    python: str
    title: str
    heads: tuple[str, str]
    packages: tuple[Mapping[str, str], Mapping[str, str]]
    variables: Mapping[str, str]


def script(source: str, remedy: str, loader: str) -> str:
    """Return the Python script, "" where none of this project's can say how it is saved or loaded.

    A few lines below the case where that is enough, else the script that a case's page has.
    """
    names = _names(source)
    model = "as_model(obj)" if "as_model" in names else "obj"
    own = "signatures(obj)" if "signatures" in names else ""
    if remedy == "as-written":
        more = f", signatures={own}" if own else ""
        plain = f"tf.saved_model.save(obj, directory{more})"
        saving = "save(obj, directory)" if "save" in names else plain
    else:
        saving = _SAVING.get(remedy, "").replace("{model}", model)
    loading = _LOADING.get(loader, "")
    if not saving or not loading or names & {"call", "check", "expected_of", "fed"}:
        whole = plain_script(source, remedy, (), loader)
        return whole.text if whole and not whole.command else ""
    by_signature = own and remedy == "as-written"
    expected = "expected_of(obj, name)" if by_signature else f"tf.nest.flatten(call({model}))"
    parts = {
        "helper": _OF_SIGNATURES if by_signature else _CALL,
        "saving": saving,
        "loading": loading.replace("{expected}", expected),
    }
    body = _SCRIPT
    for name, text in parts.items():
        body = body.replace("{" + name + "}", text)
    return source.rstrip() + "\n" + body


def files(told: Told) -> dict[str, str]:
    """Return the files of a reproduction by name, none where there is no script."""
    python = script(told.source, told.remedy, told.loader)
    if not python:
        return {}
    exports = "".join(
        f"export {name}={shlex.quote(value)}\n" for name, value in sorted(told.variables.items())
    )
    pins = {
        f"{side}.txt": f"# {head}\n" + "".join(f"{n}=={v}\n" for n, v in sorted(packages.items()))
        for side, head, packages in zip(SIDES, told.heads, told.packages, strict=True)
    }
    run = _RUN.replace("{title}", told.title).replace("{python}", told.python)
    return {"reproduce.py": python, "reproduce.sh": run.replace("{exports}", exports), **pins}


def _names(source: str) -> set[str]:
    """Return the functions and classes that a module defines at its top, and what it imports."""
    found: set[str] = set()
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {one.id for one in node.targets if isinstance(one, ast.Name)}
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {(one.asname or one.name).partition(".")[0] for one in node.names}
    return found
