"""Saved as written, then repaired in its file: ``savedmodel-matrix repair``.

Where a signature reads a variable that is not restored, the original takes the place of its copy in
the inputs of the restore and save calls. A sound artifact is left as it is.
"""

from pathlib import Path

from savedmodel_matrix.savedmodel.errors import RepairRefused, UnreadableArtifact
from savedmodel_matrix.savedmodel.rewriting import rewrite

name = "repair"
writes = "SavedModel"
settings = {}


def save(case, obj, directory):
    case.save(obj, directory)
    try:
        rewrite(Path(directory))
    except (RepairRefused, UnreadableArtifact) as refusal:
        why = str(refusal).replace(directory, "the artifact")
        raise case.not_applicable(f"there is no repair in the file: {why}") from None
