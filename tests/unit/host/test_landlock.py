"""Where a step may write, tried by a process that has bound itself."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from savedmodel_matrix.host.landlock import version

TRY = """
import json, os, sys
from pathlib import Path
from savedmodel_matrix.host.landlock import write_only_in
root = Path(sys.argv[1])
bound = write_only_in([str(root / "results/own"), str(root / "nowhere")], [str(root / "files")])
said = {}
def attempt(name, do):
    try:
        do()
        said[name] = ""
    except OSError as error:
        said[name] = error.strerror
attempt("checkout", (root / "checkout/new").touch)
attempt("results", (root / "results/records").unlink)
attempt("truncate", lambda: (root / "results/records").write_text(""))
attempt("other", (root / "results/other/new").touch)
attempt("own", (root / "results/own/new").touch)
attempt("rename in own", lambda: (
    (root / "results/own/deep").mkdir(),
    (root / "results/own/new").rename(root / "results/own/deep/new")))
attempt("elsewhere", (root / "elsewhere/new").touch)
attempt("a file that may be written", lambda: (root / "files/f").write_text("x"))
attempt("beside it", (root / "files/new").touch)
attempt("read", (root / "results/records").read_text)
attempt("parent", lambda: os.kill(os.getppid(), 0))
print(json.dumps([bound, said]))
"""
DENIED = "Permission denied"


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux")
def test_writing_is_denied_but_where_it_is_allowed(tmp_path):
    for name in ("checkout", "results/own", "results/other", "elsewhere", "files"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "results/records").write_text("kept")
    (tmp_path / "files/f").touch()
    done = subprocess.run(
        [sys.executable, "-c", TRY, str(tmp_path)], capture_output=True, text=True, check=True
    )
    bound, said = json.loads(done.stdout)
    assert bound == (version() >= 3)
    free = {"own", "rename in own", "read", "a file that may be written"}
    refused = {"checkout", "results", "truncate", "other", "elsewhere", "beside it"}
    denied = refused if bound else set()
    assert {name for name, error in said.items() if error == DENIED} == denied
    assert all(not said[name] for name in free)
    assert (said["parent"] != "") == (version() >= 6)
    assert not bound or Path(tmp_path, "results/records").read_text() == "kept"
