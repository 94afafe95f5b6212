"""What an export carries twice: found, taken out, and everything else as it was."""

import filecmp
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.savedmodel import shared_bytes, slimming
from savedmodel_matrix.savedmodel.checkpoint import (
    Checkpoint,
    Entry,
    damages,
    read_checkpoint,
    shard_of,
)
from savedmodel_matrix.savedmodel.diagnose import diagnose
from savedmodel_matrix.savedmodel.errors import RepairRefused
from savedmodel_matrix.savedmodel.ops import Resource
from savedmodel_matrix.savedmodel.reading import read_saved_model
from savedmodel_matrix.savedmodel.repair import repair
from savedmodel_matrix.savedmodel.soundness import meta_graphs
from tests.unit.savedmodel.graphs import ARTIFACTS

EXPORT = ARTIFACTS / "export-2.21"
FLOAT = 1


def tensors(path):
    """Return the bytes of every tensor, by key."""
    checkpoint = read_checkpoint(path)
    assert checkpoint
    shard = (path / "variables/variables.data-00000-of-00001").read_bytes()
    return {k: shard[e.offset : e.offset + e.size] for k, e in checkpoint.entries.items()}


def test_an_export_restores_each_variable_once_and_stores_it_once(tmp_path):
    done = repair(EXPORT, tmp_path / "out", slim=True)
    assert done.slimmed
    assert done.after
    assert (done.slimmed.variables, done.slimmed.restored, done.slimmed.spare_bytes) == (2, 4, 40)
    assert done.after.sound
    assert tensors(tmp_path / "out") == tensors(EXPORT)
    size = (EXPORT / "variables/variables.data-00000-of-00001").stat().st_size
    smaller = (tmp_path / "out/variables/variables.data-00000-of-00001").stat().st_size
    assert smaller == size - 40
    (graph,) = meta_graphs(read_saved_model(tmp_path / "out"), restored=True)
    restored = {one.name for one in graph.restore.writes if isinstance(one, Resource)}
    assert restored == {"dense/kernel_1", "dense/bias_1"}
    checkpoint = read_checkpoint(tmp_path / "out")
    assert checkpoint
    assert list(damages(tmp_path / "out", checkpoint)) == []
    kept = ["fingerprint.pb", "saved_model.pb"]
    files = [p.relative_to(EXPORT) for p in EXPORT.rglob("*") if p.is_file()]
    other = [str(p) for p in files if p.parts[0] != "variables" and str(p) not in kept]
    assert filecmp.cmpfiles(EXPORT, tmp_path / "out", other, shallow=False)[0] == other


def test_what_is_slim_stays_as_it_is(tmp_path):
    repair(EXPORT, tmp_path / "one", slim=True)
    done = repair(tmp_path / "one", tmp_path / "two", slim=True)
    assert not done.changed
    compared = filecmp.dircmp(tmp_path / "one", tmp_path / "two")
    assert (compared.diff_files, compared.left_only, compared.right_only) == ([], [], [])


@pytest.mark.parametrize("name", ["dense-2.15", "dense-2.21", "tf1", "vocabulary", "lookup-2.21"])
def test_what_carries_nothing_twice_loses_no_variable(name, tmp_path):
    done = repair(ARTIFACTS / name, tmp_path / "out", slim=True)
    assert done.slimmed
    assert done.slimmed.variables == 0
    assert done.after
    assert done.after.sound


def test_values_that_differ_are_two_variables(tmp_path):
    """An export whose copies have been given other values is not one with copies."""
    path = tmp_path / "in"
    shutil.copytree(EXPORT, path)
    shard = path / "variables/variables.data-00000-of-00001"
    data = bytearray(shard.read_bytes())
    data[0] ^= 1  # of the kernel under variables/0
    shard.write_bytes(data)
    done = slimming.plan(read_saved_model(path), read_checkpoint(path))
    assert done.variables == 1
    before = tensors(path)
    slimming.slim(path)
    assert tensors(path) == before


def test_several_files_are_not_changed_in_place():
    with pytest.raises(RepairRefused, match="write a copy"):
        repair(EXPORT, slim=True)


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path):
    done = repair(EXPORT, dry_run=True, slim=True)
    assert done.slimmed
    assert (done.slimmed.variables, done.slimmed.spare_bytes) == (2, 40)
    assert list(tmp_path.iterdir()) == []


def test_diagnose_says_how_many_bytes_are_stored_twice(tmp_path):
    assert diagnose(EXPORT).spare_bytes == 40
    repair(EXPORT, tmp_path / "out", slim=True)
    assert diagnose(tmp_path / "out").spare_bytes == 0


@given(st.lists(st.binary(min_size=0, max_size=6), min_size=1, max_size=12))
def test_any_tensors_come_back_from_where_they_lie_once(tmp_path_factory, values):
    source, target = (tmp_path_factory.mktemp(name) for name in ("source", "target"))
    entries, shard = {}, b""
    for number, value in enumerate(values):
        sum_ = hash(value) & 0xFFFFFFFF
        entry = Entry(6, (len(value),), 0, len(shard), len(value), sum_, sliced=False)
        entries[f"key{number:02}"], shard = entry, shard + value
    checkpoint = Checkpoint(entries, 1, big_endian=False)
    same = {
        key: other
        for key, other in shared_bytes.twins(checkpoint).items()
        if entries[key].offset != entries[other].offset
    }
    placed = shared_bytes.placed(checkpoint, same)
    path = shard_of(source, checkpoint, 0)
    path.parent.mkdir(parents=True)
    path.write_bytes(shard)
    (target / "variables").mkdir()
    shared_bytes.write_shard(source, target, checkpoint, 0, same, placed)
    new = shard_of(target, checkpoint, 0).read_bytes()
    for number, value in enumerate(values):
        entry = placed[f"key{number:02}"]
        assert new[entry.offset : entry.offset + entry.size] == value
    assert len(new) == sum(len(value) for value in set(values))
