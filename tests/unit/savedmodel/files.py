"""Where the real files are, and how a test changes one."""

import io
import json
import zipfile
from pathlib import Path

FILES = Path(__file__).parents[2] / "data" / "keras_files"


def keras_file(path, name="dense-2.21.keras", *, compress=0, **changed):
    """Write a `.keras` file with entries changed: bytes, None for none, or a change of its JSON.

    Entries are named without what follows the first dot: config, metadata, model.
    """
    target = io.BytesIO()
    with (
        zipfile.ZipFile(FILES / name) as source,
        zipfile.ZipFile(target, "w", compress) as archive,
    ):
        for entry in source.namelist():
            data = source.read(entry)
            change = changed.get(entry.split(".")[0], data)
            if callable(change):
                value = json.loads(data)
                change(value)
                change = json.dumps(value).encode()
            if change is not None:
                archive.writestr(entry, change)
    path.write_bytes(target.getvalue())
    return path


def rules(diagnosis, severity="low"):
    """Return the rules of the findings of a severity or a higher one."""
    return [finding.rule for finding in diagnosis.at_least(severity)]
