"""What a lock must have for an environment to be filled from it, alone or over another one."""

import asyncio
import dataclasses
import hashlib
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from savedmodel_matrix.environments import filling as environments
from savedmodel_matrix.environments.filling import (
    EnvironmentBroken,
    check_distributions,
    look,
)
from savedmodel_matrix.model.environment import Environment
from tests.unit.fake_uv import LOCK, calls, edit_lock, fill_now, remove_stamp

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the stand-in for uv is a script that starts by its first line"
)


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


def patched(environment: Environment, text: str) -> Environment:
    patch = environment.lock.parent.parent / "patches" / "tf.diff"
    patch.parent.mkdir(exist_ok=True)
    patch.write_text(text)
    return dataclasses.replace(environment, patches=(patch,))


PATCH = "--- a/tf-keras.py\n+++ b/tf-keras.py\n@@ -1 +1 @@\n-x = 1\n+x = 23\n"


def test_a_patch_is_applied_and_is_part_of_the_identity(environment: Environment, uv: Path) -> None:
    plain = fill_now(environment, uv)
    mended = patched(environment, PATCH)
    assert look(mended) is None
    filled = fill_now(mended, uv)
    assert filled.identity.lock != plain.identity.lock
    [file] = environment.directory.glob("lib/*/site-packages/tf-keras.py")
    assert file.read_text() == "x = 23\n"
    assert look(patched(environment, PATCH.replace("23", "4"))) is None


def test_a_patch_that_does_not_fit_leaves_the_environment_unusable(
    environment: Environment, uv: Path
) -> None:
    mended = patched(environment, PATCH.replace("x = 1", "x = 2"))
    with pytest.raises(EnvironmentBroken) as caught:
        fill_now(mended, uv)
    assert caught.value.reason == (
        "tf2.21 cannot be made: patches/tf.diff does not fit: tf-keras.py has other text at line 1."
    )
    assert look(mended) is None
