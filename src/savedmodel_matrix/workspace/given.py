"""An artifact that was there before, as a case: it is loaded, and saved by being copied.

So it runs through the same loaders, is judged by the same rules, and is known again as long as
its files are as they were.
"""

from __future__ import annotations

import hashlib
import io
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from savedmodel_matrix.model.files import write_files

if TYPE_CHECKING:
    from pathlib import Path

    from savedmodel_matrix.workspace.feeds import Signatures

_CASE = '''"""{title} {shown}."""

import shutil
from pathlib import Path

import numpy as np
import tensorflow as tf

ARTIFACT = {artifact!r}  # what is loaded everywhere
ORIGINAL = {original!r}
ARRAYS = Path(__file__).with_suffix("")
KEYS = {keys!r}
EXPECTED = {expected!r}
inputs = {{
    name: {{key: np.load(ARRAYS / file, allow_pickle=False) for key, file in files.items()}}
    for name, files in KEYS.items()
}}


def build():
    for file in Path(ORIGINAL).rglob("*"):  # opened, so that a change of it is noticed
        if file.is_file():
            file.open("rb").close()
    return {built}


def signatures(built):
    def of(name):
        def run(given=None):
{run}

        return run

    return {{name: of(name) for name in KEYS}}


def save(built, directory):
    shutil.copytree(ARTIFACT, directory, dirs_exist_ok=True)
'''
_LOADED = {
    "title": "What tf.saved_model.load computes of",
    "built": 'tf.saved_model.load(ORIGINAL, tags=["serve"])',
    "run": """\
            fed = given if len(KEYS[name]) > 1 else dict.fromkeys(KEYS[name], given)
            tensors = {key: tf.convert_to_tensor(value) for key, value in fed.items()}
            return built.signatures[name](**tensors)""",
}
_STATED = {
    "title": "What its owner expects of",
    "built": "tf.Module()",
    "run": """\
            return {
                key: tf.constant(np.load(ARRAYS / file, allow_pickle=False))
                for key, file in EXPECTED[name].items()
            }""",
}


def case_name(artifact: Path, original: Path | None = None) -> str:
    """Return the name of an artifact's case: its own, and eight digits of where it lies."""
    own = re.sub(r"\W+", "_", artifact.resolve().name, flags=re.ASCII).strip("_").lower()
    places = "\0".join(str(one.resolve()) for one in (artifact, original) if one)
    where = hashlib.sha256(places.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{own[:40] or 'artifact'}_{where[:8]}"


def write_case(
    directory: Path,
    artifact: Path,
    feeds: Signatures,
    expected: Signatures | None = None,
    *,
    original: Path | None = None,
) -> str:
    """Write the case of an artifact into a directory of ours, and return its name.

    Without ``expected``, the signatures of the original as Python loads it say what is expected;
    that is the artifact itself, unless another is named.
    """
    name = case_name(artifact, original)
    files: dict[Path, bytes] = {}

    def named(kind: str, arrays: Signatures) -> dict[str, dict[str, str]]:
        stated: dict[str, dict[str, str]] = {}
        for signature, of_it in sorted(arrays.items()):
            stated[signature] = {}
            for key, array in sorted(of_it.items()):
                file = f"{kind}-{len(files)}.npy"
                buffer = io.BytesIO()
                np.save(buffer, array, allow_pickle=False)
                files[directory / name / file] = buffer.getvalue()
                stated[signature][key] = file
        return stated

    values: dict[str, Any] = {
        "shown": ascii(artifact.resolve().name)[1:-1].replace('"', "'"),
        "artifact": str(artifact.resolve()),
        "original": str((original or artifact).resolve()),
        "keys": named("input", feeds),
    }
    values["expected"] = {} if expected is None else named("expected", expected)
    text = _CASE.format(**values, **(_LOADED if expected is None else _STATED))
    (directory / name).mkdir(parents=True, exist_ok=True)
    files[directory / f"{name}.py"] = text.encode("utf-8", "surrogateescape")
    # What is there already stays as it is, so that its outcomes are known.
    new = {path: data for path, data in files.items() if _content(path) != data}
    write_files(new)
    return name


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
