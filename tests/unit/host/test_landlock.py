"""Where a step may write, tried by a process that has bound itself."""

import ctypes
import json
import subprocess
import sys
from pathlib import Path

import pytest

from savedmodel_matrix.host.landlock import version

# Asked of the kernel itself, by the number of <asm-generic/unistd.h>, and not of the code tested.
LANDLOCK_CREATE_RULESET = 444
CREATE_RULESET_VERSION = 1


def offered() -> int:
    """Return the version of Landlock that this kernel offers, 0 for none or switched off."""
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    answer = library.syscall(
        ctypes.c_long(LANDLOCK_CREATE_RULESET),
        ctypes.c_void_p(None),
        ctypes.c_size_t(0),
        ctypes.c_uint32(CREATE_RULESET_VERSION),
    )
    return max(0, int(answer))


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
def test_the_version_is_the_kernels():
    assert version() == offered()


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
    assert bound == (offered() >= 3)
    free = {"own", "rename in own", "read", "a file that may be written"}
    refused = {"checkout", "results", "truncate", "other", "elsewhere", "beside it"}
    denied = refused if bound else set()
    assert {name for name, error in said.items() if error == DENIED} == denied
    assert all(not said[name] for name in free)
    assert (said["parent"] != "") == (offered() >= 6)
    assert not bound or Path(tmp_path, "results/records").read_text() == "kept"
