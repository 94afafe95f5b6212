"""Locks of what cases require: what uv is asked, what is kept of its answer, and when it is old."""

import asyncio
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from savedmodel_matrix.environments.filling import EnvironmentBroken, NotResolvable, fill, look
from savedmodel_matrix.environments.installer import InstallerFailed
from savedmodel_matrix.environments.resolving import answer, resolution, resolve
from savedmodel_matrix.model.environment import Environment, overlay
from tests.unit.fake_uv import FAKE_UV

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the stand-in for uv is a script that starts by its first line"
)

LOCK = """\
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:22
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:33
keras==3.15.1
tensorflow-cpu==2.21.0 ; sys_platform == 'linux' and platform_machine == 'x86_64'
tensorflow==2.21.0 ; sys_platform != 'linux' or platform_machine != 'x86_64'
tf-keras==2.21.0
"""


@pytest.fixture
def base(tmp_path: Path) -> Environment:
    lock = tmp_path / "locks" / "tf2.21.txt"
    lock.parent.mkdir()
    lock.write_text(LOCK)
    directory = tmp_path / ".nox" / "environments" / "tf2.21"
    return Environment("tf2.21", "3.11", "2.21.0", "2.21.0", lock, directory)


@pytest.fixture
def keras(base: Environment) -> Environment:
    lock = base.lock.with_name("keras3.0.txt")
    lock.write_text("dm-tree==0.1.10\nkeras==3.0.5\n")
    directory = base.directory.with_name("keras3.0")
    stated = {"keras": "3.0.5", "packages": ("dm-tree==0.1.10",), "over": "tf2.21", "base": base}
    return Environment("keras3.0", "3.11", "", "", lock, directory, **stated)  # type: ignore[arg-type]


@pytest.fixture
def uv(tmp_path: Path) -> Path:
    program = tmp_path / "fake" / "uv"
    program.parent.mkdir()
    program.write_text(FAKE_UV.format(python=sys.executable))
    program.chmod(0o755)
    (program.parent / "interpreter").write_text("stands for a Python")
    return program


def over(environment: Environment, *requires: str, on_demand: bool = True) -> Environment:
    locks = (environment.base or environment).lock.parent / "cases"
    return overlay(environment, requires, locks, on_demand=on_demand)


def asked(uv: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in uv.with_name("compiled.jsonl").read_text().splitlines()]


def options(arguments: list[str], name: str) -> list[str]:
    return [arguments[i + 1] for i, word in enumerate(arguments) if word == name]


def test_what_the_environment_has_stays_and_is_left_out_of_the_lock(
    base: Environment, uv: Path
) -> None:
    made = over(base, "toolz=={tensorflow}")
    assert asyncio.run(resolve(made, uv)) == ["toolz (none) → 1.0"]
    here, everywhere = asked(uv)
    assert here["asked"] == "toolz==2.21.0\n"
    assert set(here["constraint"].splitlines()) == {
        "numpy==2.4.6 ; python_full_version < '3.12'",
        "numpy==2.5.5 ; python_full_version >= '3.12'",
        "keras==3.15.1",
        "tensorflow-cpu==2.21.0 ; sys_platform == 'linux' and platform_machine == 'x86_64'",
        "tensorflow==2.21.0 ; sys_platform != 'linux' or platform_machine != 'x86_64'",
        "tf-keras==2.21.0",
        "tensorflow==2.21.0",
    }
    left_out = set(options(here["arguments"], "--no-emit-package"))
    assert {"numpy", "keras", "tf-keras", "tensorflow", "tensorflow-cpu"} <= left_out
    assert {"tensorflow-macos", "tensorflow-intel"} <= left_out
    assert "--universal" not in here["arguments"]
    assert "--universal" in everywhere["arguments"]
    assert everywhere["asked"] == "toolz==2.21.0 ; python_version == '3.11'\n"
    assert everywhere["before"].startswith("# nox -s lock\ntoolz==1.0")


def test_a_package_that_is_asked_for_in_another_version_replaces_that_of_the_environment(
    base: Environment, uv: Path
) -> None:
    asyncio.run(resolve(over(base, "numpy<2", "keras>=3"), uv))
    first = asked(uv)[0]
    assert "numpy" not in first["constraint"]
    assert "keras==3.15.1" in first["constraint"]
    assert "numpy" not in options(first["arguments"], "--no-emit-package")


def test_what_an_overlay_states_holds_whatever_its_base_says_of_it(
    keras: Environment, uv: Path
) -> None:
    asyncio.run(resolve(over(keras, "toolz"), uv))
    first = asked(uv)[0]
    assert first["asked"] == "keras==3.0.5\ndm-tree==0.1.10\ntoolz\n"
    assert set(first["override"].splitlines()) >= {"keras==3.0.5", "dm-tree==0.1.10"}
    assert "keras" not in first["constraint"].replace("tf-keras", "")
    left_out = options(first["arguments"], "--no-emit-package")
    assert not {"keras", "dm-tree"} & set(left_out)


def test_the_day_of_an_environment_holds_for_what_a_case_requires_too(
    base: Environment, uv: Path
) -> None:
    released = dataclasses.replace(base, released="2026-03-18")
    asyncio.run(resolve(over(released, "toolz"), uv))
    for made in asked(uv):
        assert options(made["arguments"], "--exclude-newer") == ["2026-03-19T00:00:00Z"]


@pytest.mark.parametrize("trouble", ["none elsewhere", "other elsewhere"])
def test_where_other_platforms_spoil_it_the_lock_is_that_of_this_one(
    base: Environment, uv: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setenv("FAKE_UV", trouble)
    made = over(base, "toolz")
    assert asyncio.run(resolve(made, uv)) == ["toolz (none) → 1.0"]
    assert resolution(made) == ""


def test_no_solution_is_an_answer_that_is_kept_whole(
    base: Environment, uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_UV", "no solution")
    made = over(base, "toolz==0")
    sentence = (
        "toolz==0 cannot be installed beside TensorFlow 2.21.0: there is no version of toolz==0."
    )
    assert asyncio.run(resolve(made, uv)) == [f"no solution: {sentence}"]
    assert resolution(made) == sentence
    assert "your requirements are unsatisfiable" in answer(made)
    assert asyncio.run(resolve(made, uv)) == []
    with pytest.raises(NotResolvable, match="no version of toolz") as refused:
        look(made)
    assert "unsatisfiable" in refused.value.last_words


def test_an_environment_without_tensorflow_is_not_asked_for_one(
    base: Environment, uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = dataclasses.replace(base, name="litert", tensorflow="", tf_keras="")
    made = over(runtime, "toolz==0")
    asyncio.run(resolve(made, uv))
    assert "tensorflow==\n" not in asked(uv)[0]["constraint"]
    monkeypatch.setenv("FAKE_UV", "no solution")
    (said,) = asyncio.run(resolve(made, uv, upgrade=True))
    assert "toolz==0 cannot be installed beside the packages of litert: there is no" in said


def test_without_tensorflow_packages_give_way_to_what_is_asked_for(
    base: Environment, uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = dataclasses.replace(base, name="litert", tensorflow="", tf_keras="")
    monkeypatch.setenv("FAKE_UV", "no solution beside numpy==2.4.6")
    made = over(runtime, "toolz==1.0")
    assert asyncio.run(resolve(made, uv)) == ["toolz (none) → 1.0"]
    first, second, *_ = asked(uv)
    assert "numpy==2.4.6" in first["constraint"]
    assert "numpy" not in second["constraint"]
    assert "numpy==2.4.6" in second["before"]  # what uv keeps where it can
    assert "numpy" not in options(second["arguments"], "--no-emit-package")
    beside_tensorflow = over(base, "toolz==1.0")
    (said,) = asyncio.run(resolve(beside_tensorflow, uv))
    assert said.startswith("no solution")


def test_a_refusal_is_found_before_anything_is_installed(
    base: Environment, uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_UV", "no solution")
    made = over(base, "toolz==0")
    with pytest.raises(NotResolvable):
        asyncio.run(fill(made, uv, uv.with_name("log.txt")))
    assert not base.directory.exists()
    assert not made.directory.exists()


def test_an_index_that_does_not_answer_leaves_no_lock_and_is_no_refusal(
    base: Environment, uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_UV", "no index")
    made = over(base, "toolz")
    with pytest.raises(InstallerFailed, match="Connection refused"):
        asyncio.run(resolve(made, uv))
    assert resolution(made) is None
    with pytest.raises(EnvironmentBroken, match="uv could not resolve toolz") as broken:
        asyncio.run(fill(made, uv, uv.with_name("log.txt")))
    assert not isinstance(broken.value, NotResolvable)


def test_once_a_lock_below_has_changed_it_is_old(base: Environment, uv: Path) -> None:
    made = over(base, "toolz")
    asyncio.run(resolve(made, uv))
    assert resolution(made) == ""
    base.lock.write_text(LOCK.replace("2.4.6", "2.4.7"))
    assert resolution(made) is None


@pytest.mark.parametrize("text", ["", "toolz==1.0\n", "# Rests on 00\ntoolz==1.0\n", "\xff"])
def test_a_lock_that_says_not_what_it_rests_on_is_old(base: Environment, text: str) -> None:
    made = over(base, "toolz")
    made.lock.parent.mkdir()
    made.lock.write_text(text, encoding="latin-1")
    assert resolution(made) is None


def test_a_kept_lock_that_is_missing_or_old_is_not_made_by_a_run(
    base: Environment, uv: Path
) -> None:
    kept = over(base, "toolz", on_demand=False)
    with pytest.raises(EnvironmentBroken, match=r"is missing: .* --environment tf2\.21`"):
        look(kept)
    asyncio.run(resolve(kept, uv))
    assert look(kept) is None
    base.lock.write_text(LOCK + "wrapt==2.5.2\n")
    with pytest.raises(EnvironmentBroken, match=r"older than .* --environment tf2\.21`"):
        asyncio.run(fill(kept, uv, uv.with_name("log.txt")))


def test_an_overlay_is_resolved_on_demand_and_filled_over_its_base(
    base: Environment, uv: Path
) -> None:
    base.lock.write_text("tensorflow-cpu==2.21.0\ntf-keras==2.21.0\n")
    made = over(base, "toolz")
    assert look(made) is None
    filled = asyncio.run(fill(made, uv, uv.with_name("log.txt")))
    assert (made.directory / "packages" / "toolz.py").exists()
    assert look(made) == dataclasses.replace(filled, seconds=0.0)
    below = look(base)
    assert below
    assert below.identity.lock != filled.identity.lock


def test_where_the_base_has_all_that_is_required_nothing_is_installed(
    base: Environment, uv: Path
) -> None:
    base.lock.write_text("tensorflow-cpu==2.21.0\ntf-keras==2.21.0\n")
    made = over(base, "tf-keras")
    asyncio.run(resolve(made, uv))
    made.lock.write_text(made.lock.read_text().split("# nox")[0])
    asyncio.run(fill(made, uv, uv.with_name("log.txt")))
    assert look(made)
    assert list((made.directory / "packages").iterdir()) == []
