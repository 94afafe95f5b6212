"""Which releases of a package there are, and when they came out, as the index that uv uses says.

Asked is the simple API in JSON (PEP 691), which has the time of each upload since PEP 700. The
address of the index is uv's own: from its variables, its configuration, or what it has by default.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion

from savedmodel_matrix import __version__
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.release import Release

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.tags import Tag
    from packaging.version import Version

ACCEPT = "application/vnd.pypi.simple.v1+json"
SECONDS = 60  # without an answer
LARGEST = 64 << 20  # bytes of an answer
_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL")  # uv's, the first that is set
_DEFAULT = re.compile(r"default package index \(by\s+default:\s+<?(https?://[^\s>)]+)")
_INTERPRETER = re.compile(r"(?:py|cp)(\d)(\d*)")


def find_releases(package: str, uv: Path, python: str) -> list[Release]:
    """Return the releases of a package that have a wheel for a Python, oldest version first.

    Pre-releases and what was yanked are left out. Raises UserError if the index cannot be asked.
    """
    address = index_address(uv)
    return parse_releases(_fetched(address, package), package, python)


def parse_releases(answer: Mapping[str, Any], package: str, python: str) -> list[Release]:
    """Return the releases that an index's answer lists, each with the day of its first wheel."""
    days: dict[Version, str] = {}
    for file in answer.get("files", ()):
        try:
            name, version, _, tags = parse_wheel_filename(str(file.get("filename")))
        except (InvalidWheelFilename, InvalidVersion):
            continue
        if name != canonicalize_name(package) or version.is_prerelease or file.get("yanked"):
            continue
        if not any(_suits(tag, python) for tag in tags):
            continue
        if not _allows(file.get("requires-python"), python):
            continue
        day = str(file.get("upload-time") or "")[:10]
        days[version] = min(filter(None, (days.get(version), day)), default="")
    return [Release(str(version), days[version]) for version in sorted(days)]


def index_address(uv: Path, variables: Mapping[str, str] = os.environ) -> str:
    """Return the address of the package index that uv asks first.

    Raises UserError if uv does not say it, or if it is none that answers over HTTP.
    """
    stated = next((variables[name] for name in _VARIABLES if variables.get(name)), "")
    address = stated or _configured(variables) or _by_default(uv)
    if urlsplit(address).scheme not in ("http", "https"):
        raise UserError(
            f"The package index {address or 'of uv'} cannot be asked for releases: state an http "
            f"or https address in {_VARIABLES[0]}."
        )
    return address


def _configured(variables: Mapping[str, str]) -> str:
    """Return the index that uv's own configuration of the user or the machine states."""
    home = variables.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    places = [variables.get("UV_CONFIG_FILE") or "", f"{home}/uv/uv.toml", "/etc/uv/uv.toml"]
    for place in filter(None, places):
        try:
            stated = tomllib.loads(Path(place).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue  # uv itself says what is wrong with it
        default = [one.get("url", "") for one in stated.get("index", []) if one.get("default")]
        older = [table.get("index-url", "") for table in (stated, stated.get("pip", {}))]
        if found := next(filter(None, [*default, *older]), ""):
            return str(found)
    return ""


def _by_default(uv: Path) -> str:
    """Return what uv's help says that it asks where nothing is stated."""
    done = subprocess.run(
        [uv, "--color=never", "help", "pip", "compile"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    found = _DEFAULT.search(done.stdout)
    return found[1] if found else ""


def _fetched(address: str, package: str) -> dict[str, Any]:
    parts = urlsplit(address)
    host = parts.hostname or ""
    place = f"{parts.path.rstrip('/')}/{canonicalize_name(package)}/"
    netloc = f"{host}:{parts.port}" if parts.port else host
    headers = {"Accept": ACCEPT, "User-Agent": f"savedmodel-matrix/{__version__}"}
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    url = urlunsplit((parts.scheme, netloc, place, "", ""))
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - scheme is checked
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as reply:  # noqa: S310
            content = reply.read(LARGEST + 1)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == http.HTTPStatus.NOT_FOUND:
            raise UserError(f"The package index {host} has no package {package}.") from error
        raise UserError(f"The package index {host} does not list {package}: {error}.") from error
    except (OSError, http.client.HTTPException) as error:
        raise UserError(f"The package index {host} cannot be asked: {error}.") from error
    try:
        answer = json.loads(content) if len(content) <= LARGEST else None
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or not isinstance(answer.get("files"), list):
        raise UserError(
            f"The package index {host} does not answer in JSON (PEP 691), so nothing says when "
            f"releases of {package} came out: state another in {_VARIABLES[0]}."
        )
    return answer


def _suits(tag: Tag, python: str) -> bool:
    """Say whether a wheel of that tag is for a Python and for this kind of machine."""
    minor = int(python.split(".")[1])
    platform = tag.platform == "any" or tag.platform.startswith(_platforms())
    found = _INTERPRETER.fullmatch(tag.interpreter)
    if not platform or not found or found[1] != "3":
        return False
    if tag.interpreter.startswith("py") or tag.abi == "abi3":
        return not found[2] or int(found[2]) <= minor
    return found[2] == str(minor)


def _platforms() -> tuple[str, ...]:
    named = {"linux": ("linux", "manylinux", "musllinux"), "darwin": ("macosx",)}
    return named.get(sys.platform, ("win",))


def _allows(stated: Any, python: str) -> bool:
    if not stated:
        return True
    version = python if python.count(".") > 1 else f"{python}.99"  # some patch release of it
    try:
        return SpecifierSet(str(stated)).contains(version)
    except InvalidSpecifier:
        return False
