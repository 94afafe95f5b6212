"""Which cells there are, and which steps and hosts they take."""

from dataclasses import replace
from pathlib import Path

from savedmodel_matrix.engine.planning import (
    Selected,
    plan_cells,
    preloads,
    producing,
    with_overlays,
)
from savedmodel_matrix.model.case import Case
from savedmodel_matrix.model.cell import convert_of, load_of, save_of
from savedmodel_matrix.model.environment import Environment
from savedmodel_matrix.model.plugin import Converter, Loader, Remedy
from savedmodel_matrix.model.requirements import overlay_name
from savedmodel_matrix.model.steps import HostKey, Load, Made, Save
from savedmodel_matrix.workspace.catalogue import find_loaders
from savedmodel_matrix.workspace.project import Project

CASE = Case("a", Path("a.py"), "")
PLAIN = Remedy("as-written", Path("r.py"), "", "SavedModel")
LEGACY = Remedy("legacy-keras", Path("l.py"), "", "SavedModel", {"TF_USE_LEGACY_KERAS": "1"})
OTHER = Remedy("keras", Path("k.py"), "", "keras-file")
LOADER = Loader("x", Path("x.py"), "", ("SavedModel",), ("tensorflow",), False)


LITERT = Loader("litert", Path("t.py"), "", ("TFLite",), ("ai",), False, environment="litert")
TFLITE = Loader("tflite", Path("f.py"), "", ("TFLite",), ("tensorflow",), False)
NEWER = Loader("newer", Path("n.py"), "", ("SavedModel",), ("tensorflow",), False, since="2.16")
CROSSING = replace(LOADER, crosses=True)
CONVERTER = Converter("c", Path("c.py"), "", "SavedModel", "TFLite")
PRODUCES = ["tf2.15", "tf2.21"]


def environment(name, tensorflow=""):
    version = tensorflow or name.removeprefix("tf") + ".0"
    return Environment(name, "3.11", version, version, Path("lock"), Path(name))


def runtime(name, loaders_of=""):
    return replace(environment(name), tensorflow="", tf_keras="", loaders_of=loaders_of)


RUNTIME = runtime("litert")
OLDER = runtime("litert1.0", "litert")


def selected(producers=PRODUCES, **more):
    return Selected(tuple(environment(name) for name in PRODUCES), tuple(producers), **more)


def pairs(loaders, converters=(), remedy=PLAIN, **more):
    cells = plan_cells([CASE], [remedy], loaders, selected(**more), converters)
    return [(cell.producer, cell.consumer) for cell in cells]


def test_by_default_every_producer_consumes_what_it_made():
    assert pairs([LOADER]) == [("tf2.15",) * 2, ("tf2.21",) * 2]


def test_with_consumers_named_each_of_them_loads_every_artifact():
    cells = plan_cells([CASE], [PLAIN], [LOADER], selected(consumers=("tf2.15", "tf2.21")))
    assert len(cells) == 4
    assert len({save_of(cell) for cell in cells}) == 2


def test_crossed_every_producer_consumes_what_every_other_made_if_the_loader_crosses():
    assert len(pairs([CROSSING], cross=True)) == 4
    assert len(pairs([LOADER], cross=True)) == 2
    assert pairs([CROSSING], cross=True, producers=["tf2.21"]) == [("tf2.21",) * 2]


def test_where_no_format_is_shared_there_is_no_cell():
    assert pairs([LOADER], remedy=OTHER) == []
    assert pairs([TFLITE]) == []


def test_a_loader_with_an_environment_of_its_own_loads_there_if_that_is_selected():
    own = replace(LITERT, reads=("SavedModel",))
    assert pairs([own]) == []
    assert pairs([own], own=(RUNTIME,)) == [("tf2.15", "litert"), ("tf2.21", "litert")]


def test_a_loader_runs_in_every_selected_version_of_its_environment():
    own = replace(LITERT, reads=("SavedModel",))
    other = replace(own, name="openvino", environment="openvino")
    both = pairs([own, other], own=(RUNTIME, OLDER), producers=["tf2.15"])
    assert both == [("tf2.15", "litert"), ("tf2.15", "litert1.0")]
    assert pairs([own], own=(OLDER,), producers=["tf2.15"]) == [("tf2.15", "litert1.0")]


def test_what_every_version_of_a_runtime_reads_is_converted_once():
    chosen = selected(["tf2.15"], own=(RUNTIME, OLDER))
    cells = plan_cells([CASE], [PLAIN], [LITERT], chosen, [CONVERTER])
    assert [load_of(cell).host.environment for cell in cells] == ["litert", "litert1.0"]
    assert len({convert_of(cell) for cell in cells}) == 1


def test_a_loader_has_no_cell_where_its_tensorflow_is_too_old():
    assert pairs([NEWER]) == [("tf2.21",) * 2]
    over = replace(environment("keras3.0"), tensorflow="", base=environment("tf2.21"))
    one = Selected((over,), ("keras3.0",))
    assert len(plan_cells([CASE], [PLAIN], [NEWER], one)) == 1


def test_one_conversion_serves_all_loaders_of_what_comes_of_it():
    own = (RUNTIME,)
    cells = plan_cells([CASE], [PLAIN], [TFLITE, LITERT], selected(own=own), [CONVERTER])
    assert len(cells) == 4
    converts = {convert_of(cell) for cell in cells}
    assert {one and one.environment for one in converts} == {"tf2.15", "tf2.21"}
    assert len(converts) == 2
    assert cells[-1].environments == ("tf2.21", "litert") or cells[-1].loader is TFLITE


def test_a_consumer_with_tensorflow_converts_itself():
    chosen = selected(["tf2.15"], consumers=("tf2.21",))
    (cell,) = plan_cells([CASE], [PLAIN], [TFLITE], chosen, [CONVERTER])
    convert = convert_of(cell)
    assert convert is not None
    assert convert.host == HostKey("tf2.21", "tensorflow")


def test_only_a_load_elsewhere_crosses():
    here, there = (
        Load(Made(save), LOADER, "tf2.21") for save in (saved("tf2.21"), saved("tf2.15"))
    )
    assert (here.crosses, there.crosses) == (False, True)


def saved(producer):
    return Save(CASE, PLAIN, producer)


def test_what_can_save_has_tensorflow_and_is_no_loaders_own():
    bare = replace(environment("openvino"), tensorflow="", tf_keras="")
    both = [environment("tf2.15"), environment("litert", "2.21.0"), bare]
    assert [one.name for one in producing(both, [LOADER, LITERT])] == ["tf2.15"]
    over = replace(both[1], name="litert1.0", loaders_of="litert")
    assert [one.name for one in producing([*both, over], [LOADER, LITERT])] == ["tf2.15"]


def test_settings_hold_for_the_producer_only():
    (cell,) = plan_cells([CASE], [LEGACY], [LOADER], selected(["tf2.15"]))
    settings = (("TF_USE_LEGACY_KERAS", "1"),)
    assert save_of(cell).host == HostKey("tf2.15", "tensorflow", settings)
    assert load_of(cell).host == HostKey("tf2.15", "tensorflow")


def test_loaders_that_need_tensorflow_share_its_host_and_libtensorflow_has_its_own():
    loaders = find_loaders()
    modules, prepares = preloads(HostKey("tf2.15", "tensorflow"), environment("tf2.15"), loaders)
    assert modules == ["tensorflow", "tensorflow.python.tools.saved_model_cli"]
    assert prepares == []
    modules, prepares = preloads(HostKey("tf2.15", "numpy"), environment("tf2.15"), loaders)
    assert modules == ["numpy"]
    assert [Path(p).stem for p in prepares] == ["libtensorflow"]


def test_a_host_of_a_loaders_own_environment_imports_what_that_loader_needs():
    for one in (environment("onnxruntime"), runtime("onnxruntime1.20", "onnxruntime")):
        modules, _ = preloads(HostKey(one.name, "tensorflow"), one, find_loaders())
        assert modules == ["tensorflow", "tf2onnx.convert", "onnxruntime"]


NEEDY = replace(CASE, requires=("toolz",))


def test_a_case_that_requires_more_runs_in_overlays_and_keeps_the_names_of_the_table():
    (cell,) = plan_cells([NEEDY], [PLAIN], [LOADER], selected(["tf2.15"]))
    over = overlay_name("tf2.15", ("toolz",))
    assert (cell.producer, cell.consumer) == ("tf2.15", "tf2.15")
    assert cell.environments == (over,)
    save, load = save_of(cell), load_of(cell)
    assert (save.host.environment, load.host.environment) == (over, over)
    assert not load.crosses


def test_a_loader_with_an_environment_of_its_own_gets_nothing_of_what_a_case_requires():
    chosen = selected(["tf2.15"], own=(RUNTIME,))
    (cell,) = plan_cells([NEEDY], [PLAIN], [LITERT], chosen, [CONVERTER])
    over = overlay_name("tf2.15", ("toolz",))
    convert = convert_of(cell)
    assert convert is not None
    assert convert.host.environment == over
    assert load_of(cell).host.environment == "litert"
    assert cell.environments == (over, "litert")


def test_a_run_has_the_overlays_that_its_cells_need_and_no_other():
    project = Project(
        root=Path("/p"),
        environments={name: environment(name) for name in ("tf2.15", "tf2.16", "tf2.21")},
        cases=Path("/p/cases"),
        results=Path("/p/results"),
        locks=Path("/p/locks"),
        report=Path("/p/report"),
    )
    mine = replace(NEEDY, name="mine", path=Path("/elsewhere/mine.py"))
    ours = replace(NEEDY, name="ours", path=Path("/p/cases/ours.py"), requires=("toolz<2",))
    cells = plan_cells([CASE, mine, ours], [PLAIN], [LOADER], selected())
    found = with_overlays(project, cells).environments
    wanted = {overlay_name(name, case.requires) for name in PRODUCES for case in (mine, ours)}
    assert found.keys() == {"tf2.15", "tf2.16", "tf2.21"} | wanted
    kept = found[overlay_name("tf2.21", ours.requires)]
    assert (kept.lock.parent, kept.on_demand) == (Path("/p/locks/cases"), False)
    made = found[overlay_name("tf2.21", mine.requires)]
    assert (made.lock.parent, made.on_demand) == (Path(".locks"), True)
