"""How a table was made, from files and version control as they are."""

import dataclasses
import re
import subprocess
from pathlib import Path
from typing import Any

from savedmodel_matrix.environments.filling import Identity
from savedmodel_matrix.environments.provenance import describe, merged, packages, still_there
from savedmodel_matrix.model.environment import Environment
from savedmodel_matrix.workspace.project import Project


def environment(directory: Path) -> Environment:
    return Environment(
        name="tf2.21",
        python="3.11",
        tensorflow="2.21.0",
        tf_keras="2.21.0",
        lock=directory / "lock.txt",
        directory=directory,
    )


def project(root: Path) -> Project:
    installed = root / ".nox" / "environments" / "tf2.21"
    for name in ("tensorflow_cpu-2.21.0", "Keras-3.15.1", "ml_dtypes-0.5.4"):
        (installed / "lib/python3.11/site-packages" / f"{name}.dist-info").mkdir(parents=True)
    return Project(
        root=root,
        environments={"tf2.21": environment(installed), "tf2.15": environment(root / "none")},
        cases=root / "cases",
        results=root / "results",
        locks=root / "locks",
        report=root / "report",
    )


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


def test_packages_are_those_installed_by_normalised_name(tmp_path):
    found = packages(project(tmp_path).environments["tf2.21"])
    assert found == {"keras": "3.15.1", "ml-dtypes": "0.5.4", "tensorflow-cpu": "2.21.0"}


def test_packages_over_another_environment_replace_what_it_has(tmp_path):
    base = project(tmp_path).environments["tf2.21"]
    own = tmp_path / "keras3.0"
    for name in ("keras-3.0.5", "dm_tree-0.1.10"):
        (own / "packages" / f"{name}.dist-info").mkdir(parents=True)
    assert packages(dataclasses.replace(base, directory=own, over="tf2.21", base=base)) == {
        "dm-tree": "0.1.10",
        "keras": "3.0.5",
        "ml-dtypes": "0.5.4",
        "tensorflow-cpu": "2.21.0",
    }


def test_a_run_is_described_without_the_environments_that_could_not_be_had(tmp_path):
    identity = Identity("abc", "CPython 3.11.7", "linux-x86_64")
    made = describe(
        project(tmp_path), ["tf2.15", "tf2.21"], {"tf2.21": identity}, ran=3, seconds=61.6
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["finished"])
    assert (made["cells_run"], made["seconds"], made["commit"], made["dirty"]) == (3, 62, "", False)
    assert list(made["environments"]) == ["tf2.21"]
    assert made["environments"]["tf2.21"]["lock"] == "abc"


def test_the_commit_is_named_and_only_changes_that_matter_make_it_dirty(tmp_path):
    made = project(tmp_path)
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "a.py").write_text("1")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "cases")
    git(tmp_path, "commit", "-qm", "a")
    (tmp_path / "README.md").write_text("changed")
    clean = describe(made, [], {}, ran=0, seconds=0)
    assert re.fullmatch(r"[0-9a-f]{40,64}", clean["commit"])
    assert not clean["dirty"]
    (tmp_path / "cases" / "a.py").write_text("2")
    assert describe(made, [], {}, ran=0, seconds=0)["dirty"]


def test_a_selection_without_a_table_before_it_describes_the_table():
    assert merged({}, {"finished": "now"}, 3) == {"finished": "now"}


def test_a_selection_adds_the_environments_that_only_it_had():
    before = {"environments": {"tf2.15": {"lock": "a"}}, "selections": []}
    now = {"finished": "f", "commit": "c", "environments": {"tf2.15": {}, "jax": {"lock": "j"}}}
    found = merged(before, now, 3)
    assert found["environments"] == {"tf2.15": {"lock": "a"}, "jax": {"lock": "j"}}
    assert [one["cells"] for one in found["selections"]] == [3]


def test_a_selection_is_noted_with_what_was_asked_for_and_where_it_ran():
    now = {"finished": "f", "commit": "c", "asked": "--selection runtimes", "seconds": 61}
    now |= {"environments": {"tf2.15": {}, "litert1.0": {}}, "numerics": {"a": {}}}
    (noted,) = merged({"selections": []}, now, 3)["selections"]
    assert noted["asked"] == "--selection runtimes"
    assert noted["environments"] == ["litert1.0", "tf2.15"]
    assert noted["seconds"] == 61
    assert "numerics" not in noted


def test_a_selection_is_still_there_if_a_full_run_leaves_cells_of_it():
    runtimes: dict[str, Any] = {"cells": 2, "environments": ["litert1.0", "tf2.15", "tf2.21"]}
    unsaid: dict[str, Any] = {"cells": 1}
    noted = [runtimes, unsaid]
    assert still_there(noted, {("tf2.15", "litert1.0")}) == [runtimes]
    assert still_there(noted, {("jax", "litert1.0"), ("jax", "jax")}) == []
    assert still_there(noted, set()) == []


def test_a_run_says_what_its_outcomes_can_rest_on_besides_its_environments(tmp_path):
    numerics = {"openvino": {"INFERENCE_PRECISION_HINT": "f32"}}
    made = describe(project(tmp_path), [], {}, ran=0, seconds=0, numerics=numerics)
    assert made["numerics"] == numerics
    assert made["processor"].keys() == {"architecture", "model", "extensions"}


def test_a_selection_from_another_processor_is_noted_with_it():
    before = {"processor": {"model": "a"}, "selections": []}
    now = {"finished": "f", "commit": "c"}
    same, other = ({**now, "processor": {"model": model}} for model in "ab")
    assert "processor" not in merged(before, same, 3)["selections"][0]
    assert merged(before, other, 3)["selections"][0]["processor"] == {"model": "b"}
    assert merged(before, other, 3)["processor"] == {"model": "a"}
