"""Files that belong together, written so that none is ever half there."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from savedmodel_matrix.model.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_files(contents: Mapping[Path, bytes], unfinished: Path | None = None) -> None:
    """Write several files that belong together: all are on the disk before the first is replaced.

    They are written in ``unfinished``, a directory on the same file system, else beside their
    places. Raises UserError if one cannot be written; no file is replaced then.
    """
    # Not tempfile's: its files are for one user only, and these are to be committed and shared.
    temporaries = {
        path: (unfinished or path.parent) / f".{path.name}.{os.getpid()}.tmp" for path in contents
    }
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporaries[path].open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for path, temporary in temporaries.items():
            temporary.replace(path)
    except OSError as error:
        names = " and ".join(map(str, contents))
        raise UserError(
            f"Cannot write {names} ({error.strerror}); make room there, or choose --results."
        ) from error
    finally:
        for temporary in temporaries.values():
            with contextlib.suppress(OSError):
                temporary.unlink()
