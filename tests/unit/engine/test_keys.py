"""A key rests on everything that a record rests on, and on nothing else."""

import shutil
from dataclasses import replace

import pytest

from savedmodel_matrix.engine import keys as keys_module
from savedmodel_matrix.engine.keys import Keys, local_files
from savedmodel_matrix.engine.run import clear_file_caches
from savedmodel_matrix.environments.filling import Identity
from savedmodel_matrix.model.case import Case
from savedmodel_matrix.model.cell import Cell, load_of, save_of
from savedmodel_matrix.model.plugin import Converter, Loader, Remedy
from savedmodel_matrix.model.requirements import overlay_name
from savedmodel_matrix.model.steps import Convert, Given, Load, Made, Save

IDENTITY = Identity("lock", "CPython 3.11.7", "linux-x86_64")


@pytest.fixture
def files(tmp_path):
    for name in ("case.py", "other.py", "remedy.py", "loader.py"):
        (tmp_path / name).write_text(f"# {name}\n")
    (tmp_path / "case.py").write_text("import helper\n")
    (tmp_path / "helper.py").write_text("value = 1\n")
    return tmp_path


def keys_of(files, identity=IDENTITY, variables=None, settings=None, writes="SavedModel"):
    clear_file_caches()
    keys = Keys({"tf2.15": identity, "tf2.16": IDENTITY}, variables or {}, settings)
    save = Save(
        Case("case", files / "case.py", ""),
        Remedy("as-written", files / "remedy.py", "", writes),
        "tf2.15",
    )
    load = Load(
        Made(save), Loader("l", files / "loader.py", "", (writes,), ("numpy",), False), "tf2.15"
    )
    return keys.of(save), keys.of(load)


def converted_keys_of(files, environment="tf2.15"):
    clear_file_caches()
    keys = Keys({"tf2.15": IDENTITY, "tf2.16": replace(IDENTITY, lock="another")}, {})
    case = Case("case", files / "case.py", "")
    save = Save(case, Remedy("r", files / "remedy.py", "", "SavedModel"), "tf2.15")
    convert = Convert(save, Converter("c", files / "other.py", "", "SavedModel", "T"), environment)
    loader = Loader("l", files / "loader.py", "", ("T",), ("numpy",), False)
    return keys.of(convert), keys.of(Load(Made(save, convert), loader, "tf2.15"))


def test_equal_files_give_equal_keys(files):
    assert keys_of(files) == keys_of(files)


@pytest.mark.parametrize("name", ["case.py", "helper.py", "remedy.py"])
def test_what_a_save_rests_on_changes_save_and_load(files, name):
    save, load = keys_of(files)
    (files / name).write_text((files / name).read_text() + "# changed\n")
    changed = keys_of(files)
    assert changed[0] != save
    assert changed[1] != load


def test_a_loader_changes_only_its_loads(files):
    save, load = keys_of(files)
    (files / "loader.py").write_text("# changed\n")
    changed = keys_of(files)
    assert changed[0] == save
    assert changed[1] != load


def test_a_load_of_what_was_converted_rests_on_the_converter_and_where_it_ran(files):
    before = converted_keys_of(files)
    elsewhere = converted_keys_of(files, "tf2.16")
    (files / "other.py").write_text("# changed\n")
    changed = converted_keys_of(files)
    assert all(old != new for old, new in zip(before, elsewhere, strict=True))
    assert all(old != new for old, new in zip(before, changed, strict=True))


def test_a_case_that_requires_more_rests_on_the_overlay_and_not_on_the_environment(files):
    clear_file_caches()
    case = Case("case", files / "case.py", "", requires=("toolz",))
    loader = Loader("l", files / "loader.py", "", ("SavedModel",), ("numpy",), False)
    remedy = Remedy("r", files / "remedy.py", "", "SavedModel")
    cell = Cell(case, remedy, "tf2.15", loader, "tf2.15")
    over = overlay_name("tf2.15", case.requires)

    def keys(**locks):
        found = {name: replace(IDENTITY, lock=lock) for name, lock in locks.items()}
        made = Keys({"tf2.15": found["base"], over: found["overlay"]}, {})
        return [made.of(save_of(cell)), made.of(load_of(cell))]

    before = keys(base="1", overlay="1")
    assert keys(base="2", overlay="1") == before
    changed = keys(base="1", overlay="2")
    assert all(old != new for old, new in zip(before, changed, strict=True))


def test_the_environments_own_variables_count(files):
    assert keys_of(files, settings={"tf2.15": {"KERAS_BACKEND": "jax"}}) != keys_of(files)


def test_each_kind_of_step_rests_on_the_code_that_it_runs(files, monkeypatch, tmp_path):
    host = tmp_path / "host"
    shutil.copytree(keys_module.HOST, host)
    monkeypatch.setattr(keys_module, "HOST", host)
    before, converted = keys_of(files), converted_keys_of(files)
    for name, changes in (
        ("values", (False, True)),
        ("live", (True, True)),
        ("server", (True, True)),
        ("convert", (False, False)),
        ("show", (False, False)),
        ("rebuilt", (False, False)),
    ):
        text = (host / f"{name}.py").read_text()
        (host / f"{name}.py").write_text(text + "# changed\n")
        assert tuple(a != b for a, b in zip(before, keys_of(files), strict=True)) == changes, name
        if name == "convert":
            assert converted_keys_of(files)[0] != converted[0]
        (host / f"{name}.py").write_text(text)


def test_what_is_built_anew_changes_loads_of_what_has_no_signatures(files, monkeypatch, tmp_path):
    host = tmp_path / "host"
    shutil.copytree(keys_module.HOST, host)
    monkeypatch.setattr(keys_module, "HOST", host)
    save, load = keys_of(files, writes="weights")
    with (host / "rebuilt.py").open("a") as file:
        file.write("# changed\n")
    changed = keys_of(files, writes="weights")
    assert changed[0] == save
    assert changed[1] != load


def test_a_file_that_is_not_imported_changes_nothing(files):
    before = keys_of(files)
    (files / "other.py").write_text("# changed\n")
    assert keys_of(files) == before


@pytest.mark.parametrize("field", ["lock", "python", "platform"])
def test_the_environment_counts(files, field):
    assert keys_of(files, replace(IDENTITY, **{field: "another"})) != keys_of(files)


def test_the_fixed_variables_count(files):
    assert keys_of(files, variables={"LANG": "C"}) != keys_of(files)


def test_local_modules_are_followed_to_any_depth(tmp_path):
    (tmp_path / "case.py").write_text("from package.part import thing\nimport json\n")
    (tmp_path / "package").mkdir()
    (tmp_path / "package/__init__.py").write_text("")
    (tmp_path / "package/part.py").write_text("import deeper\n")
    (tmp_path / "deeper.py").write_text("import case\n")
    names = {path.name for path in local_files(tmp_path / "case.py")}
    assert names == {"case.py", "__init__.py", "part.py", "deeper.py"}


def test_what_was_given_is_known_by_its_content(files):
    keys = Keys({"tf2.15": IDENTITY}, {})
    loader = Loader("l", files / "loader.py", "", ("SavedModel",), ("numpy",), False)
    one, same, other = (
        keys.of(Load(Given(files / place, content, "SavedModel"), loader, "tf2.15"))
        for place, content in (("a", "1"), ("b", "1"), ("a", "2"))
    )
    assert one == same
    assert one != other


@pytest.mark.parametrize("declared", ["data", "data/vocab.txt", "data/none.txt"])
def test_files_that_a_case_declares_change_save_and_load(files, declared):
    (files / "data").mkdir()
    (files / "data/vocab.txt").write_text("a")

    def keys():
        clear_file_caches()
        case = Case("case", files / "case.py", "", files=(declared,))
        remedy = Remedy("r", files / "remedy.py", "", "SavedModel")
        loader = Loader("l", files / "loader.py", "", ("SavedModel",), ("numpy",), False)
        made = Keys({"tf2.15": IDENTITY}, {})
        save = Save(case, remedy, "tf2.15")
        return made.of(save), made.of(Load(Made(save), loader, "tf2.15"))

    before = keys()
    (files / "data/other.txt").write_text("another")
    assert (keys() != before) == (declared == "data")
    before = keys()
    (files / declared / "vocab.txt" if declared == "data" else files / declared).write_text("b")
    assert all(a != b for a, b in zip(before, keys(), strict=True))


def test_a_plugin_rests_on_what_it_imports_from_beside_itself(tmp_path):
    plugin, helper, other = (tmp_path / f"{name}.py" for name in ("mine", "_helper", "other"))
    plugin.write_text("import other\nfrom ._helper import word\n")
    helper.write_text("word = 1\n")
    other.write_text("")

    def hashed():
        clear_file_caches()
        return keys_module.plugin_hash(plugin)

    before = hashed()
    other.write_text("changed = True\n")  # beside it, and out of its reach
    assert hashed() == before
    helper.write_text("word = 2\n")
    assert hashed() != before


def test_a_remedy_that_runs_our_code_rests_on_it(tmp_path, monkeypatch):
    package = tmp_path / "savedmodel"
    package.mkdir()
    (package / "repair.py").write_text("from savedmodel_matrix.savedmodel import wire\n")
    (package / "wire.py").write_text("value = 1\n")
    (package / "unrelated.py").write_text("value = 1\n")
    (tmp_path / "remedy.py").write_text("from savedmodel_matrix.savedmodel.repair import repair\n")
    (tmp_path / "plain.py").write_text("value = 1\n")
    monkeypatch.setattr(keys_module, "SAVEDMODEL", package)

    def hashes():
        clear_file_caches()
        return [keys_module.plugin_hash(tmp_path / name) for name in ("remedy.py", "plain.py")]

    before = hashes()
    (package / "unrelated.py").write_text("value = 2\n")
    assert hashes() == before
    (package / "wire.py").write_text("value = 2\n")
    assert hashes()[0] != before[0]
    assert hashes()[1] == before[1]


def test_the_remedy_repair_rests_on_what_reads_analyses_and_writes():
    remedy = keys_module.SAVEDMODEL.parent / "plugins/remedies/repair.py"
    found = {path.name for path in keys_module._package_files(remedy, keys_module.SAVEDMODEL)}
    assert found >= {"repair.py", "wire.py", "surgery.py", "effects.py", "schema.py", "table.py"}
