"""Cases that require more than TensorFlow, with the real resolver and a real environment."""

import subprocess

import pytest

from savedmodel_matrix.workspace.catalogue import read_case
from tests.integration.conftest import PROJECT
from tests.integration.test_matrix import PLAINLY, matrix, rows

CASE = '''"""{title}."""
import numpy as np
import tensorflow as tf
{imports}
requires = {requires}
inputs = {{"x": np.float32([1, 2, 3])}}


def build():
    module = tf.Module()
    module.f = tf.function(
        lambda x: {{"y": x * {factor}}}, input_signature=[tf.TensorSpec([None], tf.float32, name="x")]
    )
    return module


def signatures(module):
    return module.f
'''


@pytest.fixture(scope="session")
def cases(tmp_path_factory):
    directory = tmp_path_factory.mktemp("cases")
    for name, imports, requires, factor in (
        (
            "needs_toolz",
            "import toolz\n",
            ["toolz"],
            "len(toolz.concat([[1], [2]]).__class__.__name__)",
        ),
        ("needs_what_is_not", "", ["tensorflow-text==0.0.1"], "2"),
        ("forgot_toolz", "import toolz\n", [], "2"),
    ):
        text = CASE.format(title=name, imports=imports, requires=requires, factor=factor)
        (directory / f"{name}.py").write_text(text)
    return directory


@pytest.fixture(scope="session")
def ran(environment, cases, tmp_path_factory):
    """Run the cases as written in one environment, once."""
    results = tmp_path_factory.mktemp(f"required-{environment.name}")
    chosen = [w for c in sorted(cases.glob("*.py")) for w in ("--case", c.stem)]
    arguments = [*chosen, "--cases", str(cases), "--remedy", "as-written", *PLAINLY]
    arguments += ["--environment", environment.name]
    return environment, results, arguments, matrix(results, *arguments)


def of(results, case):
    return [row for row in rows(results) if row["case"] == case]


def test_what_a_case_requires_is_there_when_it_is_built(ran):
    environment, results, _, done = ran
    found = of(results, "needs_toolz")
    assert {(row["status"], row["stage"]) for row in found} == {("pass", "values")}, done.stderr
    assert {row["producer"] for row in found} == {environment.name}
    assert {row["consumer"] for row in found} == {environment.name}


def test_a_requirement_that_has_no_solution_is_not_applicable_with_the_resolvers_sentence(ran):
    environment, results, _, _ = ran
    tensorflow = PROJECT.environments[environment.name].tensorflow
    for row in of(results, "needs_what_is_not"):
        assert (row["status"], row["stage"], row["fingerprint"]) == ("not-applicable", "", "")
        assert row["reason"] == (
            f"tensorflow-text==0.0.1 cannot be installed beside TensorFlow {tensorflow}: "
            "there is no version of tensorflow-text==0.0.1."
        )
    assert len(of(results, "needs_what_is_not")) == 3


def test_without_the_statement_the_package_is_missing(ran):
    _, results, _, _ = ran
    found = of(results, "forgot_toolz")
    assert {(row["status"], row["stage"]) for row in found} == {("fail", "build")}
    assert all("ModuleNotFoundError" in row["reason"] for row in found)


def test_nothing_is_written_into_the_directory_of_the_cases(ran, cases):
    assert {path.suffix for path in cases.rglob("*") if path.is_file()} == {".py"}


def test_again_nothing_is_resolved_or_run(ran):
    _, results, arguments, done = ran
    before = (results / "matrix.csv").read_bytes()
    again = matrix(results, *arguments)
    assert "Nothing to run" in again.stdout
    assert "resolving" not in again.stderr
    assert again.returncode == done.returncode
    assert (results / "matrix.csv").read_bytes() == before


def test_there_is_one_tensorflow_and_the_environment_itself_has_got_nothing(ran, cases):
    environment, _, _, _ = ran
    over = PROJECT.environment_for(read_case(cases / "needs_toolz.py"), environment.name)
    assert over.path is not None
    assert over.path
    names = {path.name.partition("-")[0].lower() for path in over.path.glob("*.dist-info")}
    assert names == {"toolz"}
    imported = subprocess.run(
        [environment.python, "-c", "import toolz"], capture_output=True, check=False
    )
    assert imported.returncode != 0


@pytest.mark.parametrize("loader", ["saved_model_cli", "libtensorflow", "tf.saved_model.load"])
def test_an_artifact_with_ops_of_a_package_needs_it_imported_and_not_only_installed(
    environment, tmp_path_factory, loader
):
    results = tmp_path_factory.mktemp("text")
    arguments = ["--case", "text_normalized", "--remedy", "as-written", "--loader", loader]
    matrix(results, *arguments, "--environment", environment.name)
    (row,) = rows(results)
    assert (row["status"], row["stage"]) == ("fail", "load")
    assert "Op type not registered" in row["reason"]
