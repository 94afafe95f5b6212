"""What options select, on the project as it is."""

from pathlib import Path

import pytest

from savedmodel_matrix.commands.selection import SELECTING, select
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.workspace.project import find_project

PROJECT = find_project(Path(__file__))
TENSORFLOWS = {f"tf2.{minor}" for minor in range(15, 22)}
OWN = {"openvino", "litert", "onnxruntime"}


def cells(**options):
    asked = dict.fromkeys(SELECTING, ()) | {"case": ["module_dense"], "cross": False} | options
    return select(PROJECT, asked)[2]


def places(**options):
    return {(cell.producer, cell.consumer) for cell in cells(**options)}


def test_by_default_every_standard_environment_saves_and_every_loader_loads():
    found = cells()
    assert {cell.producer for cell in found} == TENSORFLOWS
    assert {cell.consumer for cell in found} == TENSORFLOWS | OWN
    assert all(cell.consumer in {cell.producer, *OWN} for cell in found)


def test_one_environment_saves_and_loads_alone():
    assert places(environment=["tf2.16"]) == {("tf2.16", "tf2.16")}


def test_a_loaders_own_environment_is_added_by_its_name_or_by_the_loaders():
    expected = {("tf2.16", "tf2.16"), ("tf2.16", "openvino")}
    assert places(environment=["tf2.16", "openvino"]) == expected
    assert places(environment=["tf2.16"], loader=["openvino"]) == {("tf2.16", "openvino")}


def test_a_producer_alone_is_loaded_by_itself_and_by_the_loaders_own():
    assert places(producer=["tf2.16"]) == {("tf2.16", "tf2.16"), *(("tf2.16", o) for o in OWN)}


def test_a_consumer_loads_what_every_producer_saved():
    assert places(consumer=["tf2.21"]) == {(name, "tf2.21") for name in TENSORFLOWS}
    assert places(consumer=["openvino"]) == {(name, "openvino") for name in TENSORFLOWS}


def test_crossed_the_fast_loaders_have_the_full_grid_and_the_others_do_not():
    found = cells(cross=True)
    grids: dict[str, set[tuple[str, str]]] = {}
    for cell in found:
        grids.setdefault(cell.loader.name, set()).add((cell.producer, cell.consumer))
    assert len(grids["saved_model_cli"]) == len(grids["libtensorflow"]) == 49
    assert len(grids["tf.saved_model.load"]) == len(grids["keras.models.load_model"]) == 49
    assert len(grids["tflite"]) == len(grids["openvino"]) == 7


def test_a_group_is_all_of_its_environments():
    assert {producer for producer, _ in places(environment=["released"])} == set(
        PROJECT.groups["released"]
    )
    assert {producer for producer, _ in places(environment=["all"])} > TENSORFLOWS


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"environment": ["openvino"]}, "Nothing saves in openvino"),
        ({"environment": ["tf2.16"], "consumer": ["tf2.15"]}, "not both"),
        ({"environment": ["tf2.61"]}, "tf2.21"),
        ({"loader": ["openvin"]}, "openvino"),
    ],
)
def test_what_cannot_be_meant_is_said(options, said):
    with pytest.raises(UserError, match=said):
        cells(**options)


def test_a_case_whose_requirements_cannot_be_read_is_refused_where_it_is_chosen(tmp_path):
    text = "requires = ['tool z']\ninputs = {}\ndef build(): ...\n"
    (tmp_path / "bad.py").write_text(text)
    chosen = {"cases": [str(tmp_path)], "environment": ["tf2.16"]}
    with pytest.raises(UserError, match=r"bad\.py:1: in requires, 'tool z' is no PEP 508"):
        cells(case=["bad"], **chosen)
    assert cells(case=["module_dense"], **chosen)
