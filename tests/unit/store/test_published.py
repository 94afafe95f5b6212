"""A published report, fetched from a real server on this machine."""

from __future__ import annotations

import gzip
import http.server
import lzma
import threading
from typing import TYPE_CHECKING

import pytest

from savedmodel_matrix.analysis.differences import SELECTION
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import csv_bytes, from_cells
from savedmodel_matrix.store.published import is_address, read_address
from tests.unit.rows import cell

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = csv_bytes(from_cells([cell()]))
FILES: dict[str, tuple[int, bytes]] = {
    "/report/data/matrix.csv": (200, TABLE),
    "/report/data/run.json": (200, b'{"commit": "c0ffee"}'),
    "/of-a-run/data/matrix.csv": (200, TABLE),
    "/of-a-run/data/run.json": (200, b'{"full": false}'),
    "/accepted/matrix.csv": (200, TABLE),
    "/packed/data/matrix.csv.gz": (200, gzip.compress(TABLE)),
    "/packed/data/run.json": (200, b'{"commit": "c0ffee"}'),
    "/packed-xz/data/matrix.csv.xz": (200, lzma.compress(TABLE)),
    "/packed-xz/data/run.json": (200, b'{"commit": "c0ffee"}'),
    "/torn-xz/data/matrix.csv.xz": (200, lzma.compress(TABLE)[:40]),
    "/torn-gz/data/matrix.csv.gz": (200, gzip.compress(TABLE)[:40]),
    "/guarded/data/matrix.csv": (403, b""),
    "/broken/data/matrix.csv": (500, b""),
    "/page/data/matrix.csv": (200, b"<html>every address has this page</html>"),
    "/torn/data/matrix.csv": (200, TABLE),
    "/not-json/data/matrix.csv": (200, TABLE),
    "/not-json/data/run.json": (200, b"<html>"),
}


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves FILES; whatever is below /torn/ ends early, and /moved/ is at /report/."""

    def do_GET(self) -> None:
        if self.path.startswith("/moved/"):
            self.send_response(302)
            self.send_header("Location", self.path.replace("/moved/", "/report/"))
            self.end_headers()
            return
        status, content = FILES.get(self.path.partition("?")[0], (404, b""))
        self.send_response(status)
        missing = 10 if self.path.startswith("/torn/") else 0
        self.send_header("Content-Length", str(len(content) + missing))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output free of requests."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "path",
    [
        "/report",
        "/report/",
        "/report/index.html",
        "/report/index.html?x=1#y",
        "/report/data/matrix.csv",
        "/report/data/matrix.csv?token=1",
        "/moved/",
        "/packed/",
        "/packed/data/matrix.csv.gz",
        "/packed-xz/",
        "/packed-xz/data/matrix.csv.xz",
    ],
)
def test_a_report_is_found_by_any_of_its_addresses(server: str, path: str) -> None:
    found = read_address(server + path)
    assert (found.what, found.rows) == ("a report", [cell()])
    assert found.run["commit"] == "c0ffee"
    assert found.coverage.includes(("x", "y", "tf2.15", "libtensorflow", "tf2.15"))


def test_a_table_without_a_description_will_do(server: str) -> None:
    found = read_address(f"{server}/accepted/")
    assert (found.what, found.run) == ("a table", {})


def test_the_report_of_a_selection_is_one(server: str) -> None:
    assert read_address(f"{server}/of-a-run/").coverage is SELECTION


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            "/nothing/",
            r"has no data/matrix\.csv\.xz or data/matrix\.csv or data/matrix\.csv\.gz or matrix\.csv: ",
        ),
        ("/nothing/x.csv", r"has no x\.csv: name the address"),
        ("/guarded/", r"cannot be fetched: HTTP Error 403: Forbidden\.$"),
        ("/broken/", r"cannot be fetched: HTTP Error 500"),
        ("/torn-gz/", r"matrix\.csv\.gz cannot be unpacked \("),
        ("/torn-xz/", r"matrix\.csv\.xz cannot be unpacked \("),
        ("/page/", r"matrix\.csv, line 1: not the header of a table; name a whole result\.$"),
        ("/torn/", r"ended 10 bytes early: try again\.$"),
        ("/not-json/", r"run\.json is not JSON"),
    ],
)
def test_what_cannot_be_had_is_one_sentence(server: str, path: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        read_address(server + path)
    assert "\n" not in str(caught.value)


def test_a_file_too_large_is_not_read(server: str) -> None:
    with pytest.raises(UserError, match="larger than 0 MiB"):
        read_address(f"{server}/report/", largest=20)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/",
        "http://name.invalid/",
        "http://[::1/",
        "http://a b/",
        "http://127.0.0.1:port/",
        "https:///",
    ],
)
def test_an_address_that_nobody_answers_is_one_sentence(address: str) -> None:
    with pytest.raises(UserError, match=r"cannot be fetched|is not an address"):
        read_address(address)


def test_a_password_is_not_repeated() -> None:
    with pytest.raises(UserError) as caught:
        read_address("http://user:secret@127.0.0.1:1/report/")
    assert "secret" not in str(caught.value)


def test_what_is_an_address() -> None:
    assert is_address("https://example.org")
    assert is_address("HTTP://example.org")
    assert not any(
        map(is_address, ["file:///etc/passwd", "ftp://x", "http:x", "results", "main~3"])
    )
