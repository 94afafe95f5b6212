"""HDF5 without its library: every way of storing links, and no byte that leads astray."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.savedmodel.hdf5 import SIGNATURE, Hdf5
from savedmodel_matrix.savedmodel.keras_weights import stored
from savedmodel_matrix.savedmodel.windows import DamagedFile, Window
from tests.unit.savedmodel.files import FILES

NAMES = ["dense-2.15.h5", "dense-2.21.weights.h5", "links.h5", "wide.h5"]


def content(data):
    return stored(Window(io.BytesIO(data), 0, len(data)), "x.h5")


def bytes_of(name):
    return (FILES / name).read_bytes()


@pytest.mark.parametrize("version", ["2.15", "2.21"])
def test_weights_have_their_shapes_and_attributes_their_text(version):
    found = content(bytes_of(f"dense-{version}.h5"))
    shapes = {path.split("/")[1]: w.shape for path, w in found.weights.items() if "kernel" in path}
    assert {k: v for k, v in shapes.items() if k in {"hidden", "out"}} == {
        "hidden": (4, 3),
        "out": (3, 2),
    }
    assert found.text("keras_version").startswith({"2.15": "2.15", "2.21": "3.15"}[version])
    assert found.text("model_config").startswith("{")
    assert found.text("absent") == ""
    assert not found.findings


def test_links_and_attributes_in_a_heap_with_an_index_are_all_there():
    data = bytes_of("wide.h5")
    found = content(data)
    again = {f"again/a_long_name_for_one_and_the_same_{n}" for n in range(150)}
    layers = {f"layers/layer_{n}" for n in range(12)} | {"layers/packed"}
    file = Hdf5(Window(io.BytesIO(data), 0, len(data)))
    assert {path for path, *_ in file.walk()} == again | layers | {"again", "layers"}
    assert len(found.weights) == 13  # one object of many names is one weight
    assert {found.text(f"note_{n}") for n in range(12)} == {str(n) for n in range(12)}
    assert not found.findings


def test_links_out_of_the_file_and_sizes_that_are_lies_are_found():
    found = content(bytes_of("links.h5"))
    assert {(f.rule, f.severity, f.evidence["place"]) for f in found.findings} == {
        ("hdf5-link", "high", "external"),
        ("hdf5-link", "medium", "soft"),
        ("hdf5-outside", "high", "outside"),
        ("hdf5-size", "high", "huge"),
    }
    assert any("/etc/other.h5:/vars/0" in f.message for f in found.findings)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_cut_short_anywhere_says_so(name):
    data = bytes_of(name)
    for size in range(0, len(data), 97):
        with pytest.raises(DamagedFile):
            content(data[:size])


def test_a_block_of_the_users_own_may_come_first():
    data = bytes_of("dense-2.15.h5")
    assert not data.startswith(bytes(512))
    moved = bytes(512) + data
    with pytest.raises(DamagedFile, match="cut short"):
        content(bytes(512) + data[:-1])
    assert content(moved).weights == content(data).weights


def test_a_group_that_contains_itself_ends():
    data = bytes_of("dense-2.21.weights.h5")
    root = Hdf5(Window(io.BytesIO(data), 0, len(data))).root
    file = Hdf5(Window(io.BytesIO(data), 0, len(data)))
    [first, *_] = [link for _, link, _ in file.walk() if link.address != root]
    looped = data.replace(first.address.to_bytes(8, "little"), root.to_bytes(8, "little"))
    content(looped)  # ends


def test_names_that_are_listed_twice_or_not_there_are_weights_that_are_lost():
    data = bytes_of("dense-2.15.h5")
    assert data.count(b"hidden/bias:0") == 1
    [finding] = content(data.replace(b"hidden/bias:0", b"hidden/bios:0")).findings
    assert (finding.rule, finding.severity) == ("weight-missing", "high")
    assert "'hidden/bios:0'" in finding.message
    assert data.count(b"hidden/kernel:0") == 1
    twice = data.replace(b"hidden/kernel:0", b"hidden/bias:0\0\0")
    [finding] = content(twice).findings
    assert "twice" in finding.message


def outcome(data):
    """Return what is said of a file: why it is refused, or its findings."""
    try:
        return [finding.message for finding in content(data).findings]
    except DamagedFile as error:
        return [str(error)]


@given(st.sampled_from(NAMES), st.data())
def test_changed_bytes_are_read_or_refused_in_a_sentence(name, data):
    changed = bytearray(bytes_of(name))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(changed) - 9))
        value = data.draw(st.integers(0, 2**64 - 1) | st.integers(0, len(changed)))
        width = data.draw(st.sampled_from([1, 2, 4, 8]))
        changed[place : place + width] = (value % 256**width).to_bytes(width, "little")
    assert all(said and "\n" not in said for said in outcome(bytes(changed)))


@given(st.binary(max_size=200))
def test_what_follows_the_signature_may_be_anything(data):
    with pytest.raises(DamagedFile):
        content(SIGNATURE + data)
