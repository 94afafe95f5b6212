"""A report that was published at an address: its table, fetched."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from urllib.parse import urlsplit, urlunsplit

from savedmodel_matrix import __version__
from savedmodel_matrix.analysis.compared import Result
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.store.accepted import RUN, TABLE
from savedmodel_matrix.store.result import DATA, PACKED, TABLES, of_report, parsed_rows, parsed_run

SCHEMES = ("http", "https")
SECONDS = 60  # without an answer
LARGEST = 512 << 20  # bytes
_NOT_THERE = (404, 410)


def is_address(named: str) -> bool:
    """Say whether a name is an address that can be fetched."""
    return named.lower().startswith(tuple(f"{scheme}://" for scheme in SCHEMES))


def read_address(address: str, *, largest: int = LARGEST) -> Result:
    """Fetch the table of a published report, by the report's address or the table's own.

    Raises UserError, in one sentence, if it cannot be had or is not a table.
    """
    places = _places(address)
    for place in places:
        table = _fetched(place, largest)
        if table is not None:
            break
    else:
        raise UserError(
            f"{_plain(address)} has no {' or '.join(map(_name, places))}: name the address of a "
            f"report, or of its {TABLE}."
        )
    rows = parsed_rows(table, _plain(place))
    beside = place.rpartition("/")[0] + f"/{RUN}"
    content = _fetched(beside, largest)
    run = parsed_run(content, _plain(beside)) if content is not None else {}
    ends = tuple(f"/{DATA}/{name}" for name in TABLES)
    what = "a report" if place.split("?")[0].endswith(ends) else "a table"
    return Result(_plain(address), what, rows, run, of_report(rows, run))


def _places(address: str) -> list[str]:
    """Return where the table may be, the likeliest place first."""
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise UserError(f"{address!r} is not an address: {error}.") from error
    directory, _, last = parts.path.rpartition("/")
    if last.endswith((".csv", ".csv.gz", ".csv.xz")):
        return [urlunsplit((parts.scheme, parts.netloc, parts.path, parts.query, ""))]
    if "." not in last:  # else it is a page, such as index.html
        directory = parts.path.rstrip("/")
    newest = sorted(TABLES, key=lambda name: name != PACKED)
    places = [*(f"{DATA}/{name}" for name in newest), TABLE]
    bases = [f"{directory}/{place}" for place in places]
    return [urlunsplit((parts.scheme, parts.netloc, base, "", "")) for base in bases]


def _fetched(address: str, largest: int) -> bytes | None:
    """Return what is at an address, None where the server says that nothing is."""
    request = urllib.request.Request(  # noqa: S310 - `is_address` has checked the scheme
        address, headers={"User-Agent": f"savedmodel-matrix/{__version__}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            content: bytes = answer.read(largest + 1)
            left = answer.length  # which `read` of so many bytes does not look at
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in _NOT_THERE:
            return None
        raise UserError(f"{_plain(address)} cannot be fetched: {error}.") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        cause = getattr(error, "reason", None) or error
        reason = getattr(cause, "strerror", None) or cause
        raise UserError(f"{_plain(address)} cannot be fetched: {reason}.") from error
    if left and len(content) <= largest:
        raise UserError(f"{_plain(address)} ended {left} bytes early: try again.")
    if len(content) > largest:
        raise UserError(
            f"{_plain(address)} is larger than {largest >> 20} MiB, so it is not read: download "
            "it, and name the file."
        )
    return content


def _name(place: str) -> str:
    parts = place.rsplit("/", 2)
    return "/".join(parts[1:]) if parts[-2] == DATA else parts[-1]


def _plain(address: str) -> str:
    """Return an address without a name and password in it."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
