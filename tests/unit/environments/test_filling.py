"""Filling environments, with a stand-in for uv that writes what the real one would."""

import asyncio
import dataclasses
import hashlib
import json
import os
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from savedmodel_matrix.environments import filling as environments
from savedmodel_matrix.environments.filling import (
    EnvironmentBroken,
    Filled,
    fill,
    look,
)
from savedmodel_matrix.environments.ownership import STAMP
from savedmodel_matrix.model.environment import Environment
from tests.unit.fake_uv import LOCK, calls, edit_lock, fill_now, remove_stamp

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the stand-in for uv is a script that starts by its first line"
)


def test_an_environment_is_filled_from_its_lock(environment: Environment, uv: Path) -> None:
    assert look(environment) is None
    filled = fill_now(environment, uv)
    assert calls(uv) == [
        ["venv", "--no-project", "--python", "3.11", str(environment.directory)],
        [
            *("pip", "sync", "--require-hashes"),
            *("--python", str(environment.executable), str(environment.lock), "--offline"),
        ],
    ]
    assert filled.environment == environment
    assert filled.seconds > 0
    assert filled.identity.lock == hashlib.sha256(LOCK.encode()).hexdigest()
    assert filled.identity.python == "CPython 3.11.7"
    assert filled.identity.platform.startswith(f"{sys.platform}-")


def test_a_whole_environment_is_known_without_asking_uv(environment: Environment, uv: Path) -> None:
    first = fill_now(environment, uv)
    again = fill_now(environment, Path("/no/uv/is/here"))
    assert again == dataclasses.replace(first, seconds=0.0)
    assert look(environment) == again


def cut_stamp_short(environment: Environment, uv: Path) -> None:
    stamp = environment.directory / STAMP
    stamp.write_bytes(stamp.read_bytes()[:40])


def upgrade_interpreter(environment: Environment, uv: Path) -> None:
    uv.with_name("interpreter").write_text("stands for another Python")


def remove_configuration(environment: Environment, uv: Path) -> None:
    (environment.directory / "pyvenv.cfg").unlink()


def change_python(environment: Environment, uv: Path) -> None:
    configuration = environment.directory / "pyvenv.cfg"
    configuration.write_text(configuration.read_text().replace("3.11.7", "3.11.9"))


def remove_a_package(environment: Environment, uv: Path) -> None:
    [info] = environment.directory.glob("lib/python3.11/site-packages/tf_keras-*.dist-info")
    shutil.rmtree(info)


def add_a_package(environment: Environment, uv: Path) -> None:
    (environment.directory / "lib/python3.11/site-packages/extra-1.0.dist-info").mkdir()


def from_another_format(environment: Environment, uv: Path) -> None:
    stamp = environment.directory / STAMP
    stamp.write_text(json.dumps(json.loads(stamp.read_text()) | {"format": 0}))


@pytest.mark.parametrize(
    "change",
    [
        edit_lock,
        remove_stamp,
        cut_stamp_short,
        upgrade_interpreter,
        remove_configuration,
        change_python,
        remove_a_package,
        add_a_package,
        from_another_format,
    ],
)
def test_whatever_it_rests_on_fills_it_again(
    environment: Environment, uv: Path, change: Any
) -> None:
    fill_now(environment, uv)
    (environment.directory / "left-over").touch()
    change(environment, uv)
    assert look(environment) is None
    assert fill_now(environment, uv).seconds > 0
    assert len(calls(uv)) == 4
    assert not (environment.directory / "left-over").exists()
    assert look(environment) is not None


def test_another_python_asked_for_fills_it_again(environment: Environment, uv: Path) -> None:
    fill_now(environment, uv)
    assert look(dataclasses.replace(environment, python="3.12")) is None


def test_a_moved_checkout_fills_it_again(environment: Environment, uv: Path) -> None:
    fill_now(environment, uv)
    moved = environment.directory.with_name("moved")
    environment.directory.rename(moved)
    assert look(dataclasses.replace(environment, directory=moved)) is None


def test_an_environment_reached_through_a_link_is_the_same(
    environment: Environment, uv: Path, tmp_path: Path
) -> None:
    fill_now(environment, uv)
    other = tmp_path / "linked"
    other.symlink_to(environment.directory.parent, target_is_directory=True)
    linked = dataclasses.replace(environment, directory=other / environment.directory.name)
    assert look(linked)
    fill_now(linked, uv)
    assert len(calls(uv)) == 2  # those of the first time


def test_an_interpreter_that_is_gone_is_not_whole(environment: Environment, uv: Path) -> None:
    fill_now(environment, uv)
    uv.with_name("interpreter").unlink()
    assert look(environment) is None


def test_what_we_had_begun_is_replaced(
    environment: Environment, uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_UV", "fail sync")
    with pytest.raises(EnvironmentBroken):
        fill_now(environment, uv)
    monkeypatch.delenv("FAKE_UV")
    (environment.directory / "half" / "removed").mkdir(parents=True)
    fill_now(environment, uv)
    assert not (environment.directory / "half").exists()


@pytest.mark.parametrize("after", ["nothing", "an environment", "a link"])
def test_a_directory_that_is_not_ours_is_left_as_it_is(
    environment: Environment, uv: Path, after: str
) -> None:
    if after == "an environment":  # that was ours, and moved away
        fill_now(environment, uv)
        environment.directory.rename(environment.directory.with_name("moved"))
    theirs = environment.directory
    if after == "a link":
        theirs = environment.directory.with_name("theirs")
        theirs.mkdir(parents=True)
        environment.directory.symlink_to(theirs)
    (theirs / "half" / "removed").mkdir(parents=True)
    (theirs / "pyvenv.cfg").write_text("home = mine")
    (theirs / "thesis.txt").write_text("mine")
    before = len(calls(uv))
    for _ in range(2):
        with pytest.raises(EnvironmentBroken, match="did not put there") as refused:
            fill_now(environment, uv)
        assert refused.value.reason.startswith(".nox/environments/tf2.21 holds something")
    assert sorted(path.name for path in theirs.iterdir()) == ["half", "pyvenv.cfg", "thesis.txt"]
    assert (theirs / "half" / "removed").is_dir()
    assert len(calls(uv)) == before


def test_an_empty_directory_is_filled(environment: Environment, uv: Path) -> None:
    environment.directory.mkdir(parents=True)
    fill_now(environment, uv)
    assert look(environment) is not None


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("venv", "uv could not make a virtual environment with Python 3.11."),
        ("sync", "uv could not install locks/tf2.21.txt."),
    ],
)
def test_a_failure_carries_the_last_words_and_looks_broken(
    environment: Environment, uv: Path, monkeypatch: pytest.MonkeyPatch, step: str, reason: str
) -> None:
    monkeypatch.setenv("FAKE_UV", f"fail {step}")
    with pytest.raises(EnvironmentBroken) as caught:
        fill_now(environment, uv)
    assert caught.value.reason == reason
    assert caught.value.last_words == "word 3\nword 4\nword 5\nword 6\nword 7"
    assert look(environment) is None
    monkeypatch.delenv("FAKE_UV")
    assert fill_now(environment, uv).seconds > 0


def test_what_is_not_cached_is_asked_of_the_index(
    environment: Environment, uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_UV", "nothing cached")
    assert fill_now(environment, uv).seconds > 0
    assert [("--offline" in call) for call in calls(uv)] == [False, True, False]


def test_what_was_cut_short_is_mended(environment: Environment, uv: Path, tmp_path: Path) -> None:
    fill_now(environment, uv)
    log = tmp_path / "log"
    assert asyncio.run(environments.mend(environment, lambda: uv, log)) == ""
    place = environment.directory / "lib/python3.11/site-packages"
    (place / "tf-keras.py").write_text("")
    assert "0 bytes instead of 6" in asyncio.run(environments.mend(environment, lambda: uv, log))
    assert asyncio.run(environments.mend(environment, lambda: uv, log)) == ""
    assert look(environment) is not None


def test_a_damaged_cache_is_named(
    environment: Environment, uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_UV", "damaged cache")
    with pytest.raises(EnvironmentBroken, match="uv cache clean") as caught:
        fill_now(environment, uv)
    assert "1 bytes instead of 6" in caught.value.last_words
    assert look(environment) is None


def test_a_failed_renewal_leaves_no_old_stamp(
    environment: Environment, uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_now(environment, uv)
    edit_lock(environment, uv)
    monkeypatch.setenv("FAKE_UV", "fail sync")
    with pytest.raises(EnvironmentBroken):
        fill_now(environment, uv)
    environment.lock.write_text(LOCK)  # as it was when the stamp was written
    assert look(environment) is None


def test_a_removal_cut_short_leaves_no_old_stamp(
    environment: Environment, uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_short(directory: Path) -> None:
        raise PermissionError(13, "Permission denied", str(directory))

    fill_now(environment, uv)
    edit_lock(environment, uv)
    monkeypatch.setattr("shutil.rmtree", cut_short)
    with pytest.raises(EnvironmentBroken, match="Permission denied"):
        fill_now(environment, uv)
    environment.lock.write_text(LOCK)
    assert look(environment) is None


def test_uv_that_is_not_there(environment: Environment, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentBroken, match="uv could not make") as caught:
        asyncio.run(fill(environment, tmp_path / "uv", tmp_path / "log.txt"))
    assert "does not start" in caught.value.last_words


def test_a_place_that_cannot_be_written(environment: Environment, uv: Path, tmp_path: Path) -> None:
    (tmp_path / ".nox").write_text("a file where a directory belongs")
    with pytest.raises(EnvironmentBroken, match=r"environment tf2\.21 could not be written"):
        fill_now(environment, uv)


def test_two_runs_at_once_fill_it_once(environment: Environment, uv: Path) -> None:
    async def both() -> tuple[Filled, Filled]:
        log = uv.with_name("log.txt")
        return await asyncio.gather(fill(environment, uv, log), fill(environment, uv, log))

    first, second = asyncio.run(both())
    assert first.identity == second.identity
    assert len(calls(uv)) == 2
    assert sorted([first.seconds > 0, second.seconds > 0]) == [False, True]


async def hanging_fill(environment: Environment, uv: Path) -> tuple[asyncio.Task[Filled], int]:
    """Start a fill, and wait until uv hangs with half of the packages installed."""
    task = asyncio.create_task(fill(environment, uv, uv.with_name("log.txt")))
    while not (uv.with_name("pid").exists() and uv.with_name("pid").read_text()):
        assert not task.done()
        await asyncio.sleep(0.02)
    return task, int(uv.with_name("pid").read_text())


def test_a_cancelled_fill_ends_uv_and_is_not_whole(
    environment: Environment, uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_UV", "hang")

    async def cancel() -> int:
        task, process = await hanging_fill(environment, uv)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return process

    process = asyncio.run(cancel())
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert look(environment) is None
    monkeypatch.delenv("FAKE_UV")
    assert fill_now(environment, uv).seconds > 0


def test_a_fill_cancelled_while_it_removes_waits_for_that(
    environment: Environment, uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.directory.mkdir(parents=True)
    begun, ended = threading.Event(), threading.Event()

    def remove_slowly(_: Path) -> None:
        begun.set()
        time.sleep(0.3)
        ended.set()

    async def cancel() -> None:
        task = asyncio.create_task(fill(environment, uv, uv.with_name("log.txt")))
        await asyncio.to_thread(begun.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()

    monkeypatch.setattr("shutil.rmtree", remove_slowly)
    asyncio.run(cancel())
    assert calls(uv) == []
