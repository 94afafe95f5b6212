"""`results/history/`: written once, read again, never over anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.files import write_files
from savedmodel_matrix.store.accepted import Publishable, accept, load_table
from savedmodel_matrix.store.history import file_of, read_history
from tests.unit.analysis.test_history import RUN, entry
from tests.unit.rows import cell

if TYPE_CHECKING:
    from pathlib import Path


def test_entries_are_read_in_the_order_of_their_runs(tmp_path: Path) -> None:
    place = tmp_path / "history"
    assert read_history(place) == ()
    days = ("2026-01-03", "2026-01-01", "2026-01-02")
    made = [entry([cell()], finished=f"{day}T00:00:00Z") for day in days]
    for one in made:
        write_files(file_of(one, place))
    (place / "README.md").write_text("somebody's")
    (place / "notes.json").write_text("somebody's")
    assert read_history(place) == tuple(sorted(made, key=lambda one: one.finished))


def test_nothing_is_ever_replaced(tmp_path: Path) -> None:
    made = [entry([cell()], commit=commit) for commit in ("first", "second", "third")]
    for one in made:
        write_files(file_of(one, tmp_path))
    names = ["2026-01-02T030405Z-2.json", "2026-01-02T030405Z-3.json", "2026-01-02T030405Z.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert read_history(tmp_path) == tuple(made)


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("somebody's")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("file", "link"):
        with pytest.raises(UserError, match="is not a directory of ours"):
            read_history(tmp_path / name)
        with pytest.raises(UserError, match="is not a directory of ours"):
            file_of(entry([cell()]), tmp_path / name)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": 9}', "[" * 100_000])
def test_an_entry_that_is_none_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "2026-01-02T030405Z.json").write_text(content)
    with pytest.raises(UserError, match=r"030405Z\.json is no entry of the history .*; restore it"):
        read_history(tmp_path)


def test_an_entry_is_small(tmp_path: Path) -> None:
    rows = [cell(case=f"c{number}", producer=f"tf2.{number % 9}") for number in range(5000)]
    (content,) = file_of(entry(rows), tmp_path).values()
    assert len(content) < 200_000


def test_an_entry_and_the_table_are_written_together_or_not_at_all(tmp_path: Path) -> None:
    made = file_of(entry([cell()]), tmp_path / "history")
    accept(Publishable([cell()]), tmp_path / "accepted", full=True, run=RUN, beside=made)
    assert len(read_history(tmp_path / "history")) == len(load_table(tmp_path / "accepted")) == 1
    (tmp_path / "taken").write_text("")
    broken = {tmp_path / "taken" / "x.json": b""}
    with pytest.raises(UserError, match="Cannot write"):
        accept(
            Publishable([cell("fail")]), tmp_path / "accepted", full=True, run=RUN, beside=broken
        )
    assert list(load_table(tmp_path / "accepted")["status"]) == ["pass"]
