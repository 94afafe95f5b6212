"""What options select, on the project as it is."""

from pathlib import Path

import pytest

from savedmodel_matrix.commands.selection import SELECTING, everything, select
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.workspace.project import find_project

PROJECT = find_project(Path(__file__))
TENSORFLOWS = {f"tf2.{minor}" for minor in range(15, 22)}
OWN = {"openvino", "litert", "onnxruntime"}
PLAIN_LOADERS = ("saved_model_cli", "libtensorflow", "tf.saved_model.load")


def asked(**options):
    return dict.fromkeys(SELECTING, ()) | {"cross": False, "all": False} | options


def cells(**options):
    return select(PROJECT, asked(case=["module_dense"]) | options).cells


def places(**options):
    return {(cell.producer, cell.consumer) for cell in cells(**options)}


def test_by_default_every_standard_environment_saves_and_every_loader_loads():
    found = cells()
    assert {cell.producer for cell in found} == TENSORFLOWS
    assert {cell.consumer for cell in found} == TENSORFLOWS | OWN
    assert all(cell.consumer in {cell.producer, *OWN} for cell in found)


def test_everything_is_counted_whatever_was_selected():
    whole = len(select(PROJECT, asked(all=True)).cells)
    narrow = asked(case=["module_dense"], environment=["jax"], selection=(), cross=True)
    assert everything(PROJECT, narrow) == everything(PROJECT, asked()) == whole
    assert whole > len(cells(case=()))


def test_what_cannot_be_counted_is_none(tmp_path):
    (tmp_path / "broken.py").write_text("requires = 5\n")
    assert everything(PROJECT, asked(cases=[str(tmp_path)])) == 0


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


def named(found):
    return {(cell.case.name, cell.remedy.name, cell.loader.name) for cell in found}


def test_where_nothing_is_selected_the_run_is_what_pyproject_states():
    found = select(PROJECT, asked())
    written = {key for key in named(found.cells) if key[1] == "as-written"}
    assert {case for case, _, _ in written} == {case.name for case in found.cases}
    assert {case for case, _, _ in named(found.cells) - written} == {PROJECT.first}
    assert {cell.producer for cell in found.cells} == TENSORFLOWS
    assert {cell.loader.name for cell in found.cells} == set(PLAIN_LOADERS)
    assert not found.full
    assert len({cell.key for cell in found.cells}) == len(found.cells)


def test_everything_is_all_cells_of_the_default_group_and_full():
    everything = select(PROJECT, asked(all=True))
    assert everything.full
    assert {cell.key for cell in everything.cells} > {
        cell.key for cell in select(PROJECT, asked()).cells
    }
    one = select(PROJECT, asked(case=["module_dense"]))
    assert not one.full
    assert [cell.key for cell in everything.cells if cell.case.name == "module_dense"] == [
        cell.key for cell in one.cells
    ]


def test_an_option_narrows_from_everything_not_from_the_default_selection():
    found = named(cells(case=(), remedy=["resave"]))
    assert {loader for _, _, loader in found} > set(PLAIN_LOADERS)
    assert len({case for case, _, _ in found}) > 50


def test_more_cases_are_added_to_what_would_run_without_them(tmp_path):
    (tmp_path / "mine.py").write_text('"""Mine."""\ninputs = {}\ndef build(): ...\n')
    more = select(PROJECT, asked(cases=[tmp_path]))
    assert {key[1] for key in named(more.cells) if key[0] == "mine"} == {"as-written"}
    assert not select(PROJECT, asked(cases=[tmp_path], all=True)).full


def stating(tmp_path, selections):
    """Return a project like this one that states these selections."""
    file = tmp_path / "pyproject.toml"
    stated = '[tool.savedmodel-matrix.environments]\n"tf2.21" = { python = "3.11", tensorflow = "2.21.0" }\n'
    stated += '"tf2.20" = { python = "3.11", tensorflow = "2.20.0" }\n'
    stated += '[tool.savedmodel-matrix.groups]\ndefault = ["tf2.21", "tf2.20"]\n'
    file.write_text(stated + selections)
    (tmp_path / "cases").mkdir()
    for name in ("a", "b"):
        (tmp_path / "cases" / f"{name}.py").write_text(
            '"""A case."""\ninputs = {}\ndef build(): ...\n'
        )
    return find_project(tmp_path)


def test_a_project_that_states_no_selection_means_everything(tmp_path):
    found = select(stating(tmp_path, ""), asked())
    assert found.full
    assert {cell.case.name for cell in found.cells} == {"a", "b"}


def test_a_named_selection_has_the_cells_of_all_its_parts_each_once(tmp_path):
    project = stating(
        tmp_path,
        "[tool.savedmodel-matrix.selections.default]\n"
        'remedy = ["as-written"]\n'
        "[tool.savedmodel-matrix.selections.nightly]\n"
        'loader = ["tf.saved_model.load"]\n'
        'environment = ["tf2.21"]\n'
        'parts = [{ remedy = ["as-written"] }, { case = ["b"], environment = ["default"] }]\n',
    )
    found = select(project, asked(selection=["nightly"]))
    keys = [cell.key for cell in found.cells]
    assert len(set(keys)) == len(keys)
    assert {(key[0], key[2]) for key in keys} == {
        ("a", "tf2.21"),
        ("b", "tf2.21"),
        ("b", "tf2.20"),
    }
    assert {key[1] for key in keys if key[0] == "a"} == {"as-written"}
    assert {key[1] for key in keys if key[0] == "b"} > {"as-written", "resave"}
    both = select(project, asked(selection=["nightly", "default"]))
    assert {cell.key for cell in both.cells} > set(keys)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"all": True, "case": ["a"]}, "Use --all or --case, but not both"),
        ({"all": True, "remedy": ["resave"], "cross": True}, "Use --all or --remedy --cross"),
        ({"all": True, "selection": ["default"]}, "Use --selection or --all, but not both"),
        ({"selection": ["default"], "loader": ["tflite"]}, "Use --selection or --loader"),
        ({"selection": ["defualt"]}, "There is no selection 'defualt': did you mean 'default'"),
    ],
)
def test_options_that_contradict_one_another(options, said):
    with pytest.raises(UserError, match=said):
        select(PROJECT, asked(**options))


def test_a_selection_that_no_project_states(tmp_path):
    with pytest.raises(UserError, match=r"pyproject\.toml states no selection"):
        select(stating(tmp_path, ""), asked(selection=["nightly"]))


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ('case = ["c"]', "There is no case 'c'"),
        ('remedy = ["resafe"]', "There is no remedy 'resafe': did you mean 'resave'"),
        ('parts = [{ loader = ["tflyte"] }]', "There is no loader 'tflyte': did you mean 'tflite'"),
    ],
)
def test_an_unknown_name_in_a_selection_is_said_with_its_place(tmp_path, stated, said):
    project = stating(tmp_path, f"[tool.savedmodel-matrix.selections.default]\n{stated}\n")
    with pytest.raises(UserError, match=said) as caught:
        select(project, asked())
    where = f"{tmp_path / 'pyproject.toml'}: [tool.savedmodel-matrix.selections.default]: "
    assert str(caught.value).startswith(where)
