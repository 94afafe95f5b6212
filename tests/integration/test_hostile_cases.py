"""Cases that do their worst: each costs its own cells, and none is told a lie about.

All of them run together, with ones that do nothing wrong, in one run of one real environment; then
every one is looked at by name.
"""

import json
import time
from pathlib import Path

import pytest

from tests.integration.remembered import read, whole_records
from tests.integration.test_matrix import matrix, rows

ENVIRONMENT = "tf2.21"
SLEEP = "98760"  # seconds, in the command line of processes that must not outlive the run
CASE = '''"""A module that multiplies, built after something else."""
import ctypes, gc, os, random, shutil, signal, subprocess, sys, tempfile, threading, time
from pathlib import Path
import numpy as np
import tensorflow as tf

{head}
inputs = {inputs}

def overflow(n=0):
    return overflow(n + 1)

class M(tf.Module):
    def __init__(self):
        self.w = tf.Variable(2.0)
    @tf.function(input_signature=[{spec}])
    def f(self, x):
        return {{"y": {result}}}

def build():
{build}
    return M()
{more}
'''
SPEC = "tf.TensorSpec([None, 3])"
INPUTS = '{"x": np.ones((2, 3), "float32")}'
LASTING = {
    *("run-directory", "lock", "records.sqlite3", "unfinished", "report.sha256"),
    *("cells.jsonl.made-from", "diagnoses.json", "snapshot.json"),
}
RESULTS = "Path.cwd().parents[3]"  # of a step's scratch directory
FORK_AND_SLEEP = f'os.fork() or os.execvp("sleep", ["sleep", "{SLEEP}"])'
PASS, BUILD = ("pass", "values"), ("fail", "build")


def case(build="pass", *, head="", inputs=INPUTS, spec=SPEC, result="x * self.w", more=""):
    indented = "\n".join(f"    {line}" for line in build.splitlines())
    return CASE.format(
        head=head, inputs=inputs, spec=spec, result=result, build=indented, more=more
    )


def saving(extra):
    """Return a case that saves itself and then does something to what it saved."""
    lines = ["", "def save(obj, directory):", "    tf.saved_model.save(obj, directory)"]
    return case(more="\n".join([*lines, *(f"    {line}" for line in extra.splitlines())]))


# Name, source, status and stage, and what the reason says.
CASES = {
    "segfault": (case("ctypes.string_at(0)"), ("crash", "build"), "SIGSEGV"),
    "abort_in_native_code": (case("ctypes.CDLL(None).abort()"), ("crash", "build"), "SIGABRT"),
    "killed_by_itself": (case("os.kill(os.getpid(), 9)"), ("crash", "build"), "SIGKILL"),
    "exits_before_finishing": (case("os._exit(0)"), BUILD, "exit status 0 before"),
    "sys_exit": (case("sys.exit(0)"), BUILD, "SystemExit"),
    "keyboard_interrupt": (case("raise KeyboardInterrupt"), BUILD, "KeyboardInterrupt"),
    "recurses_without_end": (case("overflow()"), BUILD, "RecursionError"),
    "recurses_in_native_code": (
        case(
            "x = None\nfor _ in range(10**7):\n    x = [x]\nsys.setrecursionlimit(10**9)\nrepr(x)"
        ),
        ("crash", "build"),
        "SIGSEGV",
    ),
    "allocates_without_end": (
        case("kept = []\nwhile True:\n    kept.append(bytearray(1 << 28))"),
        BUILD,
        "MemoryError",
    ),
    "hangs_in_python": (case("while True:\n    time.sleep(1)"), ("timeout", "build"), "no end"),
    "hangs_in_native_code": (
        case("ctypes.CDLL(None).pause()"),
        ("timeout", "build"),
        "no end",
    ),
    "hangs_ignoring_sigterm": (
        case("signal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(9999)"),
        ("timeout", "build"),
        "no end",
    ),
    "forks_a_child_that_outlives_it": (case(FORK_AND_SLEEP), PASS, ""),
    "forks_a_daemon": (
        case(f"if os.fork() == 0:\n    os.setsid()\n    {FORK_AND_SLEEP}\n    os._exit(0)"),
        PASS,
        "",
    ),
    "starts_threads_that_never_end": (
        case("for _ in range(8):\n    threading.Thread(target=time.sleep, args=(9999,)).start()"),
        PASS,
        "",
    ),
    "closes_every_descriptor": (case("os.closerange(0, 256)"), PASS, ""),
    "closes_stdout_and_stderr": (case("sys.stdout.close()\nsys.stderr.close()"), PASS, ""),
    "floods_every_descriptor": (
        case(
            "for fd in range(64):\n"
            "    try:\n"
            "        os.set_blocking(fd, False)\n"
            "        os.write(fd, b'x' * 65536)\n"
            "    except OSError:\n"
            "        pass"
        ),
        PASS,
        "",
    ),
    "prints_a_gigabyte": (
        case("piece = 'x' * (1 << 20)\nfor _ in range(1024):\n    sys.stdout.write(piece)"),
        PASS,
        "",
    ),
    "prints_half_a_message": (
        case('for fd in (1, 2):\n    os.write(fd, b\'{"id": 1, "code": 0, "sig\')'),
        PASS,
        "",
    ),
    "changes_directory": (case("os.chdir('/')"), PASS, ""),
    "changes_variables": (case("os.environ.clear()"), PASS, ""),
    "changes_umask": (case("os.umask(0o077)"), PASS, ""),
    "changes_signal_handlers": (
        case(
            "for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGALRM):\n"
            "    signal.signal(number, lambda *_: os._exit(3))"
        ),
        PASS,
        "",
    ),
    "changes_the_seed": (
        case("random.seed(7)\nnp.random.seed(7)\ntf.random.set_seed(7)"),
        PASS,
        "",
    ),
    "deletes_its_artifact": (saving("shutil.rmtree(directory)"), ("fail", "save"), "No such file"),
    "overwrites_its_artifact": (
        saving("Path(directory, 'saved_model.pb').write_bytes(b'garbage')"),
        ("fail", "save"),
        "Error parsing message",
    ),
    "deletes_the_results": (
        case(f"shutil.rmtree({RESULTS} / 'artifacts')"),
        BUILD,
        "PermissionError",
    ),
    "overwrites_the_records": (
        case(f"({RESULTS} / '.savedmodel-matrix' / 'records.sqlite3').write_text('')"),
        BUILD,
        "PermissionError",
    ),
    "overwrites_another_artifact": (
        case(
            "deadline = time.time() + 5\n"
            "while time.time() < deadline:\n"
            f"    for found in ({RESULTS} / 'artifacts').rglob('saved_model.pb'):\n"
            "        found.write_bytes(b'garbage')\n"
            "    time.sleep(0.1)"
        ),
        BUILD,
        "PermissionError",
    ),
    "writes_outside_its_scratch": (
        case(f"({RESULTS} / '.savedmodel-matrix' / 'work' / 'stray').write_text('x')"),
        BUILD,
        "PermissionError",
    ),
    "writes_elsewhere": (
        case("Path('/tmp/stray-of-a-case').write_text('x')"),
        BUILD,
        "PermissionError",
    ),
    "removes_from_its_environment": (
        case("shutil.rmtree(Path(tf.__file__).parent)"),
        BUILD,
        "PermissionError",
    ),
    "uses_shared_memory": (
        case(
            "from multiprocessing import shared_memory\n"
            "shared_memory.SharedMemory(create=True, size=4096).unlink()"
        ),
        PASS,
        "",
    ),
    "kills_its_parents": (case("os.kill(os.getppid(), 9)"), BUILD, "PermissionError"),
    "imports_something_missing": (case(head="import no_such_module"), BUILD, "ModuleNotFoundError"),
    "raises": (case("raise ValueError('no such thing')"), BUILD, "no such thing"),
    "syntax_error": ("def build(:\n", BUILD, "SyntaxError"),
    "states_no_inputs": ("def build():\n    return None\n", BUILD, "inputs"),
    "nan_infinity_and_minus_zero": (
        case(inputs='{"x": np.array([[np.nan, np.inf, -np.inf], [-0.0, 0.0, 1e-45]], "float32")}'),
        PASS,
        "",
    ),
    "empty_arrays": (case(inputs='{"x": np.ones((0, 3), "float32")}'), PASS, ""),
    "scalars": (
        case(inputs='{"x": np.float32(3)}', spec="tf.TensorSpec([])"),
        PASS,
        "",
    ),
    "object_arrays_of_text": (
        case(
            inputs='{"x": np.array(["a", "", "\\u00e9\\U0001f600"], object)}',
            spec="tf.TensorSpec([None], tf.string)",
            result="tf.strings.join([x, x])",
        ),
        PASS,
        "",
    ),
    "object_arrays_of_nothing_known": (
        case(inputs='{"x": np.array([[object(), None, {}]], object)}'),
        BUILD,
        "",
    ),
    "is_different_every_time": (
        case(result="x + tf.cast(tf.math.floormod(tf.timestamp() * 1000, 9973), tf.float32)"),
        ("fail", "values"),
        "wrong values",
    ),
}
NAMES = {
    "has spaces": "has spaces",
    "quotes": 'it\'s "so"',
    "newline": "two\nlines",
    "emoji": "\N{BUG}\N{EGYPTIAN HIEROGLYPH A001}",
    "dots": "..dots..",
    "long": "n" * 240,
    "option": "-rf",
}
MANY = """

def signatures(module):
    one = module.f.get_concrete_function()
    return {f"signature_{n:05}": one for n in range(10_000)}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run all hostile cases and a harmless one in one run."""
    root = tmp_path_factory.mktemp("hostile")
    cases, results = root / "cases", root / "results"
    cases.mkdir()
    for name, (source, _, _) in CASES.items():
        (cases / f"{name}.py").write_text(source)
    for name in NAMES.values():
        (cases / f"{name}.py").write_text(case())
    (cases / "harmless.py").write_text(case())
    chosen = [f"--case={name}" for name in (*CASES, *NAMES.values(), "harmless")]
    began = time.monotonic()
    done = matrix(
        results,
        *("--cases", str(cases), "--environment", ENVIRONMENT, "--remedy", "as-written"),
        *("--loader", "tf.saved_model.load", "--timeout", "12", "--memory", "2", *chosen),
    )
    print(f"{time.monotonic() - began:.0f} s")
    return done, results, {row["case"]: row for row in rows(results)}


@pytest.mark.parametrize("name", CASES)
def test_a_case_that(run, name):
    done, _, found = run
    assert done.returncode == 0, done.stderr
    row = found[name]
    _, outcome, said = CASES[name]
    assert (row["status"], row["stage"]) == outcome, row["reason"]
    assert said in row["reason"]


@pytest.mark.parametrize("kind", NAMES)
def test_a_name_with(run, kind):
    _, _, found = run
    assert found[NAMES[kind]]["status"] == "pass"


@pytest.mark.parametrize("name", ["../harmless", "n" * 300, "", "two\nlines"])
def test_a_name_that_no_file_has(tmp_path, name):
    done = matrix(tmp_path, "--case", name)
    assert done.returncode == 2
    assert done.stderr.startswith("savedmodel-matrix: There is no case")
    assert len(done.stderr.strip().splitlines()) == 1


def test_all_other_cells_are_as_without(run):
    _, _, found = run
    assert found["harmless"]["status"] == "pass"
    assert all(row["status"] != "not-run" for row in found.values())


def test_files_and_lines_are_named(run):
    done, _, _ = run
    assert "syntax_error.py:1: SyntaxError" in done.stderr
    assert "no such thing" in " ".join(done.stdout.split())  # wrapped, after a path of any length
    assert "Traceback" not in done.stderr


def test_no_process_is_left(run):
    _, results, _ = run
    left = [
        pid
        for pid in Path("/proc").glob("[0-9]*")
        if SLEEP.encode() in read(pid / "cmdline") or str(results).encode() in read(pid / "environ")
    ]
    assert left == []


def test_no_scratch_file_is_left(run):
    _, results, _ = run
    hidden = results / ".savedmodel-matrix"
    assert {p.name for p in hidden.iterdir()} <= LASTING
    assert not list((hidden / "unfinished").iterdir())
    assert not list(results.glob(".*.tmp"))
    assert not list(results.glob(".*.new"))


def test_logs_of_floods_are_bounded(run):
    _, results, _ = run
    assert max(log.stat().st_size for log in (results / "logs").iterdir()) < 2_000_000


def test_what_was_recorded_is_whole(run, tmp_path):
    _, results, found = run
    records = whole_records(results, tmp_path / "copy")
    assert records
    assert all(json.loads(body)["status"] for body in records.values())
    assert len((results / "cells.jsonl").read_text().splitlines()) == len(found)


def test_ten_thousand_signatures(tmp_path):
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "many.py").write_text(case(more=MANY))
    done = matrix(
        tmp_path / "results",
        *("--cases", str(tmp_path / "cases"), "--case", "many", "--environment", ENVIRONMENT),
        *("--remedy", "as-written", "--loader", "tf.saved_model.load", "--timeout", "20"),
    )
    assert done.returncode == 0, done.stderr
    [row] = rows(tmp_path / "results")
    assert row["status"] == "timeout"  # each is run from a fresh load: that is a day's work


KEYS = {
    "parent": "../../../../stray-of-a-key",
    "root": "/tmp/stray-of-a-key",
    "spaces": "has spaces",
    "quotes": 'it\'s "so"',
    "newline": "two\nlines",
    "emoji": "\N{BUG}",
    "long": "n" * 300,
    "markup": "<script>alert(1)</script>",
}
# saved_model_cli writes an output into a file that is named for it.
NO_FILE = {"parent", "root", "long", "markup"}
LOADERS = ["libtensorflow", "saved_model_cli", "tf.saved_model.load"]


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """Run cases whose outputs and signatures have names that no one expects."""
    root = tmp_path_factory.mktemp("names")
    (root / "cases").mkdir()
    for kind, key in KEYS.items():
        output = case().replace('{"y":', f"{{{key!r}:")
        (root / "cases" / f"output_{kind}.py").write_text(output)
        inputs = f"{{{key!r}: {INPUTS}}}"
        more = f"def signatures(module):\n    return {{{key!r}: module.f}}"
        (root / "cases" / f"signature_{kind}.py").write_text(case(inputs=inputs, more=more))
    chosen = [f"--case={part}_{kind}" for part in ("output", "signature") for kind in KEYS]
    where = ("--cases", str(root / "cases"), "--environment", ENVIRONMENT)
    done = matrix(root / "results", *where, "--remedy", "as-written", *chosen)
    assert done.returncode == 0, done.stderr
    return root, {(row["case"], row["loader"]): row for row in rows(root / "results")}


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("part", ["output", "signature"])
def test_a_name_in_the_artifact(names, part, kind, loader):
    root, found = names
    row = found[f"{part}_{kind}", loader]
    refused = part == "output" and loader == "saved_model_cli" and kind in NO_FILE
    assert (row["status"], row["stage"]) == (("fail", "run") if refused else PASS), row["reason"]
    assert not list(root.rglob("stray*"))
    assert not list(Path("/tmp").glob("stray*"))
