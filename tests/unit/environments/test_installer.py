"""Running uv: its output, its failures, and nothing of it left over."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from savedmodel_matrix.environments import installer
from savedmodel_matrix.environments.installer import InstallerFailed, alone, find_uv, run_uv
from savedmodel_matrix.model.errors import UserError

if sys.platform == "win32":
    pytest.skip("process groups and file locks are those of POSIX", allow_module_level=True)

import fcntl


def script(directory: Path, body: str) -> Path:
    """Write a stand-in for uv. What uv gets first is always `--color=never --no-progress`."""
    program = directory / "uv"
    program.write_text(f"#!/bin/sh\nshift 2\n{body}\n")
    program.chmod(0o755)
    return program


def run(uv: Path, *arguments: str, directory: Path | None = None) -> str:
    log = uv.with_name("logs") / "log.txt"
    try:
        asyncio.run(run_uv(uv, arguments, log=log, directory=directory))
    finally:
        said = log.read_text(errors="replace") if log.exists() else ""
    return said


def is_free(file: Path) -> bool:
    with file.open("ab") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def wait_for(file: Path) -> str:
    """Wait until `file` has been written, and return its text."""
    deadline = time.monotonic() + 20
    while not (file.exists() and file.read_text()):
        assert time.monotonic() < deadline, f"{file} was not written"
        time.sleep(0.02)
    return file.read_text()


def test_output_is_appended_after_the_call(tmp_path: Path) -> None:
    uv = script(tmp_path, 'echo "to output: $@"; echo "to errors" >&2')
    run(uv, "pip", "sync")
    said = run(uv, "venv")
    assert said == (
        "$ uv pip sync\nto output: pip sync\nto errors\n$ uv venv\nto output: venv\nto errors\n"
    )


def test_a_failure_has_the_last_lines_of_this_call_only(tmp_path: Path) -> None:
    run(script(tmp_path, "echo earlier"), "venv")
    with pytest.raises(InstallerFailed) as caught:
        run(script(tmp_path, r"printf 'one\n\n  two  \n\n\377three'; exit 3"), "venv")
    assert caught.value.last_words == "one\ntwo\n\ufffdthree"


def test_a_failure_without_a_word(tmp_path: Path) -> None:
    with pytest.raises(InstallerFailed, match="uv ended with status 3"):
        run(script(tmp_path, "exit 3"), "venv")


def test_uv_that_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(InstallerFailed, match="does not start: No such file or directory"):
        run(tmp_path / "uv", "venv")


def test_the_working_directory(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    assert f"{inner}\n" in run(script(tmp_path, "pwd"), "venv", directory=inner)


def test_another_pythons_variables_do_not_reach_uv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/of/the/user")
    monkeypatch.setenv("VIRTUAL_ENV", "/of/the/user")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "of-the-user")
    said = run(script(tmp_path, 'echo "[$PYTHONPATH$VIRTUAL_ENV] $UV_DEFAULT_INDEX"'), "venv")
    assert "[] of-the-user\n" in said


def test_a_cancelled_run_ends_the_whole_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A child that will not end by being asked. It has the lock file open, and so shows it lives.
    body = f"(trap '' TERM; sleep 60; sleep 60) & echo $! >{tmp_path}/started; wait"
    uv = script(tmp_path, body)
    file = tmp_path / "held"
    monkeypatch.setattr(installer, "GRACE", 0.3)

    async def cancel() -> None:
        async with alone(file) as held:
            log = tmp_path / "log.txt"
            task = asyncio.create_task(run_uv(uv, ["venv"], log=log, inherited=held))
            await asyncio.to_thread(wait_for, tmp_path / "started")
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(cancel())
    deadline = time.monotonic() + 5
    while not is_free(file):
        assert time.monotonic() < deadline, "a process of the group is still there"
        time.sleep(0.02)


def test_a_lock_waits_for_the_one_who_has_it(tmp_path: Path) -> None:
    order = []

    async def hold(name: str, seconds: float) -> None:
        async with alone(tmp_path / "deep" / "lock"):
            order.append(f"{name} begins")
            await asyncio.sleep(seconds)
            order.append(f"{name} ends")

    async def both() -> None:
        await asyncio.gather(hold("first", 0.1), hold("second", 0.0))

    asyncio.run(both())
    assert order == ["first begins", "first ends", "second begins", "second ends"]


KILLED = """
import asyncio, pathlib, sys
from savedmodel_matrix.environments.installer import alone, run_uv
uv, file = map(pathlib.Path, sys.argv[1:])
async def main():
    async with alone(file) as held:
        await run_uv(uv, ["venv"], log=file.with_name("log.txt"), inherited=held)
asyncio.run(main())
"""


@contextlib.contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        process.kill()
        process.wait()


def test_the_lock_lasts_while_uv_runs_after_a_kill(tmp_path: Path) -> None:
    uv = script(tmp_path, f"echo $$ >{tmp_path}/started; exec sleep 60")
    file = tmp_path / "held"
    source = Path(installer.__file__).parents[2]
    with ended(
        subprocess.Popen(
            [sys.executable, "-c", KILLED, uv, file],
            env={"PYTHONPATH": str(source), "PATH": os.environ["PATH"]},
        )
    ):
        process = int(wait_for(tmp_path / "started"))
    assert not is_free(file)
    os.kill(process, 9)
    deadline = time.monotonic() + 5
    while not is_free(file):
        assert time.monotonic() < deadline, "the lock outlived uv"
        time.sleep(0.02)


def test_uv_beside_this_package_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uv", types.SimpleNamespace(find_uv_bin=lambda: "/beside/uv"))
    monkeypatch.setenv("PATH", str(script(tmp_path, "").parent))
    assert find_uv() == Path("/beside/uv")


def test_uv_on_path_is_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uv", None)
    program = script(tmp_path, "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_uv() == program


def test_uv_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="run `pip install uv`"):
        find_uv()
