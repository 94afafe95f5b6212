"""Keras files: healthy ones of two versions, each kind of damage, each kind of lie."""

import io
import stat
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.savedmodel import archive
from savedmodel_matrix.savedmodel.diagnose import diagnose
from tests.unit.savedmodel.files import FILES, keras_file, rules


@pytest.fixture
def changed(tmp_path):
    return lambda **changes: diagnose(keras_file(tmp_path / "model.keras", **changes))


@pytest.mark.parametrize(
    ("name", "kind", "keras", "weights"),
    [
        ("dense-2.15.keras", "Keras file", "2.15.0", 5),
        ("dense-2.21.keras", "Keras file", "3.15.1", 6),
        ("dense-2.15.h5", "HDF5 model", "2.15.0", 5),
        ("dense-2.21.h5", "HDF5 model", "3.15.1", 6),
        ("dense-2.15.weights.h5", "HDF5 weights", "", 5),
        ("dense-2.21.weights.h5", "HDF5 weights", "", 6),
    ],
)
def test_healthy_files_say_what_they_are_and_have_no_finding(name, kind, keras, weights):
    done = diagnose(FILES / name)
    assert (done.format, done.verdict, done.keras) == (kind, "sound", keras)
    assert done.findings == ()
    assert len(done.weights) >= weights
    assert {loader.verdict for loader in done.loaders.values()} == {"unknown"}
    assert all(loader.because for loader in done.loaders.values())
    if kind == "Keras file":
        assert done.saved.startswith("20")


@pytest.mark.parametrize("name", ["lambda-2.15.keras", "lambda-2.21.keras"])
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_a_lambda_in_a_wrapper_in_a_model_in_the_model(name, suffix):
    done = diagnose(FILES / name.replace(".keras", suffix))
    assert done.verdict == "sound"
    assert rules(done) == ["lambda"]
    assert rules(done, "high") == ["lambda"]


@pytest.mark.parametrize("compress", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_compressed_or_not_is_the_same(changed, compress):
    done = changed(compress=compress)
    assert done.findings == ()
    assert done.weights == diagnose(FILES / "dense-2.21.keras").weights


@pytest.mark.parametrize(
    ("changes", "rule", "severity"),
    [
        ({"config": None}, "entry-missing", "critical"),
        ({"metadata": None}, "entry-missing", "high"),
        ({"model": None}, "entry-missing", "high"),
        ({"config": b"{"}, "config-damaged", "critical"),
        ({"config": b"[{}]"}, "config-damaged", "critical"),
        ({"metadata": b"\xff"}, "config-damaged", "critical"),
        ({"model": b"\x89HDF"}, "weights-damaged", "critical"),
        ({"model": b""}, "weights-damaged", "critical"),
    ],
)
def test_what_is_missing_or_damaged_is_a_defect_that_names_it(changed, changes, rule, severity):
    done = changed(**changes)
    assert done.verdict == "defect"
    [finding] = done.findings
    assert (finding.rule, finding.severity) == (rule, severity)
    name = next(iter(changes))
    assert name in finding.message
    assert done.loaders["keras.models.load_model"].verdict == "fails"


def units(config):
    config["config"]["layers"][1]["config"]["units"] = 7


def inputs(config):
    config["config"]["layers"][1]["build_config"]["input_shape"] = [None, 9]


def third(config):
    config["config"]["layers"].append(dict(config["config"]["layers"][2]))


@pytest.mark.parametrize(
    ("change", "rule", "said"),
    [
        (units, "weight-shape", "[4, 3], the layer 'hidden' of the config asks for [4, 7]"),
        (inputs, "weight-shape", "asks for [9, 3]"),
        (third, "weight-missing", "layers/dense_2/vars/0 is missing"),
    ],
)
def test_weights_that_do_not_fit_the_config(changed, change, rule, said):
    done = changed(config=change)
    assert done.verdict == "defect"
    [finding] = done.findings
    assert finding.rule == rule
    assert said in finding.message


def test_layers_that_are_numbered_otherwise_are_not_compared(changed):
    def renamed(config):
        units(config)
        config["config"]["layers"][1]["config"]["name"] = "another"

    assert changed(config=renamed).verdict == "sound"


def test_a_byte_that_changed_is_found_by_its_sum(tmp_path):
    data = bytearray((FILES / "dense-2.21.keras").read_bytes())
    place = data.index(b'"units"')
    data[place + 1] ^= 1
    (tmp_path / "model.keras").write_bytes(data)
    done = diagnose(tmp_path / "model.keras")
    assert rules(done) == ["zip-damaged"]
    assert "config.json" in done.findings[0].message


@pytest.mark.parametrize("name", ["dense-2.15.keras", "dense-2.21.keras"])
def test_a_file_cut_short_anywhere_cannot_be_read(tmp_path, name):
    data = (FILES / name).read_bytes()
    for size in [0, 1, 3, 30, *range(100, len(data), 1501), len(data) - 1]:
        (tmp_path / "model.keras").write_bytes(data[:size])
        done = diagnose(tmp_path / "model.keras")
        assert done.verdict == "unreadable"
        [finding] = done.findings
        assert str(tmp_path / "model.keras") in finding.message


def zipped(tmp_path, *entries, compress=zipfile.ZIP_STORED):
    """Write a healthy file with entries added."""
    path = keras_file(tmp_path / "model.keras")
    with zipfile.ZipFile(path, "a", compress) as target:
        for name, data in entries:
            target.writestr(name, data)
    return diagnose(path)


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "assets/../../x", "C:\\x", "a\\..\\b"])
def test_names_that_leave_the_archive(tmp_path, name):
    done = zipped(tmp_path, (name, b"x"))
    assert "zip-path" in rules(done, "high")
    assert done.verdict == "sound"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name(tmp_path):
    assert rules(zipped(tmp_path, ("config.json", b'{"class_name": "Model"}')), "high") == [
        "zip-entry-twice"
    ]


def test_a_symbolic_link_a_pickle_and_what_has_no_place(tmp_path):
    link = zipfile.ZipInfo("assets/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert rules(zipped(tmp_path, (link, b"/etc/passwd")), "high") == ["zip-path"]
    assert rules(zipped(tmp_path, ("assets/x", b"\x80\x04\x95...")), "high") == ["pickle"]
    assert rules(zipped(tmp_path, ("model.pkl", b"x")), "high") == ["pickle"]
    assert rules(zipped(tmp_path, ("notes.txt", b"x"))) == ["zip-extra"]
    assert rules(zipped(tmp_path, ("assets/words.txt", b"x"), ("assets/", b""))) == []
    path = keras_file(tmp_path / "model.keras")
    with zipfile.ZipFile(path, "a") as target:
        target.writestr("Qualm", b"x")
    path.write_bytes(path.read_bytes().replace(b"Qualm", b"\0ualm"))  # it ends before it begins
    assert rules(diagnose(path)) == ["zip-extra"]


def test_an_entry_that_unpacks_to_a_thousand_times_its_size(tmp_path):
    done = zipped(tmp_path, ("assets/x", bytes(1 << 27)), compress=zipfile.ZIP_DEFLATED)
    assert rules(done, "high") == ["zip-bomb"]


def test_entries_that_share_bytes_and_entries_that_call_themselves_otherwise():
    def examined(data):
        return [f.rule for f in archive.findings_of(archive.opened(io.BytesIO(data), len(data)))]

    data = (FILES / "dense-2.21.keras").read_bytes()
    assert examined(data) == []
    start = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", start + 4)
    shared = bytearray(data)
    shared[second + 42 : second + 46] = data[start + 42 : start + 46]
    assert set(examined(bytes(shared))) == {"zip-bomb", "zip-entry-lies"}
    renamed = data.replace(b"metadata.json", b"metadata.jsOn", 1)
    assert examined(renamed) == ["zip-entry-lies"]


def test_a_directory_that_states_gigabytes_is_refused(tmp_path):
    data = bytearray((FILES / "dense-2.21.keras").read_bytes())
    end = data.rindex(b"PK\x05\x06")
    data[end + 12 : end + 16] = (1 << 31).to_bytes(4, "little")
    (tmp_path / "model.keras").write_bytes(data)
    done = diagnose(tmp_path / "model.keras")
    assert done.verdict == "unreadable"
    assert "2,147,483,648" in done.findings[0].message


@given(st.sampled_from(["dense-2.15.keras", "dense-2.21.keras", "lambda-2.21.keras"]), st.data())
def test_changed_bytes_are_diagnosed(tmp_path_factory, name, data):
    changed = bytearray((FILES / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(changed) - 1) | st.integers(-400, -1))
        changed[place] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "changed.keras"
    path.write_bytes(changed)
    done = diagnose(path)
    assert done.verdict in {"sound", "defect", "unreadable"}
    assert all(f.message and "\n" not in f.message for f in done.findings)
    assert done.verdict == "sound" or done.findings
