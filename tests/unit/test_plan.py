"""Which cells there are, and which steps and hosts they take."""

from pathlib import Path

from savedmodel_matrix.catalogue import Case, Loader, Remedy, find_loaders
from savedmodel_matrix.plan import HostKey, load_of, plan_cells, preloads, save_of
from savedmodel_matrix.project import Environment

CASE = Case("a", Path("a.py"), "")
PLAIN = Remedy("as-written", Path("r.py"), "", "SavedModel")
LEGACY = Remedy("legacy-keras", Path("l.py"), "", "SavedModel", {"TF_USE_LEGACY_KERAS": "1"})
OTHER = Remedy("keras", Path("k.py"), "", "keras-file")
LOADER = Loader("x", Path("x.py"), "", "SavedModel", ("tensorflow",), False)


def environment(name):
    return Environment(name, "3.11", "2.21.0", "2.21.0", Path("lock"), Path(name))


def test_by_default_every_producer_consumes_what_it_made():
    both = [environment("tf2.15"), environment("tf2.21")]
    cells = plan_cells([CASE], [PLAIN], [LOADER], both, None)
    assert [(c.producer, c.consumer) for c in cells] == [("tf2.15",) * 2, ("tf2.21",) * 2]


def test_with_consumers_named_every_one_loads_every_artifact():
    both = [environment("tf2.15"), environment("tf2.21")]
    cells = plan_cells([CASE], [PLAIN], [LOADER], both, both)
    assert len(cells) == 4
    assert len({save_of(cell) for cell in cells}) == 2


def test_where_no_format_is_shared_there_is_no_cell():
    assert plan_cells([CASE], [OTHER], [LOADER], [environment("tf2.15")], None) == []


def test_settings_hold_for_the_producer_only():
    (cell,) = plan_cells([CASE], [LEGACY], [LOADER], [environment("tf2.15")], None)
    settings = (("TF_USE_LEGACY_KERAS", "1"),)
    assert save_of(cell).host == HostKey("tf2.15", "tensorflow", settings)
    assert load_of(cell).host == HostKey("tf2.15", "tensorflow")


def test_loaders_that_need_tensorflow_share_its_host_and_libtensorflow_has_its_own():
    loaders = find_loaders()
    modules, prepares = preloads("tensorflow", loaders)
    assert modules == ["tensorflow", "tensorflow.python.tools.saved_model_cli"]
    assert prepares == []
    modules, prepares = preloads("numpy", loaders)
    assert modules == ["numpy"]
    assert [Path(p).stem for p in prepares] == ["libtensorflow"]
