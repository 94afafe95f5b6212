"""Which releases there are: what an index answers, asked of a real server on this machine."""

from __future__ import annotations

import http.server
import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from savedmodel_matrix.environments.releases import (
    ACCEPT,
    find_releases,
    index_address,
    parse_releases,
)
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.release import Release

if TYPE_CHECKING:
    from collections.abc import Iterator

UV = Path("/there/is/no/uv")


def file(name: str, day: str = "2024-05-01", **more: object) -> dict[str, object]:
    return {"filename": name, "upload-time": f"{day}T10:00:00.5Z", **more}


def versions(*files: dict[str, object], package: str = "keras", python: str = "3.11") -> list[str]:
    return [one.version for one in parse_releases({"files": files}, package, python)]


def test_releases_are_in_the_order_of_versions_with_their_days() -> None:
    answer = {
        "files": [
            file("keras-3.10.0-py3-none-any.whl", "2025-05-19"),
            file("keras-3.9.2-py3-none-any.whl", "2025-06-01"),
            file("keras-3.9.2-py2.py3-none-any.whl", "2025-04-02"),
            {"filename": "keras-3.9.0-py3-none-any.whl"},
        ]
    }
    assert parse_releases(answer, "keras", "3.11") == [
        Release("3.9.0", ""),
        Release("3.9.2", "2025-04-02"),
        Release("3.10.0", "2025-05-19"),
    ]


def test_what_cannot_be_installed_is_left_out() -> None:
    assert versions(
        file("keras-3.0.0-py3-none-any.whl"),
        file("keras-3.1.0.tar.gz"),
        file("keras-3.2.0-py3-none-any.whl", yanked="broken"),
        file("keras-3.3.0rc1-py3-none-any.whl"),
        file("keras-3.4.0-py3-none-any.whl", **{"requires-python": ">=3.12"}),
        file("keras-3.5.0-py3-none-any.whl", **{"requires-python": ">=3.11.4"}),
        file("keras-3.6.0-py3-none-any.whl", **{"requires-python": "no specifier"}),
        file("keras_hub-3.7.0-py3-none-any.whl"),
        file("no wheel at all"),
    ) == ["3.0.0", "3.5.0"]


def test_a_wheel_is_for_a_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert versions(
        file("numpy-1.0-cp310-cp310-manylinux2014_x86_64.whl"),
        file("numpy-2.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"),
        file("numpy-3.0-cp38-abi3-manylinux2014_x86_64.whl"),
        file("numpy-4.0-cp312-abi3-manylinux2014_x86_64.whl"),
        file("numpy-5.0-cp311-cp311-win_amd64.whl"),
        file("numpy-6.0-pp311-pypy311_pp73-manylinux2014_x86_64.whl"),
        package="NumPy",
    ) == ["2.0", "3.0"]


def test_the_address_is_what_uv_would_ask(tmp_path: Path) -> None:
    first = {
        "UV_DEFAULT_INDEX": "https://one.example/simple",
        "UV_INDEX_URL": "https://two.example",
    }
    assert index_address(UV, first) == "https://one.example/simple"
    for number, text in enumerate(
        (
            '[[index]]\nurl = "https://no.example"\n[[index]]\nurl = "https://mine.example"\ndefault = true',
            'index-url = "https://mine.example"',
            '[pip]\nindex-url = "https://mine.example"\nno-index = false',
        )
    ):
        configuration = tmp_path / f"{number}.toml"
        configuration.write_text(text)
        assert index_address(UV, {"UV_CONFIG_FILE": str(configuration)}) == "https://mine.example"


def test_without_configuration_uv_is_asked_for_its_default(tmp_path: Path) -> None:
    uv = tmp_path / "uv"
    uv.write_text(
        "#!/bin/sh\necho '--default-index <X>'\n"
        "echo '  The default package index (by default: <https://index.example/simple>).'\n"
    )
    uv.chmod(0o755)
    empty = {"XDG_CONFIG_HOME": str(tmp_path), "UV_CONFIG_FILE": str(tmp_path / "none.toml")}
    assert index_address(uv, empty) == "https://index.example/simple"


def test_an_index_that_does_not_answer_over_http_is_said() -> None:
    with pytest.raises(UserError, match="cannot be asked for releases: state an http"):
        index_address(UV, {"UV_DEFAULT_INDEX": "file:///srv/simple"})


LISTED = {"files": [file("keras-3.0.0-py3-none-any.whl")]}
ANSWERS = {
    "/simple/keras/": (200, json.dumps(LISTED).encode()),
    "/simple/html/": (200, b"<html>"),
    "/simple/odd/": (200, b'{"files": "none"}'),
    "/simple/broken/": (500, b""),
}
ASKED: list[dict[str, str]] = []


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        ASKED.append(dict(self.headers))
        status, content = ANSWERS.get(self.path, (404, b""))
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output free of requests."""


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        address = f"127.0.0.1:{running.server_port}/simple"
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://me:a%40b@{address}/")
        yield address
        running.shutdown()
        thread.join()


def test_an_index_is_asked_in_json_and_with_what_its_address_says(index: str) -> None:
    assert find_releases("Keras", UV, "3.11") == [Release("3.0.0", "2024-05-01")]
    assert ASKED[-1]["Accept"] == ACCEPT
    assert ASKED[-1]["Authorization"] == "Basic bWU6YUBi"


@pytest.mark.parametrize(
    ("package", "said"),
    [
        ("nothing", "has no package nothing"),
        ("html", "does not answer in JSON"),
        ("odd", "does not answer in JSON"),
        ("broken", "does not list broken: HTTP Error 500"),
    ],
)
def test_what_an_index_cannot_say_is_one_sentence(index: str, package: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as raised:
        find_releases(package, UV, "3.11")
    assert "a@b" not in str(raised.value)
    assert "a%40b" not in str(raised.value)


def test_an_index_out_of_reach_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    with pytest.raises(UserError, match=r"The package index 127\.0\.0\.1 cannot be asked"):
        find_releases("keras", UV, "3.11")
