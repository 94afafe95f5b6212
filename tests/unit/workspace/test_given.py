"""The case that is written for an artifact which was there before."""

import ast

import numpy as np
import pytest

from savedmodel_matrix.workspace.catalogue import find_cases
from savedmodel_matrix.workspace.given import case_name, write_case

FEEDS = {"serve": {"x": np.ones((2, 3), "float32"), "words": np.array([b"a", b"bc"])}}
NAMES = [
    "model",
    "My Model-1",
    'quote"""quote',
    "back\\slash",
    "line\nend",
    "ümlaut",
    "{brace}",
    "1",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("expected", [None, {"serve": {"y": np.zeros(2)}}])
def test_whatever_the_artifact_is_called_its_case_is_a_module_the_catalogue_finds(
    tmp_path, name, expected
):
    artifact = tmp_path / name
    artifact.mkdir()
    written = write_case(tmp_path / "cases", artifact, FEEDS, expected)
    (case,) = find_cases([tmp_path / "cases"])
    assert (case.name, case.complaint, case.refused) == (written, "", "")
    values = {}
    for node in ast.parse(case.path.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("ARTIFACT", "KEYS"):
            values[ast.unparse(node.targets[0])] = ast.literal_eval(node.value)
    assert values["ARTIFACT"] == str(artifact)
    arrays = tmp_path / "cases" / written
    read = {key: np.load(arrays / file) for key, file in values["KEYS"]["serve"].items()}
    assert {key: array.tolist() for key, array in read.items()} == {
        key: array.tolist() for key, array in FEEDS["serve"].items()
    }


def test_two_artifacts_of_one_name_have_cases_of_their_own(tmp_path):
    names = {case_name(tmp_path / place / "model") for place in "ab"}
    assert len(names) == 2
    assert all(name.startswith("model_") for name in names)


def test_what_is_there_already_is_not_written_again(tmp_path):
    for _ in range(2):
        name = write_case(tmp_path, tmp_path / "model", FEEDS)
        files = [tmp_path / f"{name}.py", *(tmp_path / name).iterdir()]
        times = [(file, file.stat().st_mtime_ns, file.stat().st_ino) for file in files]
    write_case(tmp_path, tmp_path / "model", FEEDS)
    assert [(file, file.stat().st_mtime_ns, file.stat().st_ino) for file in files] == times
    other = {"serve": FEEDS["serve"] | {"x": np.zeros((2, 3), "float32")}}
    write_case(tmp_path, tmp_path / "model", other)
    assert [file.stat().st_ino for file, *_ in times] != [inode for *_, inode in times]
