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
    check_distributions,
    fill,
    look,
)
from savedmodel_matrix.environments.ownership import STAMP
from savedmodel_matrix.model.environment import Environment
from tests.unit.fake_uv import FAKE_UV

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the stand-in for uv is a script that starts by its first line"
)

LOCK = "tensorflow-cpu==2.21.0 \\\n    --hash=sha256:00\ntf-keras==2.21.0\n"


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    lock = tmp_path / "locks" / "tf2.21.txt"
    lock.parent.mkdir()
    lock.write_text(LOCK)
    return Environment(
        name="tf2.21",
        python="3.11",
        tensorflow="2.21.0",
        tf_keras="2.21.0",
        lock=lock,
        directory=tmp_path / ".nox" / "environments" / "tf2.21",
    )


@pytest.fixture
def uv(tmp_path: Path) -> Path:
    program = tmp_path / "fake" / "uv"
    program.parent.mkdir()
    program.write_text(FAKE_UV.format(python=sys.executable))
    program.chmod(0o755)
    (program.parent / "interpreter").write_text("stands for a Python")
    return program


def fill_now(environment: Environment, uv: Path) -> Filled:
    return asyncio.run(fill(environment, uv, uv.with_name("log.txt")))


def calls(uv: Path) -> list[Any]:
    file = uv.with_name("calls.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


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


def edit_lock(environment: Environment, uv: Path) -> None:
    environment.lock.write_text(LOCK + "wrapt==2.5.2\n")


def remove_stamp(environment: Environment, uv: Path) -> None:
    (environment.directory / STAMP).unlink()


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
def test_whatever_it_rests_on_fills_it_anew(
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


def test_another_python_asked_for_fills_it_anew(environment: Environment, uv: Path) -> None:
    fill_now(environment, uv)
    assert look(dataclasses.replace(environment, python="3.12")) is None


def test_a_moved_checkout_fills_it_anew(environment: Environment, uv: Path) -> None:
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


def test_a_missing_lock(environment: Environment, uv: Path) -> None:
    environment.lock.unlink()
    with pytest.raises(EnvironmentBroken) as caught:
        fill_now(environment, uv)
    assert caught.value.reason == (
        "locks/tf2.21.txt is missing: make it with `nox -s lock -- --environment tf2.21`."
    )
    assert calls(uv) == []


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("tensorflow", "has tensorflow-cpu 2.21.0 where pyproject.toml states 2.22.0: renew it"),
        ("tf_keras", "has tf-keras 2.21.0 where pyproject.toml states 2.22.0: renew it"),
    ],
)
def test_a_lock_of_other_versions(
    environment: Environment, uv: Path, field: str, sentence: str
) -> None:
    fill_now(environment, uv)
    stated = dataclasses.asdict(environment) | {field: "2.22.0"}
    changed = Environment(**stated)
    with pytest.raises(EnvironmentBroken, match=sentence):
        look(changed)


@pytest.mark.parametrize(
    ("lock", "found"),
    [
        ("tf-keras==2.21.0\n", "no TensorFlow"),
        (f"{LOCK}tensorflow==2.21.0\n", "tensorflow and tensorflow-cpu"),
    ],
)
def test_not_one_tensorflow(environment: Environment, uv: Path, lock: str, found: str) -> None:
    environment.lock.write_text(lock)
    with pytest.raises(EnvironmentBroken, match=rf"locks/tf2\.21\.txt installs {found}, where"):
        fill_now(environment, uv)
    assert look(environment) is None


def test_no_tensorflow_where_none_is_stated(environment: Environment, uv: Path) -> None:
    stated = {"tensorflow": "", "tf_keras": "", "packages": ("openvino==2026.4.1",)}
    alone = dataclasses.replace(environment, **stated)  # type: ignore[arg-type]
    environment.lock.write_text("openvino==2026.4.1\n")
    assert fill_now(alone, uv).seconds > 0
    assert look(alone) is not None
    environment.lock.write_text("openvino==2026.4.1\ntensorflow-cpu==2.21.0\n")
    with pytest.raises(
        EnvironmentBroken, match="installs tensorflow-cpu, where none of tensorflow"
    ):
        fill_now(alone, uv)


@pytest.mark.parametrize(
    ("stated", "sentence"),
    [
        ({"keras": "3.9.2"}, r"tf2\.21\.txt lacks keras, which pyproject\.toml states: renew it"),
        ({"packages": ("Dm_Tree==0.1.9",)}, "lacks dm-tree, which"),
        ({"packages": ("six==1.0.0",)}, r"has six 1\.17\.0 where pyproject\.toml states 1\.0\.0"),
    ],
)
def test_a_lock_from_before_something_was_stated(
    environment: Environment, stated: Any, sentence: str
) -> None:
    environment.lock.write_text(f"{LOCK}six==1.17.0\n")
    with pytest.raises(EnvironmentBroken, match=sentence):
        look(dataclasses.replace(environment, **stated))


@pytest.fixture
def over(environment: Environment) -> Environment:
    lock = environment.lock.with_name("keras3.0.txt")
    lock.write_text("keras==3.0.5\n")
    return Environment(
        name="keras3.0",
        python="3.11",
        tensorflow="",
        tf_keras="",
        keras="3.0.5",
        lock=lock,
        directory=environment.directory.with_name("keras3.0"),
        over=environment.name,
        base=environment,
    )


def test_what_is_over_another_environment_fills_that_one_first(
    environment: Environment, over: Environment, uv: Path
) -> None:
    assert look(over) is None
    filled = fill_now(over, uv)
    base = look(environment)
    assert base is not None
    assert [call[0] for call in calls(uv)] == ["venv", "pip", "pip"]
    assert calls(uv)[-1] == [
        *("pip", "sync", "--require-hashes", "--target", str(over.directory / "packages")),
        *("--python", str(environment.executable), str(over.lock), "--offline"),
    ]
    own = hashlib.sha256(b"keras==3.0.5\n").hexdigest()
    joined = hashlib.sha256(f"{own} {base.identity.lock}".encode()).hexdigest()
    assert filled.identity == dataclasses.replace(base.identity, lock=joined)
    assert look(over) == dataclasses.replace(filled, seconds=0.0)


def test_a_base_that_is_not_whole_makes_what_is_over_it_not_whole(
    environment: Environment, over: Environment, uv: Path
) -> None:
    fill_now(over, uv)
    remove_stamp(environment, uv)
    assert look(over) is None
    fill_now(over, uv)
    assert len(calls(uv)) == 5  # the packages of its own were whole
    edit_lock(environment, uv)
    fill_now(over, uv)
    assert len(calls(uv)) == 8


def test_what_is_over_another_environment_is_mended_by_itself(
    over: Environment, uv: Path, tmp_path: Path
) -> None:
    fill_now(over, uv)
    (over.directory / "packages" / "keras.py").unlink()
    damaged = asyncio.run(environments.mend(over, lambda: uv, tmp_path / "log"))
    assert damaged == "keras.py is missing"
    assert len(calls(uv)) == 4
    assert look(over) is not None
    shutil.rmtree(over.directory / "packages" / "keras-3.0.5.dist-info")
    assert look(over) is None


def test_tensorflow_with_its_windows_half_is_one(environment: Environment) -> None:
    packages = environment.directory / "lib" / "python3.11" / "site-packages"
    for name in ("tensorflow", "tensorflow_intel", "tensorflow_estimator", "tf_keras"):
        (packages / f"{name}-2.15.1.dist-info").mkdir(parents=True)
    check_distributions(environment)


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
