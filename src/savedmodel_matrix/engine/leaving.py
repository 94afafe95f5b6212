"""Where workers leave what they made for the run at home: any address that fsspec knows.

https://filesystem-spec.readthedocs.io. An address that cannot work is found before anything is run.
"""

from __future__ import annotations

import contextlib
import uuid

from savedmodel_matrix.model.errors import UserError

SHARED = "name one that the workers and this machine share with --dask-storage"


def refusal(address: str) -> str:
    """Return why this machine cannot use an address at all, "" where it can or none is given."""
    if not address:
        return ""
    import fsspec  # noqa: PLC0415 - the extra `dask`

    try:
        fsspec.url_to_fs(address)
    except Exception as error:  # noqa: BLE001 - whatever the file system of that protocol raises
        return f"cannot use the address {address} ({_words(error)})."
    return ""


def check(address: str) -> None:
    """Write, read and remove a file at an address. Raises UserError where that does not work."""
    content, name = b"savedmodel-matrix", f"savedmodel-matrix-{uuid.uuid4().hex}"
    try:
        found = fetch(leave(address, name, content))
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"Nothing can be left at {address} ({_words(error)}): {SHARED}.") from error
    if found != content:
        raise UserError(f"What is left at {address} comes back as something else: {SHARED}.")


def leave(address: str, name: str, content: bytes) -> str:
    """Write a file at an address and return its own. Raises what that file system raises."""
    import fsspec  # noqa: PLC0415 - the extra `dask`

    place = f"{address.rstrip('/')}/{name}"
    with fsspec.open(place, "wb") as file:
        file.write(content)
    return place


def fetch(place: str) -> bytes:
    """Return what was left, and remove it there. Raises UserError."""
    import fsspec  # noqa: PLC0415 - the extra `dask`

    try:
        system, path = fsspec.url_to_fs(place)
        content: bytes = system.cat_file(path)
        with contextlib.suppress(OSError, NotImplementedError):
            system.rm_file(path)
    except Exception as error:
        raise UserError(
            f"What was left at {place} cannot be read here ({_words(error)}): {SHARED}."
        ) from error
    return content


def _words(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
