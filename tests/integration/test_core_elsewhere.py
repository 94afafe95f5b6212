"""The core on Python 3.14, where there are no processes, no threads and no compiled protobuf.

Pyodide is CPython built for WebAssembly, and comes from npm; it runs in Node as in a browser. What
the published wheel says of an artifact there is what it says here, to the byte.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from savedmodel_matrix import diagnose, repair
from savedmodel_matrix.environments.installer import find_uv
from savedmodel_matrix.savedmodel.formats import artifacts
from tests.integration.conftest import ROOT

PYODIDE = "314.0.7"  # of Python 3.14
PLATFORM = "wasm32-pyodide2025"  # as uv calls it; of what the core needs nothing is compiled for it
DATA = ROOT / "tests" / "data"
BROKEN = DATA / "savedmodels" / "dense-2.21"
RUN = Path(__file__).with_name("core_elsewhere.mjs")
CODE = """
import json, sys
from pathlib import Path
from google.protobuf.internal import api_implementation
from savedmodel_matrix import diagnose, repair
from savedmodel_matrix.commands.cli import main

paths, broken, place = json.loads({given!r})
found = [diagnose(path).to_json() for path in paths]
made = repair(broken, place + "/repaired")
try:
    main(["diagnose", place + "/repaired"])
except SystemExit as ended:
    status = ended.code
about = [*sys.version_info[:2], sys.platform, api_implementation.Type(), len(made.changes)]
Path(place, "said.json").write_text(json.dumps([about, found]))
status
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Return a function that runs code in Pyodide, with the wheel of this checkout."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    assert not missing, f"{' and '.join(missing)} is needed: apt-get install nodejs npm"
    place = tmp_path_factory.mktemp("elsewhere")
    done("npm", "install", "--silent", "--ignore-scripts", f"pyodide@{PYODIDE}", directory=place)
    done(find_uv(), "build", "--quiet", "--wheel", "--out-dir", place / "dist", ROOT)
    (wheel,) = (place / "dist").glob("*.whl")
    target = ("--target", place / "site", "--python-version", "3.14")
    done(find_uv(), "pip", "install", "--quiet", *target, "--python-platform", PLATFORM, wheel)
    pyodide = place / "node_modules" / "pyodide"

    def run(code, *directories):
        done("node", RUN, pyodide, place / "site", code, *directories, directory=place)

    return run


def done(*command, directory=None):
    """Run a program that has to end well."""
    words = [str(word) for word in command]
    ended = subprocess.run(words, cwd=directory, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_every_artifact_is_diagnosed_and_repaired_as_here(elsewhere, tmp_path):
    paths = [str(path) for path in artifacts(DATA)]
    assert len(paths) > 20
    given = json.dumps([paths, str(BROKEN), str(tmp_path)])
    elsewhere(CODE.format(given=given), DATA, tmp_path)
    about, found = json.loads((tmp_path / "said.json").read_text(encoding="utf-8"))
    assert about == [3, 14, "emscripten", "python", 4]
    here = json.loads(json.dumps([diagnose(path).to_json() for path in paths]))
    assert found == here
    repair(BROKEN, tmp_path / "here")
    made = {path.relative_to(tmp_path / "here") for path in (tmp_path / "here").rglob("*")}
    assert {
        p.relative_to(tmp_path / "repaired") for p in (tmp_path / "repaired").rglob("*")
    } == made
    for name in made:
        if (tmp_path / "here" / name).is_file():
            there = (tmp_path / "repaired" / name).read_bytes()
            assert there == (tmp_path / "here" / name).read_bytes(), name
