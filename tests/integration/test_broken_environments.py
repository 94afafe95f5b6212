"""Environments that lost something, and a package index out of reach: mended, or else not-run.

All in a project of its own, so that what is broken here is not what the other tests use.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from savedmodel_matrix.environments.integrity import site_packages
from tests.integration.test_matrix import ROOT, rows

BROKEN, OTHER = "tf2.21", "tf2.20"
SMALL = ("--case", "module_dense", "--remedy", "as-written", "--loader", "tf.saved_model.load")
PASSES = {("pass", "values")}
NOT_RUN = {("not-run", "environment")}
NO_NETWORK = ("unshare", "--map-root-user", "--net")


class Project:
    """A checkout with two environments, whose cells all pass as long as nothing is broken."""

    def __init__(self, root: Path) -> None:
        self.root = root
        stated = tomllib.loads((ROOT / "pyproject.toml").read_text())
        environments = stated["tool"]["savedmodel-matrix"]["environments"]
        lines = ["[tool.savedmodel-matrix.environments]"]
        (root / "locks").mkdir()
        (root / "cases").mkdir()
        for name in (OTHER, BROKEN):
            values = ", ".join(f'{k} = "{v}"' for k, v in environments[name].items())
            lines.append(f'"{name}" = {{ {values} }}')
            shutil.copy(ROOT / "locks" / f"{name}.txt", root / "locks")
        lines += ["[tool.savedmodel-matrix.groups]", f'default = ["{OTHER}", "{BROKEN}"]']
        (root / "pyproject.toml").write_text("\n".join(lines) + "\n")
        shutil.copy(ROOT / "cases" / "module_dense.py", root / "cases")

    def run(self, *before, **variables):
        command = [sys.executable, "-m", "savedmodel_matrix", "matrix", "--fresh", *SMALL]
        done = subprocess.run(
            [*before, *command],
            cwd=self.root,
            env=os.environ | variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert "Traceback" not in done.stderr, done.stderr
        ends: dict[str, set[tuple[str, str]]] = {}
        for row in rows(self.root / "results"):
            ends.setdefault(row["producer"], set()).add((row["status"], row["stage"]))
        return done, ends

    @property
    def environment(self):
        return self.root / ".nox" / "environments" / BROKEN

    @property
    def packages(self):
        return site_packages(self.environment)[0]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Make the project and fill its environments, from the index or from what is cached."""
    project = Project(tmp_path_factory.mktemp("project"))
    done, ends = project.run()
    assert done.returncode == 0, done.stderr
    assert ends == {OTHER: PASSES, BROKEN: PASSES}
    return project


def remove_a_package(project):
    shutil.rmtree(project.packages / "keras")
    for info in project.packages.glob("keras-*.dist-info"):
        shutil.rmtree(info)


def remove_a_packages_files(project):
    shutil.rmtree(project.packages / "opt_einsum")


def cut_a_library_short(project):
    library = project.packages / "tensorflow" / "libtensorflow_cc.so.2"
    beginning = library.read_bytes()[:1_000_000]
    library.unlink()  # uv's cache may have the same file under another name
    library.write_bytes(beginning)


def give_it_another_python(project):
    python = project.environment / "bin" / "python"
    copied = project.root / "another-python"
    shutil.copy(python.resolve(), copied)
    python.unlink()
    python.symlink_to(copied)


FAULTS = [remove_a_package, remove_a_packages_files, cut_a_library_short, give_it_another_python]


def test_what_is_cut_short_and_can_be_had_again_is_mended(project):
    cut_a_library_short(project)
    done, ends = project.run(*NO_NETWORK)
    assert done.returncode == 0, done.stderr
    assert "libtensorflow_cc.so.2 has 1000000 bytes instead of" in done.stderr
    assert ends == {OTHER: PASSES, BROKEN: PASSES}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_broken_is_not_run_the_others_go_on_and_later_it_is_mended(
    project, tmp_path, fault
):
    fault(project)
    done, ends = project.run(*NO_NETWORK, UV_CACHE_DIR=str(tmp_path))
    assert done.returncode == 2, done.stdout
    assert ends == {OTHER: PASSES, BROKEN: NOT_RUN}
    [reason] = [row["reason"] for row in rows(project.root / "results") if row["reason"]]
    assert BROKEN in reason
    done, ends = project.run(*NO_NETWORK)
    assert done.returncode == 0, done.stderr
    assert ends == {OTHER: PASSES, BROKEN: PASSES}


def test_an_index_out_of_reach_with_everything_cached(project):
    shutil.rmtree(project.environment)
    done, ends = project.run(*NO_NETWORK)
    assert done.returncode == 0, done.stderr
    assert ends == {OTHER: PASSES, BROKEN: PASSES}


def test_an_index_out_of_reach_with_nothing_cached(project, tmp_path):
    shutil.rmtree(project.environment)
    done, ends = project.run(*NO_NETWORK, UV_CACHE_DIR=str(tmp_path))
    assert done.returncode == 2
    assert ends == {OTHER: PASSES, BROKEN: NOT_RUN}
    [reason] = [row["reason"] for row in rows(project.root / "results") if row["reason"]]
    assert "uv could not install locks/tf2.21.txt" in reason
    assert "error" in (project.root / "results/logs/install-tf2.21.log").read_text()


def test_a_python_that_is_not_to_be_had(project):
    file = project.root / "pyproject.toml"
    stated = file.read_text()
    lines = stated.splitlines()
    (number,) = (i for i, line in enumerate(lines) if line.startswith(f'"{BROKEN}" = '))
    lines[number] = lines[number].replace('"3.11"', '"3.99"')
    file.write_text("\n".join(lines) + "\n")
    try:
        done, ends = project.run(UV_PYTHON_DOWNLOADS="never")
    finally:
        file.write_text(stated)
    assert done.returncode == 2
    assert ends == {OTHER: PASSES, BROKEN: NOT_RUN}
    [reason] = [row["reason"] for row in rows(project.root / "results") if row["reason"]]
    assert "Python 3.99" in reason
