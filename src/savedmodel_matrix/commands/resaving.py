"""What `repair --resave` does: an artifact is loaded and saved again by its own TensorFlow.

The second way, for what cannot be repaired in its file. It runs the artifact, and the result is a
new one: graphs are written again, with other names of nodes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.commands.maintenance import run_install
from savedmodel_matrix.commands.ready import SERVE, diagnosed, ready
from savedmodel_matrix.engine.processes import VARIABLES
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.savedmodel.contract import differences
from savedmodel_matrix.savedmodel.diagnose import examine
from savedmodel_matrix.savedmodel.errors import UnreadableArtifact
from savedmodel_matrix.views.harmless import one_line

if TYPE_CHECKING:
    from pathlib import Path

    from savedmodel_matrix.savedmodel.contract import Difference
    from savedmodel_matrix.savedmodel.diagnosis import Diagnosis
    from savedmodel_matrix.workspace.project import Project

# Standard library and TensorFlow alone: it runs in an environment under test.
SCRIPT = """\
import sys
import tensorflow as tf

loaded = tf.saved_model.load(sys.argv[1], tags=["serve"])
tf.saved_model.save(loaded, sys.argv[2], signatures=dict(loaded.signatures))
"""
SECONDS = 1800  # that loading and saving may take
_METADATA = "keras_metadata.pb"


@dataclass(frozen=True)
class Resaved:
    """What was saved again, in which environment, and what the result has no longer."""

    source: str
    result: str
    environment: str
    lost: tuple[str, ...]
    differences: tuple[Difference, ...]  # as a client sees them
    after: Diagnosis


def losses(source: Path, found: Diagnosis) -> tuple[str, ...]:
    """Return what loading and saving again does not keep of an artifact."""
    lost = ["the names of nodes and functions", "fingerprint.pb, which is made for the new graph"]
    if (source / _METADATA).exists():
        lost.append("what Keras 2 kept, so keras.models.load_model gives no Keras model any more")
    tags = {one.tags for one in found.signatures if one.tags != SERVE}
    lost += [f"the MetaGraph tagged {', '.join(one) or 'nothing'}" for one in sorted(tags)]
    return tuple(lost)


def resave(project: Project, source: Path, target: Path, *, trust: bool) -> Resaved:
    """Load an artifact and save it again, into `target`, which must not exist.

    It runs in the environment of the TensorFlow that wrote it, else of the next newer, which is
    installed if it is not there. Raises UserError where the artifact cannot be read, is not safe
    and not trusted, or does not load, and where `target` cannot be written; then nothing is.
    """
    if os.path.lexists(target):
        raise UserError(f"{target} exists already: name a directory that does not.")
    if source.resolve() in target.resolve().parents:
        raise UserError(f"{target} lies in {source}: name a directory outside of it.")
    found = diagnosed(source, trusted=trust)
    name = ready(project, source, found, "").reference
    if run_install(project, [name]):
        raise UserError(f"{name} could not be installed, so {source} was not saved again.")
    beside = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _run(project, name, source.absolute(), beside.absolute())
        if os.path.lexists(target):
            raise UserError(f"{target} exists already: name a directory that does not.")
        beside.rename(target)
        after = examine(target)
    except OSError as error:
        said = error.strerror or error
        raise UserError(f"{error.filename or target} cannot be written: {said}.") from error
    except UnreadableArtifact as error:
        raise UserError(f"{error}.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    changed = tuple(differences(found, after))
    lost = losses(source, found)
    return Resaved(os.fspath(source), os.fspath(target), name, lost, changed, after)


def _run(project: Project, name: str, source: Path, beside: Path) -> None:
    environment = project.environments[name]
    with tempfile.TemporaryDirectory() as empty:
        try:
            done = subprocess.run(
                [str(environment.executable), "-c", SCRIPT, str(source), str(beside)],
                cwd=empty,
                env={**VARIABLES, **environment.variables, "HOME": empty},
                capture_output=True,
                text=True,
                errors="replace",
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            said = f"was not saved again within {SECONDS // 60} minutes in {name}"
            raise UserError(f"{source} {said}.") from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        why = one_line(lines[-1].strip(), 300) if lines else f"exit status {done.returncode}"
        raise UserError(f"{source} could not be loaded and saved again in {name}: {why}")
