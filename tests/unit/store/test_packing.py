"""A run directory travels as one archive and is the same run where it arrives."""

import io
import tarfile

import pytest

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.store.memory import Store
from savedmodel_matrix.store.merging import reading, take_over
from savedmodel_matrix.store.packing import pack_run, unpack_run
from savedmodel_matrix.store.run_directory import RunDirectory
from tests.unit.store.runs import LIMITS, outcomes, run_of


def test_what_arrives_can_be_merged_and_is_the_same(tmp_path):
    cells = outcomes()
    place = run_of(tmp_path / "there", cells)
    (place / "report").mkdir()
    (place / "report" / "index.html").write_text("does not travel")
    arrived = unpack_run(pack_run(RunDirectory(place)), tmp_path / "here" / "run")
    assert arrived.is_ours
    assert not arrived.report.exists()
    home = RunDirectory(tmp_path / "home")
    with home.locked(), reading(arrived, "it", tmp_path / "scratch") as source:
        store = Store(home)
        store.open()
        taken = take_over([source], store)
        store.close()
    assert taken.records == len(cells) + len(cells) // 2
    assert (taken.artifacts, taken.absent) == (len(cells) // 2, 0)
    assert (arrived.place / "cells.jsonl").read_bytes() == (place / "cells.jsonl").read_bytes()
    assert len(source.part.cells) == len(cells)


def test_records_replace_those_by_the_same_keys_only_where_that_is_asked(tmp_path):
    old, new = outcomes(1), [dict(one, reason="another") for one in outcomes(1)]
    home = RunDirectory(run_of(tmp_path / "home", old))
    arrived = RunDirectory(run_of(tmp_path / "there", new))

    def reasons(*, replace):
        with home.locked(), reading(arrived, "it", tmp_path / f"scratch-{replace}") as source:
            store = Store(home)
            store.open()
            taken = take_over([source], store, replace=replace)
            kept = [store.known_load(one["key"], LIMITS) for one in old]
            found = {one.record["reason"] for one in kept if one}
            store.close()
        return taken.records, found

    assert reasons(replace=False) == (0, {one["reason"] for one in old})
    assert reasons(replace=True) == (3, {"another"})


def test_nothing_is_written_outside_of_the_place(tmp_path):
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("../outside"), io.BytesIO())
    with pytest.raises(tarfile.TarError):
        unpack_run(written.getvalue(), tmp_path / "here" / "run")
    assert not (tmp_path / "here" / "outside").exists()


def test_what_is_cut_short_is_refused(tmp_path):
    content = pack_run(RunDirectory(run_of(tmp_path / "there", outcomes(2))))
    with pytest.raises((tarfile.TarError, UserError)), _merging(content[:5000], tmp_path):
        pass


def _merging(content, tmp_path):
    return reading(unpack_run(content, tmp_path / "here"), "it", tmp_path / "scratch")
